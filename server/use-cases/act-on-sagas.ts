import "server-only";
import type { PersonEvent } from "@/flow/control";
import type { SagaState } from "@/flow/saga/state";
import { type Actor, recordAudit } from "../audit";
import { database } from "../database";
import { refusal } from "../refusal";
import type { SagaActed, SagaAction, SagaActRequest } from "../saga-views";
import { askSagaWorkers } from "./ask-saga-workers";
import { findFlowNames, findVersionDocument } from "./find-flow";
import { type HeldSaga, readHeldSagas, readSagaState } from "./held-sagas";
import { findNodesFor, type NodeAction, permit, permitCancel, readSagaRules, type SagaRules } from "./saga-acts";

type Refused = Extract<SagaActed, { ok: false }>;

/**
 * Acts on sagas as a person, one answer a saga. What the person has no right to, and what makes no sense as the saga stands here, is refused
 * before; whether it still fits is decided by the worker that changes the saga.
 */
export async function actOnSagas(actor: Actor, request: SagaActRequest): Promise<SagaActed[]> {
  const { prisma } = database();
  const ids = [...new Set(request.ids)];
  const [rows, names] = await Promise.all([readHeldSagas(prisma, actor.environment, ids), findFlowNames(prisma)]);
  const result = readResult(request);
  const rulesOf = makeRulesReader();
  const answers = new Map<string, SagaActed>();
  const byFlow = new Map<string, Map<string, PersonEvent[]>>();
  for (const row of rows) {
    const chosen = chooseNodes(actor, request, row.id, readSagaState(row), await rulesOf(row));
    if (!Array.isArray(chosen)) answers.set(row.id, chosen);
    else {
      const events = chosen.map((node) => makeEvent(actor, request, node, result));
      if (!byFlow.has(row.flowId)) byFlow.set(row.flowId, new Map());
      byFlow.get(row.flowId)!.set(row.id, events);
    }
  }
  for (const [flowId, events] of byFlow) {
    const flow = names.get(flowId) ?? flowId;
    const acted = await askSagaWorkers(actor.environment, { id: flowId, name: flow }, events);
    for (const each of acted) answers.set(each.id, each);
    await writeAudit(actor, request, flow, acted);
  }
  return ids.map((id) => answers.get(id) ?? refuseMissing(id));
}

/** What would become of each if somebody acted on them now, as they stand; nothing is done. What a worker refuses in the end may be more. */
export async function foreseeActs(
  actor: Actor,
  request: Omit<SagaActRequest, "reason" | "result">,
): Promise<SagaActed[]> {
  const { prisma } = database();
  const ids = [...new Set(request.ids)];
  const rows = new Map((await readHeldSagas(prisma, actor.environment, ids)).map((row) => [row.id, row]));
  const rulesOf = makeRulesReader();
  return Promise.all(
    ids.map(async (id): Promise<SagaActed> => {
      const row = rows.get(id);
      if (!row) return refuseMissing(id);
      const [state, rules] = [readSagaState(row), await rulesOf(row)];
      const chosen = chooseNodes(actor, request, id, state, rules);
      if (!Array.isArray(chosen)) return chosen;
      const may = request.action === "cancel" ? permitCancel(actor.me.role, rules, state) : ({ ok: true } as const);
      return may.ok ? { id, ok: true, status: row.status, nodes: chosen } : refuse(id, "saga-act-unfit", may.why);
    }),
  );
}

/** Reads the drawing of each version once. */
function makeRulesReader(): (row: HeldSaga) => Promise<SagaRules | null> {
  const known = new Map<string, Promise<SagaRules | null>>();
  return ({ flowId, version, node }) => {
    const name = `${flowId} ${version} ${node}`;
    if (!known.has(name)) {
      const document = findVersionDocument(database().prisma, flowId, version);
      known.set(
        name,
        document.then((found) => readSagaRules(found, node)),
      );
    }
    return known.get(name)!;
  };
}

/** Where it is to be done (`""`: the saga as a whole), or why it is refused. */
function chooseNodes(
  actor: Actor,
  { action, node }: Pick<SagaActRequest, "action" | "node">,
  id: string,
  state: SagaState,
  rules: SagaRules | null,
): string[] | Refused {
  if (action === "cancel" && node !== undefined) {
    return refuse(id, "saga-act-unfit", "A saga is cancelled as a whole: leave the step away.");
  }
  const nodes = action === "cancel" ? [""] : node === undefined ? findNodesFor(rules, state, action) : [node];
  if (nodes.length === 0) return refuse(id, "saga-act-unfit", explainUnfit(action, rules));
  // What decides about one thing is never done to several at once.
  if (nodes.length > 1 && action !== "retry") {
    const names = nodes.map((each) => `\`${each}\``).join(", ");
    return refuse(id, "saga-step-unnamed", `This fits several steps: ${names}. Say which.`);
  }
  const permissions = nodes.map((each) => permit(actor.me.role, state, action, each));
  const forbidden = permissions.find((each) => !each.ok);
  return forbidden && !forbidden.ok ? refuse(id, "role-too-small", forbidden.why) : nodes;
}

const undecided = "No approval of it waits for a decision.";
const unfit: Readonly<Record<NodeAction, string>> = {
  retry: "No step of it is stuck or waits for its next attempt, so there is nothing to try again.",
  skip: "No step of it is stuck or waits, so there is nothing to skip.",
  complete: "No step of it is stuck, under way or waits, so there is none to complete.",
  approve: undecided,
  reject: undecided,
};

function explainUnfit(action: SagaAction, rules: SagaRules | null): string {
  if (!rules) return "The drawing of its version cannot be read here: name the step.";
  return action === "cancel" ? "" : unfit[action];
}

function makeEvent(actor: Actor, { action, reason }: SagaActRequest, node: string, result: string): PersonEvent {
  const by = actor.me.name;
  switch (action) {
    case "retry":
      return { is: "retry", node, by };
    case "skip":
      return { is: "skip", node, by, reason: reason ?? "" };
    case "complete":
      return { is: "complete", node, by, result };
    case "approve":
    case "reject":
      return { is: "decide", node, approved: action === "approve", by, ...(reason ? { words: reason } : {}) };
    case "cancel":
      return { is: "cancel", by, reason: reason ?? "" };
  }
}

/** @throws TRPCError for what is no JSON */
function readResult({ result }: SagaActRequest): string {
  if (result === undefined || result.trim() === "") return "null";
  try {
    JSON.parse(result);
    return result;
  } catch {
    throw refusal("BAD_REQUEST", "input-invalid", "The result is not JSON. A text stands in double quotes.");
  }
}

/** So many ids stand in one entry of the audit. */
const auditedIds = 100;

async function writeAudit(
  actor: Actor,
  { action, node, reason }: SagaActRequest,
  flow: string,
  acted: readonly SagaActed[],
): Promise<void> {
  const done = acted.filter(({ ok }) => ok).map(({ id }) => id);
  const object = acted.length === 1 ? `${flow} ${acted[0]!.id}` : `${flow}, ${acted.length} sagas`;
  await recordAudit(database().prisma, actor, `saga.${action}`, object, {
    asked: acted.length,
    done: done.length,
    ids: done.slice(0, auditedIds),
    ...(node === undefined ? {} : { node }),
    ...(reason ? { reason } : {}),
  });
}

function refuseMissing(id: string): Refused {
  return refuse(
    id,
    "saga-missing",
    `There is no saga with the id “${id}”. It may be forgotten. By its key it is found so: sagas FLOW --key ${id}`,
  );
}

function refuse(id: string, code: string, message: string): Refused {
  return { id, ok: false, code, message };
}
