import "server-only";
import { codecOf } from "@/flow/codecs";
import { defaultProject, type Payload } from "@/flow/control";
import type { FlowDocument } from "@/flow/document";
import { findOriginal, findStepInput } from "@/flow/kept-payload";
import { planOf } from "@/flow/plan";
import { queueFromRun } from "@/prisma/queue-from-run";
import { unpackRunDetail } from "@/prisma/run-detail";
import { type Actor, recordAudit } from "../audit";
import { type Db, database } from "../database";
import { notFound, refusal } from "../refusal";
import type { SendAgainView, SentFromRun } from "../views";
import { readBytes } from "./bytes";
import { findVersionNow, nodesOfRun, type VersionNow, wordsOfVersion } from "./describe-again";
import { describeRepeat } from "./describe-repeat";
import { findVersionDocument } from "./find-flow";
import { refuseMaskedPayload } from "./mask-letters";
import type { Viewer } from "./masks";
import { notifyWorkers } from "./notify";

export interface SendFromRequest {
  id: string;
  step: number;
  edit?: { value: string | null; encoding: "text" | "base64" } | undefined;
}

/** What sending a step's message to its node comes to at the version that runs now. */
export async function describeSendFrom(environment: string, id: string, step: number): Promise<SendAgainView> {
  const { prisma } = database();
  const run = await findRunStep(prisma, environment, id, step);
  const now = await findVersionNow(prisma, environment, run.flowId);
  const base = { ran: run.version, now: now?.number ?? null, running: now?.isRunning ?? false };
  const why = explainRefusal(run, now);
  if (why !== null || !now) return { ...base, repeat: null, notes: [], why };
  const notes = await sayOtherKind(prisma, run, now);
  return { ...base, repeat: describeRepeat(now.document, run.node, "new", nodesOfRun(run, now)), notes, why: null };
}

/** Sends what came to a step of a run, as it was or edited, to that node of the version that runs now. @throws TRPCError */
export async function sendFromRun(actor: Actor & Viewer, { id, step, edit }: SendFromRequest): Promise<SentFromRun> {
  const { prisma } = database();
  const { environment } = actor;
  const run = await findRunStep(prisma, environment, id, step);
  const now = await findVersionNow(prisma, environment, run.flowId);
  const why = explainRefusal(run, now);
  if (why !== null || now?.number == null || "why" in run.input)
    throw refusal("PRECONDITION_FAILED", "step-not-sendable", why ?? "It cannot be sent.");
  const { flow, number: version } = now;
  const { payload } = run.input;
  const { node } = run;
  if (edit) await refuseMaskedPayload(actor, flow, [edit.value]);
  const edited = edit && { value: readBytes(edit.value, edit.encoding) };
  const codec = await findCodec(prisma, run, payload, edited);
  const queued = await prisma.$transaction(async (tx) => {
    const { flowId } = run;
    const by = actor.me.email;
    const sent = await queueFromRun(tx, {
      ...{ environment, flowId, flow, version, node, run, step, payload, codec, by },
      ...(run.original ? { original: run.original } : {}),
      ...(edited ? { edited } : {}),
    });
    const detail = { run: id, step, version, edited: edited !== undefined };
    if (sent) await recordAudit(tx, actor, "run.send-from", `${flow}/${node}`, { ...detail, deadLetter: sent.letter });
    return sent;
  });
  if (!queued)
    throw refusal("CONFLICT", "step-on-its-way", "This step's message is on its way already. Wait until it has ended.");
  await notifyWorkers(prisma, "redrive");
  return { ...queued, flow, node, version };
}

type RunStepRow = Awaited<ReturnType<typeof findRunStep>>;

async function findRunStep(db: Db, environment: string, id: string, step: number) {
  const row = await db.run.findFirst({
    where: { id, project: defaultProject, environment },
    select: { id: true, flowId: true, version: true, source: true, traceId: true, spanId: true, detail: true },
  });
  if (!row) throw notFound("run", id);
  const { detail: packed, ...run } = row;
  const detail = unpackRunDetail(packed);
  return {
    ...run,
    detail: packed,
    node: detail.steps[step]?.node ?? "",
    input: findStepInput(detail, step),
    original: findOriginal(detail, run.source),
  };
}

/** Why the message of a step cannot be sent there, in words; `null` when it can. */
function explainRefusal({ node, input }: RunStepRow, now: VersionNow | null): string | null {
  if ("why" in input) return input.why;
  if (!now) return "The flow is deleted, so nothing would work it. The message can be copied from here.";
  if (!now.isRunning) return "The flow does not run, so no lane takes it. Deploy it, then send it from here.";
  const drawn = now.document.nodes.find(({ id }) => id === node);
  if (!drawn) return `${wordsOfVersion(now)} has no node “${node}” any more. Send the message again from its source.`;
  const name = `“${drawn.title ?? node}”`;
  if (drawn.disabled === "block" || drawn.disabled === "drop")
    return `${name} is disabled and ${drawn.disabled === "drop" ? "drops what comes" : "lets nothing in"}. Enable and deploy it first.`;
  const stages = stagesOf(now.document).filter((stage) => stage.drawn.node === node);
  if (stages.some(({ role }) => role === "source")) return `At ${name} messages come in: send it again from there.`;
  if (stages.length > 1)
    return `${name} takes messages by several inputs, and a run does not keep by which one this came. Send it again from its source.`;
  if (stages[0]?.node === node) return null;
  return `${name} takes no messages by itself: it stands in a saga, which its start begins, or nothing leads to it.`;
}

function stagesOf(document: FlowDocument) {
  try {
    return planOf(document).segments.flatMap(({ stages }) => stages);
  } catch {
    return [];
  }
}

async function sayOtherKind(db: Db, run: RunStepRow, { document }: VersionNow): Promise<string[]> {
  const then = await findVersionDocument(db, run.flowId, run.version);
  const [was, is] = [then, document].map((each) => each?.nodes.find(({ id }) => id === run.node)?.kind);
  return was === undefined || was === is ? [] : [`The node was a ${was} then, and is a ${is} now.`];
}

/**
 * In what its source read it, though an edit may be none of that: then it fails there, as it would have at its source. What came to the step as
 * bytes, goes as bytes, unless an edit made it readable.
 */
async function findCodec(
  db: Db,
  run: RunStepRow,
  payload: Payload,
  edited: { value: Uint8Array | null } | undefined,
): Promise<string> {
  const document = await findVersionDocument(db, run.flowId, run.version);
  const { codec } = (document?.nodes.find(({ id }) => id === run.source)?.config ?? {}) as { codec?: unknown };
  const name = typeof codec === "string" ? codec : "json";
  const reads = (value: Uint8Array | null) => {
    try {
      if (value) codecOf(name).decode(value);
      return true;
    } catch {
      return false;
    }
  };
  return reads(readBytes(payload.value, payload.encoding)) || (edited && reads(edited.value)) ? name : "bytes";
}
