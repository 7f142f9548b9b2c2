import "server-only";
import { createDatabase, type Database } from "@/prisma/client";
import type { Prisma, PrismaClient } from "@/prisma/generated/client";
import { readEnv } from "./env";

/** Inside a transaction or outside. */
export type Db = PrismaClient | Prisma.TransactionClient;

// On globalThis because a development server evaluates modules anew with each change and would open a pool each time.
const held = globalThis as typeof globalThis & { millraceDatabase?: Database };

/** The one database of this process. */
export function database(): Database {
  held.millraceDatabase ??= createDatabase(readEnv().DATABASE_URL, { applicationName: "millrace-web" });
  return held.millraceDatabase;
}

/** The database's time in milliseconds. Heartbeats are written by its clock, so they are judged by it: that of this machine may differ. */
export async function readClock(db: Db): Promise<number> {
  const [row] = await db.$queryRaw<{ at: number }[]>`SELECT (extract(epoch FROM now()) * 1000)::float8 AS at`;
  return row!.at;
}
