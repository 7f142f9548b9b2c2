import "server-only";
import { TRPCError } from "@trpc/server";
import { type HeldSearch, type HeldSummary, writePlace } from "@/flow/held-search";
import { Prisma } from "@/prisma/generated/client";
import { type Db, database } from "../database";
import type { SagaCounts, SagaFilter, SagaGroup, SagaStatus, SagaSummary } from "../saga-views";
import { findFlow, findFlowNames } from "./find-flow";
import {
  makeSagaRow,
  readHeldSagas,
  type SagaRow,
  sagaColumns,
  summarizeSaga,
  uuidPattern,
  whereSaga,
} from "./held-sagas";
import { countOnShelf, findShelves, listOnShelf } from "./held-shelves";
import { readNodeTitles } from "./node-titles";

/**
 * A page of sagas, the newest first. `unseen`: why those that rest in a Redis could not be looked at; the page is without them then.
 */
export async function listSagas(
  environment: string,
  filter: SagaFilter,
): Promise<{ sagas: SagaSummary[]; more: boolean; unseen: string | null }> {
  const { prisma } = database();
  const limit = filter.limit ?? 50;
  const flowId = filter.flow === undefined ? undefined : (await findFlow(prisma, environment, filter.flow)).id;
  const [rows, elsewhere, names] = await Promise.all([
    prisma.$queryRaw<SagaRow[]>`
      SELECT ${sagaColumns} FROM "Held" WHERE ${whereSagas(environment, filter, flowId)}
      ORDER BY "createdAt" DESC, id DESC LIMIT ${limit + 1}`,
    listElsewhere(prisma, environment, filter, flowId, limit + 1),
    findFlowNames(prisma),
  ]);
  const all = [...rows, ...elsewhere.rows].sort(
    (a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1),
  );
  const page = all.slice(0, limit);
  const titlesOf = await readNodeTitles(prisma, page);
  return {
    sagas: page.map((row) => summarizeSaga(row, names, titlesOf(row.flowId, row.version))),
    more: all.length > limit,
    unseen: elsewhere.unseen,
  };
}

/** These, as they stand now, in no order; those that are there. @throws TRPCError when some rest in a Redis that cannot be asked */
export async function readSagas(environment: string, ids: readonly string[]): Promise<SagaSummary[]> {
  const { prisma } = database();
  const [rows, names] = await Promise.all([readHeldSagas(prisma, environment, ids), findFlowNames(prisma)]);
  const titlesOf = await readNodeTitles(prisma, rows);
  return rows.map((row) => summarizeSaga(row, names, titlesOf(row.flowId, row.version)));
}

/**
 * How many there are, by flow, version and state; the newest versions first. `unseen`: why those that rest in a Redis could not be counted.
 */
export async function countSagas(environment: string, flow?: string): Promise<SagaCounts> {
  const { prisma } = database();
  const flowId = flow === undefined ? undefined : (await findFlow(prisma, environment, flow)).id;
  const [rows, shelves, names] = await Promise.all([
    prisma.$queryRaw<{ flowId: string; version: number; status: SagaStatus; count: bigint }[]>`
      SELECT "flowId", version, status, count(*) AS count
      FROM "Held" WHERE ${whereSagas(environment, {}, flowId)} GROUP BY "flowId", version, status`,
    findShelves(prisma, environment, flowId),
    findFlowNames(prisma),
  ]);
  const groups = new Map<string, SagaGroup>();
  const add = (id: string, version: number, status: SagaStatus, count: number) => {
    const group = groups.get(`${id} ${version} ${status}`);
    if (group) group.count += count;
    else groups.set(`${id} ${version} ${status}`, { flow: names.get(id) ?? id, version, status, count });
  };
  for (const { flowId: id, version, status, count } of rows) add(id, version, status, Number(count));
  let unseen: string | null = null;
  for (const shelf of shelves) {
    try {
      for (const id of shelf.flowIds) {
        for (const { version, status, count } of await countOnShelf(environment, shelf, id))
          if (status !== "held") add(id, version, status, count);
      }
    } catch (error) {
      if (!(error instanceof TRPCError)) throw error;
      unseen = `Sagas that rest in the Redis of “${shelf.connection}” are not counted. ${error.message}`;
    }
  }
  const sorted = [...groups.values()].sort((a, b) => b.version - a.version || a.status.localeCompare(b.status));
  return { groups: sorted, unseen };
}

async function listElsewhere(
  db: Db,
  environment: string,
  filter: SagaFilter,
  flowId: string | undefined,
  limit: number,
): Promise<{ rows: SagaRow[]; unseen: string | null }> {
  const shelves = await findShelves(db, environment, flowId);
  const search = makeSearch(environment, filter, flowId, limit);
  try {
    const found = await Promise.all(shelves.map((shelf) => listOnShelf(shelf, search, (row) => fits(row, filter))));
    return { rows: found.flat().map(makeSagaRow), unseen: null };
  } catch (error) {
    if (!(error instanceof TRPCError)) throw error;
    const names = shelves.map(({ connection }) => `“${connection}”`).join(", ");
    return { rows: [], unseen: `Sagas that rest in the Redis of ${names} are not shown. ${error.message}` };
  }
}

function makeSearch(environment: string, filter: SagaFilter, flowId: string | undefined, limit: number): HeldSearch {
  const { status, key, step, startedAfter, startedBefore, before, beforeId } = filter;
  const ends = [startedBefore, beforeId === undefined ? before : undefined].flatMap((time) => time?.getTime() ?? []);
  return {
    environment,
    kind: "saga",
    limit,
    ...(flowId === undefined ? {} : { flowId }),
    ...(status?.length ? { statuses: status } : {}),
    ...(key ? { key } : {}),
    ...(step ? { step } : {}),
    // The store's own bound counts itself in.
    ...(startedAfter ? { since: startedAfter.getTime() + 1 } : {}),
    ...(ends.length > 0 ? { before: Math.min(...ends) } : {}),
    ...(before && beforeId !== undefined ? { from: writePlace({ createdAt: before.getTime(), id: beforeId }) } : {}),
  };
}

/** What a store does not look for by itself. */
function fits(row: HeldSummary, { version, text }: SagaFilter): boolean {
  if (version !== undefined && row.version !== version) return false;
  if (!text) return true;
  const named = row.key === text || row.id === text || row.traceId === text;
  return named || (row.error?.message.toLowerCase().includes(text.toLowerCase()) ?? false);
}

function whereSagas(environment: string, filter: SagaFilter, flowId: string | undefined): Prisma.Sql {
  const all = [whereSaga(environment)];
  if (flowId !== undefined) all.push(Prisma.sql`"flowId" = ${flowId}`);
  if (filter.status?.length) all.push(Prisma.sql`status = ANY(${filter.status})`);
  if (filter.version !== undefined) all.push(Prisma.sql`version = ${filter.version}`);
  if (filter.key) all.push(Prisma.sql`key = ${filter.key}`);
  if (filter.step) all.push(Prisma.sql`steps @> ARRAY[${filter.step}]::text[]`);
  if (filter.startedBefore) all.push(Prisma.sql`"createdAt" < ${filter.startedBefore}`);
  if (filter.startedAfter) all.push(Prisma.sql`"createdAt" > ${filter.startedAfter}`);
  if (filter.text) all.push(whereText(filter.text));
  if (filter.before) {
    all.push(
      filter.beforeId === undefined
        ? Prisma.sql`"createdAt" < ${filter.before}`
        : Prisma.sql`("createdAt", id) < (${filter.before}, ${filter.beforeId}::uuid)`,
    );
  }
  return Prisma.join(all, " AND ");
}

/** Words of what went wrong, or what a person would copy from the list. */
function whereText(text: string): Prisma.Sql {
  const words = `%${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  const own = uuidPattern.test(text) ? Prisma.sql` OR id = ${text}::uuid` : Prisma.empty;
  return Prisma.sql`(key = ${text} OR "traceId" = ${text} OR "errorMessage" ILIKE ${words}${own})`;
}
