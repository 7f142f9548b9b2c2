import "server-only";
import { defaultProject } from "@/flow/control";
import { type LetterBytes, readForTarget } from "@/flow/letter-scope";
import type { DeadLetter, Prisma } from "@/prisma/generated/client";
import { sentFromRun } from "@/prisma/queue-from-run";
import { readLetter } from "@/prisma/read-letter";
import { type Db, database } from "../database";
import { notFound } from "../refusal";
import type { DeadLetterCount, DeadLetterGroup, DeadLetterSummary, DeadLetterView, MessageView } from "../views";
import { showBeginning, showBytes, showHeaders, shownBytes } from "./bytes";
import { describeLetterRepeat } from "./describe-again";
import { findFlow, findFlowNames } from "./find-flow";
import { readLetterGroups } from "./letter-groups";
import { describeSent } from "./letter-sent";
import { type LetterTitles, readLetterTitles } from "./letter-titles";

/** Not settled: given up, or on its way once more. */
export const openStates = ["waiting", "queued", "sending"] as const satisfies readonly DeadLetterSummary["state"][];

export interface DeadLetterFilter {
  flow?: string;
  /** `open`: all that are not settled. */
  state?: DeadLetterSummary["state"] | "open";
  fingerprint?: string;
  node?: string;
  version?: number;
  /** Those of this redrive, whatever became of them. */
  redrive?: string;
  /** Failed within so many hours. */
  hours?: number;
  /** The whole key, or a part of the words of the cause. */
  text?: string;
  /** This one alone. */
  id?: string;
  /** Whole; with the flows in which it is not looked for, as they hide something from who asks. */
  key?: string;
  notOf?: string[];
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
  const [rows, total] = await Promise.all([
    prisma.deadLetter.findMany({
      where: { AND: [where, whereBefore(filter)] },
      select: summaryFields,
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      take: limit + 1,
    }),
    prisma.deadLetter.count({ where }),
  ]);
  const items = rows.slice(0, limit);
  const titles = await readLetterTitles(prisma, items);
  return { items: items.map((row) => summarize(row, titles)), more: rows.length > limit, total };
}

/** Open dead letters by cause, the most first. */
export async function groupDeadLetters(environment: string, flowName?: string): Promise<DeadLetterGroup[]> {
  const { prisma } = database();
  const where = await whereLetters(prisma, environment, {
    state: "open",
    ...(flowName === undefined ? {} : { flow: flowName }),
  });
  return readLetterGroups(prisma, environment, where);
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
  const row = await prisma.deadLetter.findFirst({
    where: { id, project: defaultProject, environment },
    omit: { value: true, editedValue: true, sourceValue: true },
  });
  if (!row) throw notFound("dead letter", id);
  const [titles, repeat, values, sent] = await Promise.all([
    readLetterTitles(prisma, [row]),
    describeLetterRepeat(prisma, environment, row),
    readBeginnings(prisma, id),
    describeSent(prisma, row),
  ]);
  const letter = readLetter({ ...row, value: values.value, sourceValue: values.original, editedValue: values.edited });
  const { original, edited } = letter;
  return {
    ...summarize(row, titles),
    ...sent,
    causeDetail: row.causeDetail,
    ...showMessage(letter, values.size),
    bytes: values.size,
    original: original ? showMessage(original, values.originalSize) : null,
    edited: edited
      ? { ...showMessage(readForTarget(letter, edited.target), values.editedSize), target: edited.target }
      : null,
    source: row.source,
    part: row.part,
    codec: row.codec,
    reason: row.reason,
    discarded: row.discardedBy && row.discardedAt ? { by: row.discardedBy, at: row.discardedAt } : null,
    causes: (row.causes ?? []) as unknown as DeadLetterView["causes"],
    forward: readForward(row),
    traceId: row.traceId,
    repeat,
    masked: [],
  };
}

interface Beginnings {
  value: Uint8Array<ArrayBuffer> | null;
  size: number;
  original: Uint8Array<ArrayBuffer> | null;
  originalSize: number;
  edited: Uint8Array<ArrayBuffer> | null;
  editedSize: number;
}

/** What is shown of the values, which may have tens of megabytes, and how large they are. */
async function readBeginnings(db: Db, id: string): Promise<Beginnings> {
  const [row] = await db.$queryRaw<Beginnings[]>`
    SELECT substring(value FOR ${shownBytes}::int) AS value, coalesce(octet_length(value), 0) AS size,
      substring("sourceValue" FOR ${shownBytes}::int) AS original, coalesce(octet_length("sourceValue"), 0) AS "originalSize",
      substring("editedValue" FOR ${shownBytes}::int) AS edited, coalesce(octet_length("editedValue"), 0) AS "editedSize"
    FROM "DeadLetter" WHERE id = ${id}`;
  return row ?? { value: null, size: 0, original: null, originalSize: 0, edited: null, editedSize: 0 };
}

function readForward(row: Pick<DeadLetter, `forward${string}` & keyof DeadLetter>): DeadLetterView["forward"] {
  const { forwardConnection: connection, forwardTo: to, forwardState, forwardCause: cause, forwardedAt: at } = row;
  if (connection === null || to === null) return null;
  return { connection, to, state: forwardState as NonNullable<DeadLetterView["forward"]>["state"], cause, at };
}

/** @param size of the value, of which the beginning is given */
function showMessage({ key, value, headers }: LetterBytes, size: number): MessageView {
  const { text, ...shown } = showBeginning(value, size);
  return { key: showBytes(key).text, headers: showHeaders(headers), value: text, ...shown };
}

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
    ...(filter.state === undefined ? {} : { state: filter.state === "open" ? { in: [...openStates] } : filter.state }),
    ...(filter.fingerprint === undefined ? {} : { fingerprint: filter.fingerprint }),
    ...(filter.node === undefined ? {} : { node: filter.node }),
    ...(filter.version === undefined ? {} : { version: filter.version }),
    ...(filter.redrive === undefined ? {} : { redriveId: filter.redrive }),
    ...(filter.id === undefined ? {} : { id: filter.id }),
    ...(filter.key === undefined ? {} : { key: Buffer.from(filter.key) }),
    ...(filter.notOf?.length ? { NOT: { flowId: { in: filter.notOf } } } : {}),
    AND: [...whereSince(filter.hours), ...whereText(filter.text), ...whereFailed(filter)],
  };
}

/** What a person sent from a step of a run goes the way of a dead letter, and is none as long as it does not fail. Who asks for it by name finds it. */
function whereFailed({ id, redrive }: Pick<DeadLetterFilter, "id" | "redrive">): Prisma.DeadLetterWhereInput[] {
  if (id !== undefined || redrive !== undefined) return [];
  return [{ NOT: { state: "sent", causeCode: sentFromRun } }];
}

function whereSince(hours: number | undefined): Prisma.DeadLetterWhereInput[] {
  if (hours === undefined) return [];
  const since = { gte: new Date(Date.now() - hours * 3_600_000) };
  return [{ OR: [{ failedAt: since }, { failedAt: null, createdAt: since }] }];
}

function whereText(text: string | undefined): Prisma.DeadLetterWhereInput[] {
  if (text === undefined) return [];
  return [{ OR: [{ key: Buffer.from(text) }, { causeMessage: { contains: text, mode: "insensitive" } }] }];
}

/** Behind a place in a list of the newest first. */
export function whereBefore({ before, beforeId }: DeadLetterFilter): Prisma.DeadLetterWhereInput {
  if (!before) return {};
  if (!beforeId) return { createdAt: { lt: before } };
  return { createdAt: { lte: before }, OR: [{ createdAt: { lt: before } }, { id: { lt: beforeId } }] };
}

function summarize(row: SummaryRow, titles: LetterTitles): DeadLetterSummary {
  const { id, version, node, causeCode, causeMessage, fingerprint, attempts, createdAt, updatedAt } = row;
  const { runId, lane, position, sends } = row;
  return {
    id,
    ...titles(row),
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
