import "server-only";
import type { FlowDocument } from "@/flow/document";
import type { SagaState, Visit } from "@/flow/saga/state";
import { can, includesRole, readRole } from "../can";
import type { SagaAction, SagaPermission, SagaView } from "../saga-views";
import type { Role } from "../views";

const actionsAtNodes = ["retry", "skip", "complete", "approve", "reject"] as const;

/** Nodes where an action makes sense, as the saga stands. */
export function findNodesFor(state: SagaState, document: FlowDocument | null, action: SagaAction): string[] {
  const kinds = new Map(document?.nodes.map(({ id, kind }) => [id, kind]));
  return state.visits.filter((visit) => fits(visit, kinds.get(visit.node), action)).map(({ node }) => node);
}

function fits({ state, undo }: Visit, kind: string | undefined, action: SagaAction): boolean {
  switch (action) {
    case "retry":
      return [state, undo?.state].some((each) => each === "stuck" || each === "retrying");
    case "skip":
      return state === "stuck" || undo?.state === "stuck";
    case "complete":
      return state === "stuck" || state === "working" || state === "retrying";
    case "approve":
    case "reject":
      return kind === "saga-approval" && state === "waiting";
    case "cancel":
      return false;
  }
}

/** May somebody of this role do it, there? */
export function permit(role: Role, document: FlowDocument | null, action: SagaAction, node?: string): SagaPermission {
  const deciding = action === "approve" || action === "reject";
  if (!deciding) {
    if (can(role, "act", "saga")) return { ok: true };
    return { ok: false, why: `This needs the role operator; you have ${role}. Ask an administrator for it.` };
  }
  const needed = readApprovalRole(document, node);
  if (includesRole(role, needed)) return { ok: true };
  return {
    ok: false,
    why: `\`${node}\` takes the word of the role ${needed}; you have ${role}. Ask somebody who has it.`,
  };
}

/** Whose word an approval takes; an operator's, unless its drawing says another. */
function readApprovalRole(document: FlowDocument | null, node: string | undefined): Role {
  const config = document?.nodes.find(({ id }) => id === node)?.config;
  const role = config && "role" in config ? config.role : undefined;
  return typeof role === "string" && ["editor", "operator", "admin"].includes(role) ? readRole(role) : "operator";
}

/** What somebody of this role may do to a saga, as it stands. */
export function describePermissions(role: Role, state: SagaState, document: FlowDocument | null): SagaView["may"] {
  const nodes: SagaView["may"]["nodes"] = {};
  for (const action of actionsAtNodes) {
    for (const node of findNodesFor(state, document, action)) {
      nodes[node] = { ...nodes[node], [action]: permit(role, document, action, node) };
    }
  }
  return { cancel: permitCancel(role, state, document), nodes };
}

function permitCancel(role: Role, state: SagaState, document: FlowDocument | null): SagaPermission {
  if (state.phase === "ended") return { ok: false, why: "The saga has ended." };
  if (state.phase === "backward") return { ok: false, why: "The saga is being undone already." };
  if (state.pivoted) return { ok: false, why: "The saga is past its pivot: it can only go forward." };
  return permit(role, document, "cancel");
}
