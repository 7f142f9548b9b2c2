import "server-only";
import { configureNode } from "@/flow/configure";
import { defaultProject } from "@/flow/control";
import type { FlowDocument, FlowNode } from "@/flow/document";
import { unpackRunDetail } from "@/prisma/run-detail";
import { type Db, database } from "../database";
import { notFound } from "../refusal";
import type { SendAgainView } from "../views";
import { describeRepeat } from "./describe-repeat";
import { findVersionDocument, readStored } from "./find-flow";

/** The version of a flow that works what is sent now, or would as soon as it runs. */
export interface VersionNow {
  /** Present name of the flow. */
  readonly flow: string;
  /** `null`: none is deployed here, and the document is the draft. */
  readonly number: number | null;
  readonly isRunning: boolean;
  readonly document: FlowDocument;
}

/** `null` when the flow is deleted, or its drawing cannot be read. */
export async function findVersionNow(db: Db, environment: string, flowId: string): Promise<VersionNow | null> {
  const flow = await db.flow.findUnique({
    where: { id: flowId },
    include: { deployments: { where: { environment } } },
  });
  if (!flow) return null;
  const [deployment] = flow.deployments;
  const document = deployment ? await findVersionDocument(db, flowId, deployment.version) : readStored(flow.draft);
  const isRunning = deployment?.desired === "running";
  return document && { flow: flow.name, number: deployment?.version ?? null, isRunning, document };
}

/** What a second delivery of a dead letter does at the version that runs now, which works it; in words. */
export async function describeLetterRepeat(
  db: Db,
  environment: string,
  letter: { flowId: string; node: string; version: number },
): Promise<string> {
  const now = await findVersionNow(db, environment, letter.flowId);
  if (!now) return "The flow or its version is gone, so it cannot be sent again.";
  const isThere = now.document.nodes.some(({ id }) => id === letter.node);
  if (!isThere) return `${wordsOfVersion(now)} has no node “${letter.node}”, so it cannot be sent there.`;
  const words = describeRepeat(now.document, letter.node);
  return now.number === null || now.number === letter.version
    ? words
    : `Version ${now.number} works it now; it failed on version ${letter.version}. ${words}`;
}

/** What sending the message of a run again, from its source, comes to at the version that runs now. */
export async function describeSendAgain(environment: string, id: string): Promise<SendAgainView> {
  const { prisma } = database();
  const run = await findRunPlace(prisma, environment, id);
  const now = await findVersionNow(prisma, environment, run.flowId);
  const base = { ran: run.version, now: now?.number ?? null, running: now?.isRunning ?? false };
  const refused = (why: string): SendAgainView => ({ ...base, repeat: null, notes: [], why });
  if (!now)
    return refused(
      "The flow is deleted, so nothing would work it. The message can be copied from here and sent to another flow.",
    );
  const node = now.document.nodes.find((each) => each.id === run.source);
  if (!node)
    return refused(
      `${wordsOfVersion(now)} has no node “${run.source}”: the message has no way into the flow any more.`,
    );
  const entry = findEntry(node);
  if (entry === null)
    return refused(`“${node.title ?? node.id}” makes its messages itself, and takes none from outside.`);
  if (entry.is === "webhook" && !now.isRunning)
    return refused("The flow does not run, so nobody serves its webhook. Deploy it first.");
  return {
    ...base,
    repeat: sayReaders(entry) + describeRepeat(now.document, node.id, "new", nodesOfRun(run, now)),
    notes: [...sayStopped(now, entry), ...sayOtherPlace(await findEntryThen(prisma, run), entry)],
    why: null,
  };
}

/** Of a run, what tells where its message came from. @throws TRPCError */
async function findRunPlace(db: Db, environment: string, id: string) {
  const row = await db.run.findFirst({
    where: { id, project: defaultProject, environment },
    select: { flowId: true, version: true, source: true, detail: true },
  });
  if (!row) throw notFound("run", id);
  return row;
}

/** The nodes that a run came to, where the same version works its message again; unknown where more steps ran than are kept. */
export function nodesOfRun(
  run: { version: number; detail: Uint8Array },
  { number }: VersionNow,
): ReadonlySet<string> | undefined {
  if (run.version !== number) return undefined;
  const { steps, moreSteps } = unpackRunDetail(run.detail);
  return moreSteps ? undefined : new Set(steps.map(({ node }) => node));
}

/** A place is read by others, too. */
function sayReaders(entry: Entry): string {
  return entry.is === "place" ? `It is put into “${entry.name}” once more, for all who read that. ` : "";
}

export function wordsOfVersion({ number, isRunning }: VersionNow): string {
  if (number === null) return "The draft";
  return isRunning ? `Version ${number}, which runs now,` : `Version ${number}, the last that ran,`;
}

type Entry = { is: "webhook" } | { is: "place"; name: string };

/** How messages come to a source from outside; `null`: not at all. */
function findEntry(node: FlowNode): Entry | null {
  const { kind, config, problems } = configureNode(node);
  if (!kind || problems.length > 0 || kind.role !== "source") return null;
  const { place } = kind.semantics(config);
  if (place?.name !== undefined) return { is: "place", name: place.name };
  return typeof (config as { path?: unknown }).path === "string" ? { is: "webhook" } : null;
}

function sayStopped({ isRunning, number }: VersionNow, entry: Entry): string[] {
  if (isRunning || entry.is === "webhook") return [];
  const told = number === null ? "the draft" : `version ${number}, the last that ran`;
  return [
    `The flow does not run. The message is put into “${entry.name}” and waits there until a version is deployed; what it may do twice is told from ${told}.`,
  ];
}

/** By what the source took messages in the version that worked the run. */
async function findEntryThen(db: Db, run: { flowId: string; version: number; source: string }): Promise<Entry | null> {
  const document = await findVersionDocument(db, run.flowId, run.version);
  const node = document?.nodes.find(({ id }) => id === run.source);
  return node ? findEntry(node) : null;
}

function sayOtherPlace(then: Entry | null, entry: Entry): string[] {
  if (entry.is === "webhook" || then?.is !== "place" || then.name === entry.name) return [];
  return [`It goes to “${entry.name}”, which the source reads now; the run's message came by “${then.name}”.`];
}
