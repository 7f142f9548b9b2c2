import "server-only";
import { defaultProject, type Payload, type RunState } from "@/flow/control";
import { flowFormat } from "@/flow/document";
import { type RunSearch, readRunSearch } from "@/flow/run-search";
import { searchableText } from "@/flow/searchable";
import type { Prisma } from "@/prisma/generated/client";
import { unpackRunDetail } from "@/prisma/run-detail";
import { type Db, database } from "../database";
import { notFound } from "../refusal";
import type { FoundElsewhere, NodeMessage, RunFilter, RunSummary, RunView } from "../views";
import { describeRepeat } from "./describe-repeat";
import { findFlow, findFlowNames, findVersionDocument } from "./find-flow";
import { whereValuesSeen } from "./masking";
import { readAllMasked, type Viewer } from "./masks";

/** All of a run but its packed steps. */
export const runSummaryFields = {
  id: true,
  flow: true,
  flowId: true,
  version: true,
  state: true,
  key: true,
  source: true,
  lane: true,
  position: true,
  startedAt: true,
  durationMs: true,
  attempts: true,
  traceId: true,
  workerId: true,
  errorNode: true,
  error: true,
} as const satisfies Prisma.RunSelect;

type RunRow = Prisma.RunGetPayload<{ select: typeof runSummaryFields }>;

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A stored run as lists show it; `names` are the flows' present names by id. */
export function summarizeRun({ flowId, state, flow, ...row }: RunRow, names: ReadonlyMap<string, string>): RunSummary {
  return { ...row, flow: names.get(flowId) ?? flow, state: state as RunState };
}

/** A page of runs, the newest first. */
export async function listRuns(viewer: Viewer, filter: RunFilter): Promise<{ runs: RunSummary[]; more: boolean }> {
  const { prisma } = database();
  const limit = filter.limit ?? 50;
  const rows = await prisma.run.findMany({
    where: await whereRuns(prisma, viewer, filter),
    select: runSummaryFields,
    orderBy: [{ startedAt: "desc" }, { id: "desc" }],
    take: limit + 1,
  });
  const names = await findFlowNames(prisma);
  return { runs: rows.slice(0, limit).map((row) => summarizeRun(row, names)), more: rows.length > limit };
}

/** Dead letters of one key are counted up to here. */
const mostLetters = 1_000;

/**
 * What beside runs bears a text as its key: sagas, dead letters and parked messages that wait. Of flows that mask something from this
 * person nothing is told: a count would tell that the text is somebody's.
 */
export async function findElsewhere(viewer: Viewer, typed: string): Promise<FoundElsewhere> {
  const search = readRunSearch(typed);
  const text = search.is === "value" ? search.value : typed.trim();
  const { prisma } = database();
  const { environment } = viewer;
  const hidden = [...(await readAllMasked(prisma, viewer)).keys()];
  const seen = hidden.length > 0 ? { flowId: { notIn: hidden } } : {};
  const key = Buffer.from(text);
  const [sagas, deadLetters, parked] = await Promise.all([
    prisma.held.count({ where: { environment, kind: "saga", key: text, ...seen } }),
    prisma.deadLetter.findMany({
      where: { environment, state: "waiting", key, ...seen },
      select: { id: true },
      orderBy: { createdAt: "desc" },
      take: mostLetters,
    }),
    prisma.parked.count({ where: { environment, key, ...seen } }),
  ]);
  return { sagas, deadLetters: deadLetters.length, deadLetter: deadLetters[0]?.id ?? null, parked };
}

/** One run with its steps, the drawing of its version, and what the same trace did elsewhere. */
export async function getRun(environment: string, id: string): Promise<RunView> {
  const { prisma } = database();
  const row = uuidPattern.test(id)
    ? await prisma.run.findFirst({
        where: { id, project: defaultProject, environment },
        select: { ...runSummaryFields, detail: true },
      })
    : null;
  if (!row) throw notFound("run", id);
  const { detail, ...summary } = row;
  const [document, related, deadLetters, tries, names] = await Promise.all([
    findVersionDocument(prisma, row.flowId, row.version),
    prisma.run.findMany({
      where: { environment, traceId: row.traceId, id: { not: id } },
      select: runSummaryFields,
      orderBy: { startedAt: "asc" },
      take: 50,
    }),
    prisma.deadLetter.findMany({ where: { environment, runId: id }, select: { id: true } }),
    prisma.run.findMany({
      where: {
        environment,
        flowId: row.flowId,
        position: row.position,
        lane: row.lane,
        source: row.source,
        id: { not: id },
      },
      select: runSummaryFields,
      orderBy: { startedAt: "asc" },
      take: 50,
    }),
    findFlowNames(prisma),
  ]);
  return {
    ...summarizeRun(summary, names),
    // A deleted flow leaves its runs: then there is no drawing, and the steps still tell what happened.
    document: document ?? { format: flowFormat, name: row.flow, nodes: [], edges: [] },
    repeat: document ? describeRepeat(document, row.source) : null,
    detail: unpackRunDetail(detail),
    related: related.map((run) => summarizeRun(run, names)),
    deadLetterIds: deadLetters.map((letter) => letter.id),
    tries: tries.map((run) => summarizeRun(run, names)),
  };
}

/** How many of a flow's newest runs are opened to find the messages of one node, and how many at once. */
const openedRuns = 120;
const openedAtOnce = 30;

/** The last messages that passed a node, the newest first. */
export async function listNodeMessages(
  environment: string,
  input: { flow: string; node: string; limit?: number },
): Promise<NodeMessage[]> {
  const { prisma } = database();
  const flow = await findFlow(prisma, environment, input.flow);
  const limit = input.limit ?? 20;
  const messages: NodeMessage[] = [];
  let before: Prisma.RunWhereInput = {};
  for (let opened = 0; opened < openedRuns && messages.length < limit; opened += openedAtOnce) {
    const rows = await prisma.run.findMany({
      where: { AND: [{ environment, flowId: flow.id }, before] },
      select: { id: true, startedAt: true, key: true, detail: true },
      orderBy: [{ startedAt: "desc" }, { id: "desc" }],
      take: openedAtOnce,
    });
    for (const row of rows) messages.push(...readNodeMessages(row, input.node));
    const last = rows.at(-1);
    if (!last || rows.length < openedAtOnce) break;
    before = whereBefore(last.startedAt, last.id);
  }
  return messages.slice(0, limit);
}

function readNodeMessages(
  row: { id: string; startedAt: Date; key: string | null; detail: Uint8Array },
  node: string,
): NodeMessage[] {
  const { steps, payloads } = unpackRunDetail(row.detail);
  return steps
    .filter((step) => step.node === node)
    .map((step) => ({
      runId: row.id,
      at: new Date(row.startedAt.getTime() + step.startMs),
      key: payloads[step.in ?? -1]?.key ?? row.key,
      in: step.in === null ? null : showPayload(payloads[step.in]),
      out: step.out.map(({ port, payload }) => ({ port, value: showPayload(payloads[payload]) })),
      state: step.state,
      error: step.cause?.message ?? null,
      durationMs: step.durationMs,
    }));
}

function showPayload(payload: Payload | undefined): string | null {
  return payload?.value ?? null;
}

async function whereRuns(db: Db, viewer: Viewer, filter: RunFilter): Promise<Prisma.RunWhereInput> {
  const { environment } = viewer;
  const all: Prisma.RunWhereInput[] = [{ project: defaultProject, environment }];
  if (filter.flow !== undefined) all.push({ flowId: (await findFlow(db, environment, filter.flow)).id });
  if (filter.state?.length) all.push({ state: { in: filter.state } });
  if (filter.version !== undefined) all.push({ version: filter.version });
  if (filter.node) all.push({ OR: [{ errorNode: filter.node }, { source: filter.node }] });
  if (filter.key) all.push({ key: filter.key });
  if (filter.traceId) all.push({ traceId: filter.traceId });
  if (filter.text) all.push(await whereText(db, viewer, filter.text));
  if (filter.since) all.push({ startedAt: { gte: filter.since } });
  if (filter.until) all.push({ startedAt: { lt: filter.until } });
  if (filter.longerMs !== undefined) all.push({ durationMs: { gte: filter.longerMs } });
  if (filter.attempts !== undefined) all.push({ attempts: { gte: filter.attempts } });
  if (filter.before) all.push(whereBefore(filter.before, filter.beforeId));
  return { AND: all };
}

/** What comes behind a run in a list with the newest first. */
function whereBefore(startedAt: Date, id: string | undefined): Prisma.RunWhereInput {
  if (id === undefined) return { startedAt: { lt: startedAt } };
  // The bound by itself lets the index begin there; with the alternatives alone all newer runs are read again for each page.
  return { startedAt: { lte: startedAt }, OR: [{ startedAt: { lt: startedAt } }, { id: { lt: id } }] };
}

function wherePlace({ lanes, position }: RunSearch & { is: "place" }): Prisma.RunWhereInput {
  const places = lanes.flatMap((lane): Prisma.RunWhereInput[] => {
    // Of a node that each worker reads for itself, the lane carries a name of the worker's own behind the topic.
    const [topic = "", partition] = lane.split(/\/(?=\d+$)/);
    const own = partition === undefined ? [] : [{ lane: { startsWith: topic, endsWith: `/${partition}` } }];
    return [{ lane }, ...own];
  });
  return { position, OR: places };
}

/**
 * Searches what a person would copy from the list: key, place, position, trace, id and the values that runs are found by, each whole, by
 * an index each; and the words of errors, for which the runs that failed are read, the newest first.
 */
async function whereText(db: Db, viewer: Viewer, typed: string): Promise<Prisma.RunWhereInput> {
  const search = readRunSearch(typed);
  if (search.is === "trace") return { traceId: search.traceId };
  const text = search.is === "words" ? search.text : typed.trim();
  const value = search.is === "value" ? search.value : text;
  const names = search.is === "value" ? [{ name: { in: [search.name, `body.${search.name}`] } }] : [];
  const valued = await db.runValue.findMany({
    where: { AND: [{ value: searchableText(value) ?? value }, ...names, (await whereValuesSeen(viewer)) ?? {}] },
    select: { runId: true },
    orderBy: { startedAt: "desc" },
    take: 500,
  });
  return {
    OR: [
      ...(search.is === "place" ? [wherePlace(search)] : []),
      { key: text },
      { state: { in: ["failed", "dead"] }, error: { contains: text, mode: "insensitive" } },
      { traceId: text },
      { position: text },
      ...(uuidPattern.test(text) ? [{ id: text }] : []),
      ...(valued.length > 0 ? [{ id: { in: valued.map((value) => value.runId) } }] : []),
    ],
  };
}
