import "server-only";
import { defaultRetry, type FlowDocument } from "@/flow/document";
import { Prisma } from "@/prisma/generated/client";
import { type Actor, recordAudit } from "../audit";
import { type Db, database } from "../database";
import type { ParkedGroup, ParkedSummary } from "../views";
import { showBytes } from "./bytes";
import { findFlow, findFlowNames, findVersionDocument } from "./find-flow";

export interface ParkedFilter {
  flow?: string;
  node?: string;
  /** Whole; with the flows in which it is not looked for, as they hide something from who asks. */
  key?: string;
  notOf?: string[];
  /** How many to pass over: what waits is a queue that is read from its front. */
  offset?: number;
  limit?: number;
}

/** Which: some by id, or all of a flow (and node). */
export interface ParkedChoice {
  ids?: string[];
  flow?: string;
  node?: string;
}

interface ParkedRow {
  id: string;
  flowId: string;
  node: string;
  lane: string;
  position: string;
  key: Uint8Array | null;
  causeCode: string;
  causeMessage: string;
  attempts: number;
  dueAt: Date | null;
  runId: string | null;
  giveUp: boolean;
  createdAt: Date;
  before: bigint;
  headId: string;
}

/** A page of the messages that wait for a later try, in the order in which they came: those of a key follow their first. */
export async function listParked(
  environment: string,
  filter: ParkedFilter,
): Promise<{ items: ParkedSummary[]; more: boolean; total: number }> {
  const { prisma } = database();
  const where = await whereParked(prisma, environment, filter);
  // What a message waits behind may have another key.
  const whereKey = filter.key === undefined ? Prisma.sql`true` : Prisma.sql`key = ${Buffer.from(filter.key)}`;
  const limit = filter.limit ?? 50;
  const [rows, [counted], names] = await Promise.all([
    prisma.$queryRaw<ParkedRow[]>`
      SELECT * FROM (
        SELECT id, "flowId", node, lane, position, key, "causeCode", "causeMessage", attempts, "dueAt", "runId", "giveUp", "createdAt", seq,
          row_number() OVER own - 1 AS before, first_value(id) OVER own AS "headId", first_value(seq) OVER own AS "headSeq"
        FROM "Parked" WHERE ${where}
        WINDOW own AS (PARTITION BY "flowId", source, lane, node, "orderKey" ORDER BY seq)
      ) AS waiting
      WHERE ${whereKey}
      ORDER BY "headSeq", seq
      LIMIT ${limit + 1} OFFSET ${filter.offset ?? 0}`,
    prisma.$queryRaw<{ count: bigint }[]>`SELECT count(*) AS count FROM "Parked" WHERE ${where} AND ${whereKey}`,
    findFlowNames(prisma),
  ]);
  const shown = rows.slice(0, limit);
  const running = await findRunning(prisma, environment, new Set(shown.map(({ flowId }) => flowId)));
  const items = shown.map((row) => summarize(row, names, running));
  return { items, more: rows.length > limit, total: Number(counted!.count) };
}

/** How many wait, by flow and node, the most first. */
export async function groupParked(environment: string, flow?: string): Promise<ParkedGroup[]> {
  const { prisma } = database();
  const flowId = flow === undefined ? undefined : (await findFlow(prisma, environment, flow)).id;
  const [groups, names] = await Promise.all([
    prisma.parked.groupBy({
      by: ["flowId", "node"],
      where: { environment, ...(flowId === undefined ? {} : { flowId }) },
      _count: { _all: true },
      _min: { dueAt: true, createdAt: true },
      orderBy: { _count: { id: "desc" } },
      take: 200,
    }),
    findFlowNames(prisma),
  ]);
  return groups.map((group) => ({
    flow: names.get(group.flowId) ?? group.flowId,
    node: group.node,
    count: group._count._all,
    next: group._min.dueAt,
    since: group._min.createdAt ?? new Date(0),
  }));
}

/**
 * Makes messages due at once. One behind others of its key can only follow them, so the first of its key is what becomes due. What a worker
 * has in hand is due already and stays as it is.
 */
export async function tryParkedNow(actor: Actor, choice: ParkedChoice): Promise<{ due: number }> {
  return database().prisma.$transaction(async (tx) => {
    const chosen = await whereChosen(tx, actor.environment, choice);
    const due = await tx.$executeRaw`
      UPDATE "Parked" SET "dueAt" = now() AT TIME ZONE 'UTC'
      WHERE environment = ${actor.environment} AND "dueAt" > now() AT TIME ZONE 'UTC' AND NOT "giveUp"
        AND ("flowId", source, lane, node, "orderKey") IN (
          SELECT "flowId", source, lane, node, "orderKey" FROM "Parked" WHERE ${chosen})`;
    await recordAudit(tx, actor, "parked.retry", describe(choice), { count: due });
    return { due };
  });
}

/**
 * Asks that messages be tried no more. Only the worker that has their lane knows which of them it is trying: it makes dead letters of the
 * others, and of those as soon as their try has failed.
 */
export async function giveUpParked(actor: Actor, choice: ParkedChoice): Promise<{ givenUp: number }> {
  return database().prisma.$transaction(async (tx) => {
    const chosen = await whereChosen(tx, actor.environment, choice);
    const givenUp = await tx.$executeRaw`UPDATE "Parked" SET "giveUp" = true WHERE ${chosen} AND NOT "giveUp"`;
    await recordAudit(tx, actor, "parked.give-up", describe(choice), { count: givenUp });
    return { givenUp };
  });
}

const describe = ({ ids, flow, node }: ParkedChoice) =>
  ids ? `${ids.length} by id` : node === undefined ? (flow ?? "") : `${flow} ${node}`;

async function whereParked(db: Db, environment: string, { flow, node, notOf }: ParkedFilter): Promise<Prisma.Sql> {
  const parts = [Prisma.sql`environment = ${environment}`];
  if (flow !== undefined) parts.push(Prisma.sql`"flowId" = ${(await findFlow(db, environment, flow)).id}`);
  if (node !== undefined) parts.push(Prisma.sql`node = ${node}`);
  if (notOf?.length) parts.push(Prisma.sql`NOT "flowId" = ANY(${notOf})`);
  return Prisma.join(parts, " AND ");
}

async function whereChosen(db: Db, environment: string, { ids, ...filter }: ParkedChoice): Promise<Prisma.Sql> {
  const where = await whereParked(db, environment, filter);
  return ids ? Prisma.sql`${where} AND id = ANY(${ids})` : where;
}

interface Running {
  document: FlowDocument | null;
  runs: boolean;
}

/** What is deployed of flows: its rule decides about the next try. */
async function findRunning(db: Db, environment: string, flowIds: ReadonlySet<string>): Promise<Map<string, Running>> {
  const deployments = await db.deployment.findMany({ where: { environment, flowId: { in: [...flowIds] } } });
  return new Map(
    await Promise.all(
      deployments.map(async ({ flowId, version, desired }): Promise<[string, Running]> => {
        const document = await findVersionDocument(db, flowId, version);
        return [flowId, { document, runs: desired === "running" }];
      }),
    ),
  );
}

function summarize(
  row: ParkedRow,
  names: ReadonlyMap<string, string>,
  running: ReadonlyMap<string, Running>,
): ParkedSummary {
  const { id, flowId, node, lane, position, causeCode, causeMessage, attempts, dueAt, runId, giveUp, createdAt } = row;
  const deployed = running.get(flowId);
  const drawn = deployed?.document?.nodes.find((each) => each.id === node);
  const before = Number(row.before);
  return {
    id,
    flow: names.get(flowId) ?? flowId,
    node,
    lane,
    position,
    key: showBytes(row.key).text,
    causeCode,
    causeMessage,
    attempts,
    ofAttempts: drawn ? (drawn.retry ?? defaultRetry).attempts : null,
    dueAt,
    behind: before === 0 ? null : { id: row.headId, count: before },
    givenUp: giveUp,
    runs: deployed?.runs ?? false,
    runId,
    createdAt,
  };
}
