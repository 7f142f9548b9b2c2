import "server-only";
import { defaultProject } from "@/flow/control";
import type { DeadLetter, Prisma } from "@/prisma/generated/client";
import { readHeaders } from "@/prisma/read-letter";
import { type Db, database } from "../database";
import { notFound } from "../refusal";
import type { DeadLetterCount, DeadLetterGroup, DeadLetterSummary, DeadLetterView } from "../views";
import { showBytes } from "./bytes";
import { describeRepeat } from "./describe-repeat";
import { findFlow, findFlowNames, findVersionDocument } from "./find-flow";

export interface DeadLetterFilter {
  flow?: string;
  state?: DeadLetterSummary["state"];
  fingerprint?: string;
  node?: string;
  before?: Date;
  beforeId?: string;
  limit?: number;
}

/** Without the bytes: a list must not load what it does not show. */
const summaryFields = {
  id: true,
  flowId: true,
  flow: true,
  version: true,
  node: true,
  causeCode: true,
  causeMessage: true,
  fingerprint: true,
  key: true,
  attempts: true,
  state: true,
  createdAt: true,
  failedAt: true,
  updatedAt: true,
  runId: true,
  lane: true,
  position: true,
  sends: true,
} as const satisfies Prisma.DeadLetterSelect;

type SummaryRow = Prisma.DeadLetterGetPayload<{ select: typeof summaryFields }>;

/** A page of dead letters, the newest first, with how many the filter finds in all. */
export async function listDeadLetters(
  environment: string,
  filter: DeadLetterFilter,
): Promise<{ items: DeadLetterSummary[]; more: boolean; total: number }> {
  const { prisma } = database();
  const where = await whereLetters(prisma, environment, filter);
  const limit = filter.limit ?? 50;
  const [rows, total, names] = await Promise.all([
    prisma.deadLetter.findMany({
      where: { AND: [where, whereBefore(filter)] },
      select: summaryFields,
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      take: limit + 1,
    }),
    prisma.deadLetter.count({ where }),
    findFlowNames(prisma),
  ]);
  return { items: rows.slice(0, limit).map((row) => summarize(row, names)), more: rows.length > limit, total };
}

/** Waiting dead letters by cause, the most first. */
export async function groupDeadLetters(environment: string, flowName?: string): Promise<DeadLetterGroup[]> {
  const { prisma } = database();
  const where = await whereLetters(prisma, environment, {
    state: "waiting",
    ...(flowName === undefined ? {} : { flow: flowName }),
  });
  const [groups, trends, names] = await Promise.all([
    prisma.deadLetter.groupBy({
      by: ["flowId", "flow", "node", "fingerprint", "causeCode"],
      where,
      _count: { _all: true },
      _min: { createdAt: true },
      _max: { createdAt: true, failedAt: true, causeMessage: true },
      orderBy: { _count: { id: "desc" } },
      take: 200,
    }),
    readTrends(prisma, environment),
    findFlowNames(prisma),
  ]);
  return groups.map((group) => ({
    trend: trends.get(`${group.flowId} ${group.node} ${group.fingerprint}`) ?? noTrend,
    fingerprint: group.fingerprint,
    flow: names.get(group.flowId) ?? group.flow,
    node: group.node,
    causeCode: group.causeCode,
    causeMessage: group._max.causeMessage ?? "",
    count: group._count._all,
    first: group._min.createdAt ?? new Date(0),
    last: group._max.failedAt ?? group._max.createdAt ?? new Date(0),
  }));
}

const trendHours = 24;
const noTrend: readonly number[] = new Array(trendHours).fill(0);

/** How many of those that wait came in each of the last 24 hours, the oldest hour first; by flow, node and cause. */
async function readTrends(db: Db, environment: string): Promise<Map<string, number[]>> {
  const rows = await db.$queryRaw<{ place: string; hour: number; count: bigint }[]>`
    SELECT "flowId" || ' ' || node || ' ' || fingerprint AS place,
           floor(extract(epoch FROM (now() AT TIME ZONE 'UTC') - "createdAt") / 3600)::int AS hour, count(*) AS count
    FROM "DeadLetter"
    WHERE environment = ${environment} AND state = 'waiting'
      AND "createdAt" > (now() AT TIME ZONE 'UTC') - make_interval(hours => ${trendHours}::int)
    GROUP BY 1, 2`;
  const trends = new Map<string, number[]>();
  for (const { place, hour, count } of rows) {
    const trend = trends.get(place) ?? [...noTrend];
    trends.set(place, trend);
    // A clock that is ahead counts as now.
    trend[trendHours - 1 - Math.min(trendHours - 1, Math.max(0, hour))]! += Number(count);
  }
  return trends;
}

/** How many are in each state, by flow. */
export async function countDeadLetters(environment: string, flowName?: string): Promise<DeadLetterCount[]> {
  const { prisma } = database();
  const where = await whereLetters(prisma, environment, flowName === undefined ? {} : { flow: flowName });
  const [rows, names] = await Promise.all([
    prisma.deadLetter.groupBy({ by: ["flowId", "flow", "state"], where, _count: { _all: true } }),
    findFlowNames(prisma),
  ]);
  return rows.map((row) => ({
    flow: names.get(row.flowId) ?? row.flow,
    state: row.state as DeadLetterCount["state"],
    count: row._count._all,
  }));
}

/** One dead letter with its message, and what sending it again does. */
export async function getDeadLetter(environment: string, id: string): Promise<DeadLetterView> {
  const { prisma } = database();
  const row = await prisma.deadLetter.findFirst({ where: { id, project: defaultProject, environment } });
  if (!row) throw notFound("dead letter", id);
  const [names, document] = await Promise.all([
    findFlowNames(prisma),
    findVersionDocument(prisma, row.flowId, row.version),
  ]);
  const { text, encoding } = showBytes(row.value);
  return {
    ...summarize(row, names),
    causeDetail: row.causeDetail,
    headers: readHeaders(row.headers).map(([name, bytes]) => [name, showBytes(bytes).text ?? ""]),
    value: text,
    encoding,
    edited: row.editedFor === null ? null : { ...readEdited(row.editedValue), target: readTarget(row.editedFor) },
    source: row.source,
    part: row.part,
    codec: row.codec,
    reason: row.reason,
    causes: (row.causes ?? []) as unknown as DeadLetterView["causes"],
    forward: readForward(row),
    traceId: row.traceId,
    repeat: document
      ? describeRepeat(document, row.node)
      : "The flow or its version is gone, so it cannot be sent again.",
  };
}

function readForward(row: DeadLetter): DeadLetterView["forward"] {
  const { forwardConnection: connection, forwardTo: to, forwardState, forwardCause: cause, forwardedAt: at } = row;
  if (connection === null || to === null) return null;
  return { connection, to, state: forwardState as NonNullable<DeadLetterView["forward"]>["state"], cause, at };
}

function readEdited(bytes: Uint8Array | null): Pick<DeadLetterView, "value" | "encoding"> {
  const { text, encoding } = showBytes(bytes);
  return { value: text, encoding };
}

const readTarget = (target: string): "node" | "source" => (target === "source" ? "source" : "node");

/** What SQL says of a filter but for its place in the list. */
export async function whereLetters(
  db: Db,
  environment: string,
  filter: Omit<DeadLetterFilter, "before" | "beforeId" | "limit">,
): Promise<Prisma.DeadLetterWhereInput> {
  return {
    project: defaultProject,
    environment,
    ...(filter.flow === undefined ? {} : { flowId: (await findFlow(db, environment, filter.flow)).id }),
    ...(filter.state === undefined ? {} : { state: filter.state }),
    ...(filter.fingerprint === undefined ? {} : { fingerprint: filter.fingerprint }),
    ...(filter.node === undefined ? {} : { node: filter.node }),
  };
}

/** Behind a place in a list of the newest first. */
export function whereBefore({ before, beforeId }: DeadLetterFilter): Prisma.DeadLetterWhereInput {
  if (!before) return {};
  if (!beforeId) return { createdAt: { lt: before } };
  return { createdAt: { lte: before }, OR: [{ createdAt: { lt: before } }, { id: { lt: beforeId } }] };
}

function summarize(row: SummaryRow | DeadLetter, names: ReadonlyMap<string, string>): DeadLetterSummary {
  const { id, version, node, causeCode, causeMessage, fingerprint, attempts, createdAt, updatedAt } = row;
  const { runId, lane, position, sends } = row;
  return {
    id,
    flow: names.get(row.flowId) ?? row.flow,
    version,
    node,
    causeCode,
    causeMessage,
    fingerprint,
    key: showBytes(row.key).text,
    attempts,
    state: row.state as DeadLetterSummary["state"],
    createdAt,
    failedAt: row.failedAt ?? createdAt,
    updatedAt,
    runId,
    lane,
    position,
    sends,
  };
}
