import "server-only";
import { defaultProject, type Payload, type RunDetail, type RunState } from "@/flow/control";
import { flowFormat } from "@/flow/document";
import { runHeader } from "@/flow/resent";
import { readRunSearch } from "@/flow/run-search";
import type { Prisma } from "@/prisma/generated/client";
import { unpackRunDetail } from "@/prisma/run-detail";
import { type Db, database } from "../database";
import { notFound } from "../refusal";
import type {
  DeadLetterSummary,
  FoundElsewhere,
  NodeMessage,
  RunDrawingState,
  RunFilter,
  RunSummary,
  RunView,
} from "../views";
import { findFlow, findFlowNames, readStored } from "./find-flow";
import { readAllMasked, type Viewer } from "./masks";
import { searchRuns } from "./search-runs";
import { listSentAgain } from "./sent-again";
import { settle, tellSettled } from "./settled-runs";

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

export type RunRow = Prisma.RunGetPayload<{ select: typeof runSummaryFields }>;

export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A stored run as lists show it; `names` are the flows' present names by id. */
export function summarizeRun({ flowId, state, flow, ...row }: RunRow, names: ReadonlyMap<string, string>): RunSummary {
  return { ...row, flow: names.get(flowId) ?? flow, state: state as RunState };
}

/** A page of runs, the newest first. */
export async function listRuns(viewer: Viewer, filter: RunFilter): Promise<{ runs: RunSummary[]; more: boolean }> {
  const { prisma } = database();
  const limit = filter.limit ?? 50;
  const where = await whereRuns(prisma, viewer, filter);
  const { text } = filter;
  const found = text
    ? await searchRuns(viewer, { ...filter, text }, where, limit + 1)
    : await readRuns(where, limit + 1).then((rows) => rows.map((row) => ({ row })));
  const names = await findFlowNames(prisma);
  const shown = found.slice(0, limit).map(({ row, ...foundBy }) => ({ ...summarizeRun(row, names), ...foundBy }));
  return { runs: await tellSettled(prisma, viewer.environment, shown), more: found.length > limit };
}

/** The newest runs of a condition. */
export function readRuns(where: Prisma.RunWhereInput, limit: number): Promise<RunRow[]> {
  return database().prisma.run.findMany({
    where,
    select: runSummaryFields,
    orderBy: [{ startedAt: "desc" }, { id: "desc" }],
    take: limit,
  });
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
  const [version, related, deadLetters, tries, sentAgain, names] = await Promise.all([
    prisma.flowVersion.findUnique({
      where: { flowId_number: { flowId: row.flowId, number: row.version } },
      select: { document: true },
    }),
    prisma.run.findMany({
      where: { environment, traceId: row.traceId, id: { not: id } },
      select: runSummaryFields,
      orderBy: { startedAt: "asc" },
      take: 50,
    }),
    prisma.deadLetter.findMany({ where: { environment, runId: id }, select: { id: true, state: true } }),
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
    listSentAgain(prisma, environment, row),
    findFlowNames(prisma),
  ]);
  const kept = unpackRunDetail(detail);
  const others = [...related, ...tries].map((run) => summarizeRun(run, names));
  const told = await tellSettled(prisma, environment, others);
  const document = version && readStored(version.document);
  return {
    ...summarizeRun(summary, names),
    settled: summary.state === "dead" ? settle(deadLetters.map(({ state }) => state)) : undefined,
    drawing: describeDrawing(names.has(row.flowId), version !== null, document !== null),
    // A deleted flow leaves its runs: then there is no drawing, and the steps still tell what happened.
    document: document ?? { format: flowFormat, name: row.flow, nodes: [], edges: [] },
    detail: kept,
    from: findRunBefore(kept),
    sentAgain,
    related: told.slice(0, related.length),
    deadLetters: deadLetters.map(({ id, state }) => ({ id, state: state as DeadLetterSummary["state"] })),
    tries: told.slice(related.length),
    masked: [],
  };
}

/** The run that its message was sent again from. */
function findRunBefore({ payloads: [first] }: RunDetail): string | null {
  const id = first?.headers.find(([name]) => name.toLowerCase() === runHeader)?.[1];
  return id !== undefined && uuidPattern.test(id) ? id : null;
}

function describeDrawing(hasFlow: boolean, hasVersion: boolean, isRead: boolean): RunDrawingState {
  if (!hasFlow) return "flow-deleted";
  if (!hasVersion) return "version-missing";
  return isRead ? "there" : "version-unreadable";
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
    .filter((step) => step.node === node && !step.unkept)
    .map((step) => ({
      runId: row.id,
      at: new Date(row.startedAt.getTime() + step.startMs),
      key: payloads[step.in ?? -1]?.key ?? row.key,
      in: step.in === null ? null : showPayload(payloads[step.in]),
      out: step.out.map(({ port, payload }) => ({ port, value: showPayload(payloads[payload ?? -1]) })),
      state: step.state,
      error: step.cause?.message ?? null,
      durationMs: step.durationMs,
    }));
}

function showPayload(payload: Payload | undefined): string | null {
  return payload?.value ?? null;
}

/** All that a filter asks for but its text. */
async function whereRuns(db: Db, viewer: Viewer, filter: RunFilter): Promise<Prisma.RunWhereInput> {
  const { environment } = viewer;
  const all: Prisma.RunWhereInput[] = [{ project: defaultProject, environment }];
  if (filter.flow !== undefined) all.push({ flowId: (await findFlow(db, environment, filter.flow)).id });
  if (filter.state?.length) all.push({ state: { in: filter.state } });
  if (filter.version !== undefined) all.push({ version: filter.version });
  if (filter.node) all.push({ OR: [{ errorNode: filter.node }, { source: filter.node }] });
  if (filter.key) all.push({ key: filter.key });
  if (filter.traceId) all.push({ traceId: filter.traceId });
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
