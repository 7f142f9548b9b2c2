import type { DeploymentState, NodeState, RunState, RunStep } from "@/flow/control";
import type { Undo, Visit } from "@/flow/saga/state";
import type { SagaStatus } from "@/server/saga-views";
import type { DeadLetterSummary, LiveView, RunSummary } from "@/server/views";
import type { Tone } from "./callout";

/** A state as it is shown: its colour and its words, the same everywhere. */
export interface StateWords {
  tone: Tone;
  words: string;
}

const deployment: Record<DeploymentState | "waiting-for-worker", StateWords> = {
  starting: { tone: "idle", words: "Starting" },
  running: { tone: "ok", words: "Running" },
  degraded: { tone: "warn", words: "Degraded" },
  halted: { tone: "bad", words: "Halted" },
  stopping: { tone: "idle", words: "Stopping" },
  stopped: { tone: "idle", words: "Stopped" },
  failed: { tone: "bad", words: "Failed" },
  "waiting-for-worker": { tone: "warn", words: "Waiting for a worker" },
};

export function wordsOfDeployment(state: LiveView["state"]): StateWords {
  return deployment[state];
}

const node: Record<NodeState, StateWords> = {
  starting: { tone: "idle", words: "Starting" },
  running: { tone: "ok", words: "Running" },
  retrying: { tone: "warn", words: "Retrying" },
  degraded: { tone: "warn", words: "Degraded" },
  stalled: { tone: "bad", words: "Stalled" },
  halted: { tone: "bad", words: "Halted" },
  stopping: { tone: "idle", words: "Stopping" },
  stopped: { tone: "idle", words: "Stopped" },
};

export function wordsOfNode(state: NodeState): StateWords {
  return node[state];
}

const run: Record<RunState, StateWords> = {
  done: { tone: "ok", words: "Done" },
  dropped: { tone: "idle", words: "Dropped" },
  parked: { tone: "warn", words: "Waits for a later try" },
  failed: { tone: "warn", words: "Took an error port" },
  dead: { tone: "bad", words: "Dead letter" },
};

const settledRun: Record<NonNullable<RunSummary["settled"]>, StateWords> = {
  sent: { tone: "idle", words: "Dead letter, sent again" },
  discarded: { tone: "idle", words: "Dead letter, discarded" },
};

/** `settled`: what became of its dead letters; it asks nobody to act any more. */
export function wordsOfRun(state: RunState, settled?: RunSummary["settled"]): StateWords {
  return settled ? settledRun[settled] : run[state];
}

const step: Record<RunStep["state"], StateWords> = {
  done: { tone: "ok", words: "Done" },
  dropped: { tone: "idle", words: "Dropped" },
  retry: { tone: "warn", words: "Tried again" },
  parked: { tone: "warn", words: "Waits for a later try" },
  failed: { tone: "warn", words: "Left by its error port" },
  dead: { tone: "bad", words: "Failed" },
};

export function wordsOfStep(state: RunStep["state"]): StateWords {
  return step[state];
}

const deadLetter: Record<DeadLetterSummary["state"], StateWords> = {
  waiting: { tone: "bad", words: "Given up" },
  queued: { tone: "accent", words: "Queued" },
  sending: { tone: "accent", words: "Sending" },
  sent: { tone: "ok", words: "Sent again" },
  discarded: { tone: "idle", words: "Discarded" },
};

export function wordsOfDeadLetter(state: DeadLetterSummary["state"]): StateWords {
  return deadLetter[state];
}

const saga: Record<SagaStatus, StateWords> = {
  running: { tone: "accent", words: "Running" },
  waiting: { tone: "idle", words: "Waiting" },
  asking: { tone: "warn", words: "Asks a person" },
  stuck: { tone: "bad", words: "Stuck" },
  compensating: { tone: "undo", words: "Compensating" },
  completed: { tone: "ok", words: "Completed" },
  compensated: { tone: "undo", words: "Compensated" },
};

export function wordsOfSaga(status: SagaStatus): StateWords {
  return saga[status];
}

const visit: Record<Visit["state"], StateWords> = {
  working: { tone: "accent", words: "At work" },
  retrying: { tone: "warn", words: "Waits for its next attempt" },
  waiting: { tone: "idle", words: "Waiting" },
  done: { tone: "ok", words: "Done" },
  failed: { tone: "bad", words: "Failed" },
  stuck: { tone: "bad", words: "Stuck" },
  cancelled: { tone: "idle", words: "Cancelled" },
  skipped: { tone: "idle", words: "Skipped" },
};

/** Of a saga at a node: its action, its waiting. `asks`: it waits there for a person's word. */
export function wordsOfSagaVisit(state: Visit["state"], asks = false): StateWords {
  return asks && state === "waiting" ? saga.asking : visit[state];
}

const undo: Record<Undo["state"], StateWords> = {
  working: { tone: "undo", words: "Being undone" },
  retrying: { tone: "warn", words: "Undoing waits for its next attempt" },
  done: { tone: "undo", words: "Undone" },
  stuck: { tone: "bad", words: "Undoing is stuck" },
  skipped: { tone: "idle", words: "Undoing was skipped" },
  passed: { tone: "warn", words: "Nothing undoes it" },
};

/** Of a step's compensation. */
export function wordsOfUndo(state: Undo["state"]): StateWords {
  return undo[state];
}
