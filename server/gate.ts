import "server-only";
import { headers } from "next/headers";
import { createContext } from "./context";
import { database } from "./database";
import { isFirstRun } from "./first-account";
import { refuseUnknownHost } from "./hosts";
import type { Me } from "./views";

/** Who opens a page: someone known, a visitor, the very first person here, or someone who asked under a name that is not ours. */
export type Visitor = { is: "known"; me: Me } | { is: "visitor" } | { is: "first" } | { is: "astray"; message: string };

/** Reads who opens the page from its request. */
export async function readVisitor(): Promise<Visitor> {
  const asked = await headers();
  const unknownHost = refuseUnknownHost(asked.get("host"));
  if (unknownHost) return { is: "astray", message: unknownHost.message };
  const { me } = await createContext({ headers: asked });
  if (me) return { is: "known", me };
  return { is: (await isFirstRun(database().prisma)) ? "first" : "visitor" };
}
