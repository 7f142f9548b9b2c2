import "server-only";
import type { Answer, PersonEvent, SagaActOutcome } from "@/flow/control";
import type { FlowDocument } from "@/flow/document";
import { type Actor, recordAudit } from "../audit";
import { database } from "../database";
import { refusal } from "../refusal";
import type { SagaActed, SagaActRequest, SagaStatus } from "../saga-views";
import { askOneOf } from "../worker-client";
import { findFlowNames, findVersionDocument } from "./find-flow";
import { findRunners } from "./find-runners";
import { type HeldSaga, readHeldSagas, readSagaState } from "./held-sagas";
import { findNodesFor, permit } from "./saga-acts";

/** What is to be asked of a worker for one saga: an event for each node; or why it is not even asked. */
type Prepared = { row: HeldSaga; events: PersonEvent[] };
type Refused = Extract<SagaActed, { ok: false }>;

/**
 * Acts on sagas as a person, one answer a saga. Whether it still fits is decided by the worker that changes the saga; what the person has
 * no right to, and what makes no sense as the saga stands here, is refused before.
 */
export async function actOnSagas(actor: Actor, request: SagaActRequest): Promise<SagaActed[]> {
  const { prisma } = database();
  const ids = [...new Set(request.ids)];
  const [rows, names] = await Promise.all([readHeldSagas(prisma, actor.environment, ids), findFlowNames(prisma)]);
  const answers = new Map<string, SagaActed>();
  const byFlow = new Map<string, Prepared[]>();
  const documents = new Map<string, FlowDocument | null>();
  for (const row of rows) {
    const version = `${row.flowId} ${row.version}`;
    if (!documents.has(version)) documents.set(version, await findVersionDocument(prisma, row.flowId, row.version));
    const prepared = prepare(actor, request, row, documents.get(version) ?? null);
    if ("code" in prepared) answers.set(row.id, prepared);
    else byFlow.set(row.flowId, [...(byFlow.get(row.flowId) ?? []), prepared]);
  }
  for (const [flowId, prepared] of byFlow) {
    const acted = await askWorkers(actor.environment, flowId, names.get(flowId) ?? flowId, prepared);
    for (const each of acted) answers.set(each.id, each);
    await writeAudit(actor, request, names.get(flowId) ?? flowId, prepared, acted);
  }
  return ids.map(
    (id) => answers.get(id) ?? refuse(id, "saga-missing", `There is no saga “${id}”. It may be forgotten.`),
  );
}

function prepare(
  actor: Actor,
  request: SagaActRequest,
  row: HeldSaga,
  document: FlowDocument | null,
): Prepared | Refused {
  const { action, node } = request;
  const nodes = action === "cancel" ? [undefined] : chooseNodes(request, row, document);
  if (!Array.isArray(nodes)) return nodes;
  for (const each of nodes) {
    const permission = permit(actor.me.role, document, action, each);
    if (!permission.ok) return refuse(row.id, "role-too-small", permission.why);
  }
  if (action === "cancel" && node !== undefined) {
    return refuse(row.id, "saga-act-unfit", "A saga is cancelled as a whole: leave the step away.");
  }
  return { row, events: nodes.map((each) => makeEvent(actor, request, each ?? "")) };
}

/** The named node, else all where the action fits; what decides about one thing is never done to several at once. */
function chooseNodes(
  { action, node }: SagaActRequest,
  row: HeldSaga,
  document: FlowDocument | null,
): string[] | Refused {
  if (node !== undefined) return [node];
  const nodes = findNodesFor(readSagaState(row.content), document, action);
  if (nodes.length === 0) return refuse(row.id, "saga-act-unfit", explainUnfit(action));
  if (nodes.length > 1 && action !== "retry") {
    const names = nodes.map((each) => `\`${each}\``).join(", ");
    return refuse(row.id, "saga-step-unnamed", `This fits several steps: ${names}. Say which.`);
  }
  return nodes;
}

function explainUnfit(action: SagaActRequest["action"]): string {
  switch (action) {
    case "retry":
      return "No step of it is stuck or waits for its next attempt, so there is nothing to try again.";
    case "skip":
      return "No step of it is stuck, so there is nothing to skip.";
    case "complete":
      return "No step of it is stuck or under way, so there is none to give a result.";
    default:
      return "No approval of it waits for a decision.";
  }
}

function makeEvent(actor: Actor, { action, reason, result }: SagaActRequest, node: string): PersonEvent {
  const by = actor.me.name;
  switch (action) {
    case "retry":
      return { is: "retry", node, by };
    case "skip":
      return { is: "skip", node, by, reason: reason ?? "" };
    case "complete":
      return { is: "complete", node, by, result: readResult(result) };
    case "approve":
    case "reject":
      return { is: "decide", node, approved: action === "approve", by, ...(reason ? { words: reason } : {}) };
    case "cancel":
      return { is: "cancel", by, reason: reason ?? "" };
  }
}

/** @throws TRPCError for what is no JSON */
function readResult(text: string | undefined): string {
  if (text === undefined || text.trim() === "") return "null";
  try {
    JSON.parse(text);
    return text;
  } catch {
    throw refusal("BAD_REQUEST", "input-invalid", "The result is not JSON. A text stands in double quotes.");
  }
}

async function askWorkers(
  environment: string,
  flowId: string,
  flow: string,
  prepared: readonly Prepared[],
): Promise<SagaActed[]> {
  const acts = prepared.flatMap(({ row, events }) => events.map((event) => ({ saga: row.id, event })));
  const answer = await askRunners(environment, flowId, flow, acts);
  if (!answer.ok) {
    return prepared.map(({ row }) => refuse(row.id, answer.cause.code, answer.cause.message));
  }
  const outcomes = [...answer.answer.outcomes];
  return prepared.map(({ row, events }) => sumUp(row.id, events, outcomes.splice(0, events.length)));
}

/** Whichever worker runs the flow can act; one that has just begun or just stopped says so, and the next is asked. */
async function askRunners(
  environment: string,
  flowId: string,
  flow: string,
  acts: { saga: string; event: PersonEvent }[],
): Promise<Answer<"saga-act">> {
  for (const runner of await findRunners(environment, flowId)) {
    const answer = await askOneOf([runner], "saga-act", { flowId, acts }).catch(() => null);
    if (answer && (answer.ok || answer.cause.code !== "flow-not-running")) return answer;
  }
  const message = `No worker runs “${flow}”, so nobody can act on its sagas. Start it, then act.`;
  return { ok: false, cause: { code: "flow-not-running", message } };
}

/** One answer a saga, of the outcomes at its nodes: it counts as done where one of them was. */
function sumUp(id: string, events: readonly PersonEvent[], outcomes: readonly SagaActOutcome[]): SagaActed {
  const done = outcomes.flatMap((outcome, index) => (outcome.ok ? [{ outcome, event: events[index]! }] : []));
  const last = done.at(-1);
  if (last) {
    const nodes = done.flatMap(({ event }) => ("node" in event ? [event.node] : []));
    return { id, ok: true, status: last.outcome.status as SagaStatus, nodes };
  }
  const [first] = outcomes;
  if (first && !first.ok) return refuse(id, first.cause.code, first.cause.message);
  return refuse(id, "worker-failed", "The worker did not say what became of it. Look at the saga, then try again.");
}

async function writeAudit(
  actor: Actor,
  { action, node, reason }: SagaActRequest,
  flow: string,
  prepared: readonly Prepared[],
  acted: readonly SagaActed[],
): Promise<void> {
  const done = acted.filter(({ ok }) => ok).map(({ id }) => id);
  const [only] = prepared;
  const object = prepared.length === 1 ? `${flow} ${only!.row.id}` : `${flow}, ${prepared.length} sagas`;
  await recordAudit(database().prisma, actor, `saga.${action}`, object, {
    asked: prepared.length,
    done: done.length,
    ids: done.slice(0, auditedIds),
    ...(node === undefined ? {} : { node }),
    ...(reason ? { reason } : {}),
  });
}

/** So many ids stand in one entry of the audit. */
const auditedIds = 100;

function refuse(id: string, code: string, message: string): Refused {
  return { id, ok: false, code, message };
}
