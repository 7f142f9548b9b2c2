import "server-only";
import { headers } from "next/headers";
import { createContext } from "./context";
import { database } from "./database";
import { isFirstRun } from "./first-account";
import type { Me } from "./views";

/** Who opens a page: someone known, a visitor, or the very first person here. */
export type Visitor = { is: "known"; me: Me } | { is: "visitor" } | { is: "first" };

/** Reads who opens the page from its request. */
export async function readVisitor(): Promise<Visitor> {
  const { me } = await createContext({ headers: await headers() });
  if (me) return { is: "known", me };
  return { is: (await isFirstRun(database().prisma)) ? "first" : "visitor" };
}
