/**
 * What the server answers about sagas. Types only, as in `views.ts`.
 */

import type { FlowDocument } from "@/flow/document";
import type { HeldStatus } from "@/flow/holding";
import type { Problem } from "@/flow/problems";
import type { SagaState, Visit } from "@/flow/saga/state";
import type { RunSummary } from "./views";

export type SagaStatus = Exclude<HeldStatus, "held">;

/** What a person may do to a saga. */
export type SagaAction = "retry" | "skip" | "complete" | "approve" | "reject" | "cancel";

export interface SagaSummary {
  id: string;
  flow: string;
  /** On which it began, and ends. */
  version: number;
  /** Its `saga-start`: a flow may have several. */
  start: string;
  /** The business key. */
  key: string;
  status: SagaStatus;
  /** Nodes where it stands; none once it has ended. */
  steps: string[];
  /** What people call those nodes in its version. */
  stepTitles: string[];
  /** What is stuck; else what fails now on the way back; else why it goes back. */
  error: { node: string; title: string; code: string; message: string } | null;
  startedAt: Date;
  updatedAt: Date;
  endedAt: Date | null;
  /** When something is to be done for it next; null: only when something comes. */
  dueAt: Date | null;
  /** When an ended one is forgotten. */
  forgottenAt: Date | null;
  traceId: string | null;
}

export interface SagaFilter {
  flow?: string;
  status?: SagaStatus[];
  version?: number;
  /** Exactly this business key. */
  key?: string;
  /** Stands at this node. */
  step?: string;
  /** Part of what went wrong, or a whole key or id. */
  text?: string;
  /** Begun before, begun after: by age. */
  startedBefore?: Date;
  startedAfter?: Date;
  /** `startedAt` and `id` of the last that was seen. */
  before?: Date;
  beforeId?: string;
  limit?: number;
}

/** How many sagas of a flow's version are in a state. */
export interface SagaGroup {
  flow: string;
  version: number;
  status: SagaStatus;
  count: number;
}

/** `unseen`: why it is not all, in words. */
export interface SagaCounts {
  groups: SagaGroup[];
  unseen: string | null;
}

/** A value as text, pretty JSON; `cut`: it is longer than what is shown. */
export interface ShownValue {
  text: string;
  cut: boolean;
}

/** A visit whose output is text; without the data that its commands carry (`given`). */
export type SagaVisitView = Omit<Visit, "output" | "given"> & {
  output?: ShownValue;
  /** What an approval asks whom it waits for. */
  question?: string;
};

/** A state whose values are texts, so that it is fit for a browser; whatever draws a `SagaState` draws this too. */
export type SagaStateView = Omit<SagaState, "body" | "visits"> & { body: ShownValue; visits: SagaVisitView[] };

/** May this person do it? `why` is words. */
export type SagaPermission = { ok: true } | { ok: false; why: string };

export interface SagaView extends SagaSummary {
  state: SagaStateView;
  /** The drawing of its version. */
  document: FlowDocument;
  may: {
    cancel: SagaPermission;
    /** What can be done at a node as it stands; actions that make no sense there are absent. */
    nodes: Record<string, Partial<Record<Exclude<SagaAction, "cancel">, SagaPermission>>>;
  };
  /** The saga whose step it is. */
  parent: { id: string; flow: string; node: string; key: string } | null;
  /** Sagas that are steps of it, by the node. */
  children: (SagaSummary & { node: string })[];
  /** Runs of the same trace: the message that started it, and what left it. */
  related: RunSummary[];
}

export interface SagaActRequest {
  ids: string[];
  action: SagaAction;
  /** Absent: wherever the action fits. */
  node?: string;
  /** Of skip, cancel; words with an approval or a rejection. */
  reason?: string;
  /** Of complete: JSON text of the step's output. */
  result?: string;
}

/** What became of one of the sagas that were to be acted on. */
export type SagaActed =
  | { id: string; ok: true; status: SagaStatus; nodes: string[] }
  | { id: string; ok: false; code: string; message: string };

/** Sagas in flight, and what a deploy or a stop does to them. */
export interface SagaImpact {
  /** By version, the newest first. */
  versions: { version: number; count: number }[];
  count: number;
  /** Messages that a delay or a wait outside sagas holds. */
  messages: number;
  /** What rests elsewhere than where the version holds, in words; null: nothing does. */
  move: string | null;
  /** Why some would be stranded, by what is deployed instead; warnings. A deploy wants them confirmed (`strand`). */
  problems: Problem[];
}
