import "server-only";
import { Prisma } from "@/prisma/generated/client";
import { type Db, database } from "../database";
import type { SagaFilter, SagaGroup, SagaStatus, SagaSummary, SagasAtNode } from "../saga-views";
import { findFlow, findFlowNames } from "./find-flow";
import { inFlight, type SagaRow, sagaColumns, summarizeSaga, uuidPattern, whereSaga } from "./held-sagas";

/** A page of sagas, the newest first. */
export async function listSagas(
  environment: string,
  filter: SagaFilter,
): Promise<{ sagas: SagaSummary[]; more: boolean }> {
  const { prisma } = database();
  const limit = filter.limit ?? 50;
  const where = await whereSagas(prisma, environment, filter);
  const [rows, names] = await Promise.all([
    prisma.$queryRaw<SagaRow[]>`
      SELECT ${sagaColumns} FROM "Held" WHERE ${where} ORDER BY "createdAt" DESC, id DESC LIMIT ${limit + 1}`,
    findFlowNames(prisma),
  ]);
  return { sagas: rows.slice(0, limit).map((row) => summarizeSaga(row, names)), more: rows.length > limit };
}

/** How many there are, by flow, version and state; the newest versions first. */
export async function countSagas(environment: string, flow?: string): Promise<SagaGroup[]> {
  const { prisma } = database();
  const where = await whereSagas(prisma, environment, flow === undefined ? {} : { flow });
  const [rows, names] = await Promise.all([
    prisma.$queryRaw<{ flowId: string; version: number; status: SagaStatus; count: bigint; oldest: Date }[]>`
      SELECT "flowId", version, status, count(*) AS count, min("createdAt") AS oldest
      FROM "Held" WHERE ${where} GROUP BY "flowId", version, status ORDER BY version DESC, status`,
    findFlowNames(prisma),
  ]);
  return rows.map(({ flowId, count, ...group }) => ({
    ...group,
    flow: names.get(flowId) ?? flowId,
    count: Number(count),
  }));
}

/** How many of a flow's sagas stand at each node, the most first. */
export async function countSagasAtNodes(
  environment: string,
  input: { flow: string; version?: number },
): Promise<SagasAtNode[]> {
  const { prisma } = database();
  const where = await whereSagas(prisma, environment, input);
  const rows = await prisma.$queryRaw<{ node: string; status: SagaStatus; count: bigint }[]>`
    SELECT step AS node, status, count(*) AS count FROM "Held", unnest(steps) AS step
    WHERE ${where} AND ${inFlight} GROUP BY step, status ORDER BY count DESC, node LIMIT 500`;
  return rows.map(({ count, ...at }) => ({ ...at, count: Number(count) }));
}

async function whereSagas(db: Db, environment: string, filter: SagaFilter): Promise<Prisma.Sql> {
  const all = [whereSaga(environment)];
  if (filter.flow !== undefined) {
    all.push(Prisma.sql`"flowId" = ${(await findFlow(db, environment, filter.flow)).id}`);
  }
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
