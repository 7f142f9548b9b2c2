import "server-only";
import { controlChannel } from "@/flow/control";
import type { Db } from "../database";

/** Wakes the workers when the transaction commits; one that misses it finds the change by its poll. */
export async function notifyWorkers(
  db: Db,
  about: "deployment" | "connection" | "redrive" | "recording",
): Promise<void> {
  await db.$executeRaw`SELECT pg_notify(${controlChannel}, ${about})`;
}
