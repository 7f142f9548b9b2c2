import "server-only";
import type { FlowDocument } from "@/flow/document";
import { compileSagas } from "@/flow/saga/compile";
import { makeEvaluation } from "@/flow/saga/evaluate";
import { transition } from "@/flow/saga/machine";
import type { SagaEvaluation, SagaProgram } from "@/flow/saga/program";
import type { SagaEvent, SagaState, Visit } from "@/flow/saga/state";
import { can, includesRole } from "../can";
import type { SagaAction, SagaPermission, SagaView } from "../saga-views";
import type { Role } from "../views";

/** What a saga of a version is decided by. */
export interface SagaRules {
  readonly program: SagaProgram;
  readonly evaluation: SagaEvaluation;
}

/** The rules of the sagas that begin at `start`; null where the drawing of their version is gone or cannot be read here. */
export function readSagaRules(document: FlowDocument | null, start: string): SagaRules | null {
  if (!document) return null;
  try {
    const program = compileSagas(document).find((each) => each.start === start);
    return program ? { program, evaluation: makeEvaluation(document, start) } : null;
  } catch {
    return null;
  }
}

export type NodeAction = Exclude<SagaAction, "cancel">;
const nodeActions = ["retry", "skip", "complete", "approve", "reject"] as const satisfies readonly NodeAction[];

/** Nodes where an action would make a difference, as the saga stands: the machine itself is asked, nothing is written. */
export function findNodesFor(rules: SagaRules | null, state: SagaState, action: NodeAction): string[] {
  if (!rules || state.phase === "ended") return [];
  return state.visits.map(({ node }) => node).filter((node) => tryOut(rules, state, tryEvent(action, node)).ok);
}

function tryEvent(action: NodeAction, node: string): SagaEvent {
  const by = "somebody";
  switch (action) {
    case "retry":
      return { is: "retry", node, by };
    case "skip":
      return { is: "skip", node, by, reason: "" };
    case "complete":
      return { is: "complete", node, by, result: {} };
    default:
      return { is: "decide", node, by, approved: action === "approve" };
  }
}

function tryOut({ program, evaluation }: SagaRules, state: SagaState, event: SagaEvent): SagaPermission {
  try {
    const next = transition(program, evaluation, state, event, Date.now());
    return next.changed ? { ok: true } : { ok: false, why: next.words };
  } catch {
    // Its state is of another drawing than its version's: nobody can say more here.
    return { ok: false, why: "The saga cannot be read by this server." };
  }
}

/** May somebody of this role do it, there? */
export function permit(role: Role, state: SagaState, action: SagaAction, node?: string): SagaPermission {
  if (action !== "approve" && action !== "reject") {
    if (can(role, "act", "saga")) return { ok: true };
    return { ok: false, why: `This needs the role operator; you have ${role}. Ask an administrator for it.` };
  }
  // What asks for nobody's decision any more is refused by the machine, in its words.
  const needed: NonNullable<Visit["asks"]> = state.visits.find((each) => each.node === node)?.asks ?? "editor";
  if (includesRole(role, needed)) return { ok: true };
  return {
    ok: false,
    why: `\`${node}\` takes the word of the role ${needed}; you have ${role}. Ask somebody who has it.`,
  };
}

/** What somebody of this role may do to a saga, as it stands. */
export function describePermissions(role: Role, rules: SagaRules | null, state: SagaState): SagaView["may"] {
  const nodes: SagaView["may"]["nodes"] = {};
  for (const action of nodeActions) {
    for (const node of findNodesFor(rules, state, action)) {
      nodes[node] = { ...nodes[node], [action]: permit(role, state, action, node) };
    }
  }
  return { cancel: permitCancel(role, rules, state), nodes };
}

/** May it be cancelled, as it stands? */
export function permitCancel(role: Role, rules: SagaRules | null, state: SagaState): SagaPermission {
  if (!rules) return { ok: false, why: "The drawing of its version cannot be read." };
  const fits = tryOut(rules, state, { is: "cancel", by: "somebody", reason: "" });
  return fits.ok ? permit(role, state, "cancel") : fits;
}
