import type { FlowDocument } from "@/flow/document";
import type { SagaActed, SagaAction, SagaStateView, SagaSummary } from "@/server/saga-views";
import { formatPlural } from "../ui/formats";
import { isUndoOver } from "./attempts";

/** What a cancelled saga would undo, in the order in which it would be: the last step first. */
export interface UndoPlan {
  undone: string[];
  /** Their answer is awaited; they are undone if they took effect. */
  awaited: string[];
  /** Took effect and cannot be undone. */
  stay: string[];
}

/** Which compensations would run if the saga turned now. */
export function planUndo(state: SagaStateView, document: FlowDocument): UndoPlan {
  const undoable = new Set(document.nodes.filter((node) => node.config.compensation).map(({ id }) => id));
  const steps = new Set(
    document.nodes.filter((node) => node.config.action || node.kind === "sub-saga").map(({ id }) => id),
  );
  for (const { id, kind } of document.nodes) if (kind === "sub-saga") undoable.add(id);
  const plan: UndoPlan = { undone: [], awaited: [], stay: [] };
  for (const visit of [...state.visits].reverse()) {
    if (!steps.has(visit.node) || (visit.undo && isUndoOver(visit.undo))) continue;
    if (visit.state === "working") plan.awaited.push(visit.node);
    else if (visit.effect === "none") continue;
    else if (undoable.has(visit.node)) plan.undone.push(visit.node);
    else plan.stay.push(visit.node);
  }
  return plan;
}

/** Actions on many at once, those that are the same for each. */
export type BulkAction = Extract<SagaAction, "retry" | "cancel" | "approve" | "reject">;

const fits: Record<BulkAction, (saga: SagaSummary) => boolean> = {
  retry: ({ status, error }) =>
    status === "stuck" || status === "asking" || status === "compensating" || error !== null,
  approve: ({ status }) => status === "asking",
  reject: ({ status }) => status === "asking",
  cancel: ({ status }) => status !== "compensating" && status !== "completed" && status !== "compensated",
};

/** Of those chosen, which an action can fit as far as a list knows; the others would be refused. */
export function chooseFitting(sagas: readonly SagaSummary[], action: BulkAction): SagaSummary[] {
  return sagas.filter((saga) => saga.endedAt === null && fits[action](saga));
}

const past: Record<SagaAction, string> = {
  retry: "retried",
  skip: "skipped",
  complete: "completed",
  approve: "approved",
  reject: "rejected",
  cancel: "cancelled",
};

export interface ActReport {
  done: string;
  /** Why the others were not, the most frequent first. */
  refused: { code: string; message: string; ids: string[] }[];
}

/** What became of an action on many. */
export function reportActed(action: SagaAction, acted: readonly SagaActed[]): ActReport {
  const refused = new Map<string, ActReport["refused"][number]>();
  let done = 0;
  for (const each of acted) {
    if (each.ok) {
      done++;
      continue;
    }
    const before = refused.get(each.message);
    if (before) before.ids.push(each.id);
    else refused.set(each.message, { code: each.code, message: each.message, ids: [each.id] });
  }
  return {
    done: `${formatPlural(done, "saga")} ${past[action]}`,
    refused: [...refused.values()].sort((a, b) => b.ids.length - a.ids.length),
  };
}

/** Is this text JSON, as a result must be? Words of what is wrong, else null. */
export function checkResult(text: string): string | null {
  if (text.trim() === "") return null;
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : "it cannot be read"}. A text stands in double quotes.`;
  }
}
