import "server-only";
import { TRPCError } from "@trpc/server";
import { openStatuses } from "@/flow/held-search";
import type { HeldKind } from "@/flow/holding";
import type { Db } from "../database";
import { inFlight } from "./held-sagas";
import { countOnShelf, findShelves, type Shelf } from "./held-shelves";

/** What is held of a flow and has not ended: how many, by version, the node that holds, where it stands, and where it rests. */
export interface HeldCount {
  version: number;
  kind: HeldKind;
  node: string;
  steps: readonly string[];
  count: number;
  /** The connection in whose Redis it rests; null: Postgres. */
  place: string | null;
}

/** `unseen`: why it is not all, in words. */
export interface InFlight {
  held: HeldCount[];
  unseen: string | null;
}

/** What a flow holds, in Postgres and where its deployed version holds; the newest versions first. */
export async function countInFlight(db: Db, environment: string, flowId: string): Promise<InFlight> {
  const rows = await db.$queryRaw<(Omit<HeldCount, "count" | "place"> & { count: bigint })[]>`
    SELECT version, kind, node, steps, count(*) AS count FROM "Held"
    WHERE environment = ${environment} AND "flowId" = ${flowId} AND ${inFlight}
    GROUP BY version, kind, node, steps`;
  const held: HeldCount[] = rows.map((row) => ({ ...row, count: Number(row.count), place: null }));
  let unseen: string | null = null;
  for (const shelf of await findShelves(db, environment, flowId)) {
    try {
      held.push(...(await countThere(environment, shelf, flowId)));
    } catch (error) {
      if (!(error instanceof TRPCError)) throw error;
      unseen = `What the flow holds rests in the Redis of \`${shelf.connection}\`, so what becomes of it cannot be told. ${error.message}`;
    }
  }
  return { held: held.sort((a, b) => b.version - a.version || a.node.localeCompare(b.node)), unseen };
}

async function countThere(environment: string, shelf: Shelf, flowId: string): Promise<HeldCount[]> {
  const counts = await countOnShelf(environment, shelf, flowId);
  return counts
    .filter(({ status, count }) => openStatuses.includes(status) && count > 0)
    .map(({ status, ...rest }) => ({
      ...rest,
      kind: status === "held" ? "message" : "saga",
      place: shelf.connection,
    }));
}

export const sum = (counts: readonly HeldCount[]) => counts.reduce((total, { count }) => total + count, 0);
