import "server-only";
import { defaultProject } from "@/flow/control";
import type { HeldCount, HeldSearch, HeldSummary } from "@/flow/held-search";
import type { Db } from "../database";
import { askWorkerOrRefuse } from "../worker-client";

/**
 * Where flows hold, or held, beside Postgres: in the Redis of a connection that one of their versions names (`settings.holding`), as what a
 * flow held stays where it is when it moves. Only workers have a client of it, so it is read by asking one; each of these refuses as
 * `askWorker` does when none lives.
 */
export interface Shelf {
  connection: string;
  /** Of the flows that hold there. */
  flowIds: string[];
}

/** The shelves of an environment, or the one of a flow. */
export async function findShelves(db: Db, environment: string, flowId?: string): Promise<Shelf[]> {
  const rows = await db.$queryRaw<{ flowId: string; connection: string }[]>`
    SELECT DISTINCT deployed."flowId", connection.name AS connection
    FROM "Deployment" AS deployed
    JOIN "FlowVersion" AS version ON version."flowId" = deployed."flowId"
    JOIN "Connection" AS connection ON connection.name = version.document #>> '{settings,holding,connection}'
    WHERE deployed.environment = ${environment} AND connection.environment = ${environment}
      AND connection.project = ${defaultProject}`;
  const shelves = new Map<string, Shelf>();
  for (const row of rows) {
    if (flowId !== undefined && row.flowId !== flowId) continue;
    const { connection } = row;
    if (!shelves.has(connection)) shelves.set(connection, { connection, flowIds: [] });
    shelves.get(connection)!.flowIds.push(row.flowId);
  }
  return [...shelves.values()];
}

/** As `HeldStore.list`, page after page, those that fit; looks at no more than some thousands. */
export async function listOnShelf(
  { connection }: Shelf,
  search: HeldSearch,
  fits: (row: HeldSummary) => boolean,
): Promise<HeldSummary[]> {
  const found: HeldSummary[] = [];
  let from = search.from;
  for (let pages = 0; pages < pagesMost && found.length < search.limit; pages++) {
    const asked = { ...search, limit: pageSize, ...(from === undefined ? {} : { from }) };
    const { rows, next } = await askWorkerOrRefuse(search.environment, "held-list", {
      connection,
      search: copy(asked),
    });
    found.push(...rows.filter(fits));
    if (next === null) break;
    from = next;
  }
  return found.slice(0, search.limit);
}
const pageSize = 200;
const pagesMost = 20;

/** `statuses` is a list that nobody changes; zod wants one of its own. */
function copy({ statuses, ...search }: HeldSearch) {
  return { ...search, ...(statuses ? { statuses: [...statuses] } : {}) };
}

/** As `HeldStore.read`: what is held with its content, those that are there. */
export async function readOnShelf(
  environment: string,
  { connection }: Shelf,
  ids: readonly string[],
): Promise<(HeldSummary & { content: Uint8Array })[]> {
  const rows = [];
  for (let from = 0; from < ids.length; from += readAtOnce) {
    const question = { connection, ids: ids.slice(from, from + readAtOnce) };
    rows.push(...(await askWorkerOrRefuse(environment, "held-read", question)).rows);
  }
  return rows
    .filter((row) => row.environment === environment)
    .map((row) => ({ ...row, content: Buffer.from(row.content, "base64") }));
}
const readAtOnce = 100;

/** As `HeldStore.count`. */
export async function countOnShelf(
  environment: string,
  { connection }: Shelf,
  flowId: string,
): Promise<readonly HeldCount[]> {
  return (await askWorkerOrRefuse(environment, "held-count", { connection, environment, flowId })).counts;
}
