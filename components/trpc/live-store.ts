import { create } from "zustand";
import { shareParts } from "@/flow/same";
import type { LiveEvent, LiveView, PresentTab, RunSummary, WorkerView } from "@/server/views";

export type Notice = Omit<Extract<LiveEvent, { type: "notice" }>, "type">;

/** What the tab's one subscription brought, shared by all who look. */
export interface LiveState {
  /** By the flow's name; a flow that was never deployed is absent. */
  flows: Readonly<Record<string, LiveView>>;
  /** Null until the first event: not known is not the same as none. */
  workers: readonly WorkerView[] | null;
  /** Newest first, at most `keptRuns`. */
  runs: readonly RunSummary[];
  notice: Notice | null;
  /** Every tab that has a flow open, this one among them. */
  present: readonly PresentTab[];
  /** The last save of a flow's draft that was told of, by the flow's name. */
  drafts: Readonly<Record<string, { revision: number; by: string; tab: string | null }>>;
  /** Milliseconds since the epoch of the last live event; 0 before. */
  at: number;
  /** `lost`: the stream broke and is being asked for again. */
  connection: "connecting" | "open" | "lost";
}

export const keptRuns = 500;

export const emptyLive: LiveState = {
  flows: {},
  workers: null,
  runs: [],
  notice: null,
  present: [],
  drafts: {},
  at: 0,
  connection: "connecting",
};

/** Merges an event; what did not change keeps its identity, so that nothing is drawn anew for it. */
export function mergeLive(state: LiveState, event: LiveEvent): LiveState {
  if (event.type === "notice") {
    const { kafka, queueBackend } = event;
    if (state.notice?.kafka === kafka && state.notice.queueBackend === queueBackend) return state;
    return { ...state, notice: { kafka, queueBackend } };
  }
  if (event.type === "present") return { ...state, present: event.tabs };
  if (event.type === "draft") {
    const { flow, revision, by, tab } = event;
    return { ...state, drafts: { ...state.drafts, [flow]: { revision, by, tab } } };
  }
  if (event.type === "runs") {
    const runs = mergeRuns(state.runs, event.runs);
    return runs === state.runs ? state : { ...state, runs };
  }
  return { ...state, flows: mergeFlows(state.flows, event.flows), workers: event.workers, at: event.at };
}

/** New runs before the known ones, each once (a reconnect brings some again), newest first. */
export function mergeRuns(known: readonly RunSummary[], fresh: readonly RunSummary[]): readonly RunSummary[] {
  const ids = new Set(known.map((run) => run.id));
  const added = fresh.filter((run) => !ids.has(run.id) && ids.add(run.id));
  if (added.length === 0) return known;
  return [...added, ...known].sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime()).slice(0, keptRuns);
}

function mergeFlows(known: LiveState["flows"], fresh: readonly LiveView[]): LiveState["flows"] {
  const next: Record<string, LiveView> = {};
  for (const view of fresh) {
    next[view.flow] = shareParts(known[view.flow], view);
  }
  return next;
}

/** The store itself; components read it by `useLive`. */
export const liveStore = create<LiveState>()(() => emptyLive);
