import type { FlowDocument } from "@/flow/document";
import { flowFormat } from "@/flow/document";
import type { SagaStateView, SagaSummary, SagaVisitView } from "@/server/saga-views";

/** A moment that all times of the tests count from. */
export const base = 1_764_000_000_000;

/** Reserve stock, charge a card, then by total: a carrier, or a person's word first. */
export const order: FlowDocument = {
  format: flowFormat,
  name: "place-order",
  title: "Place order",
  nodes: [
    { id: "orders", kind: "webhook-source", config: {} },
    { id: "begin", kind: "saga-start", config: {} },
    { id: "reserve", kind: "saga-step", title: "Reserve stock", config: { action: {}, compensation: {} } },
    { id: "charge", kind: "saga-step", title: "Charge card", config: { action: {}, compensation: {} } },
    { id: "mail", kind: "saga-step", title: "Send mail", config: { action: {} } },
    { id: "carrier", kind: "saga-step", title: "Book carrier", config: { action: {} } },
    { id: "done", kind: "saga-end", config: {} },
    { id: "placed", kind: "log", config: {} },
    { id: "undone", kind: "log", config: {} },
  ],
  edges: [
    { from: "orders", to: "begin" },
    { from: "begin", to: "reserve" },
    { from: "begin.compensated", to: "undone" },
    { from: "reserve", to: "charge" },
    { from: "charge", to: "mail" },
    { from: "charge.error", to: "done" },
    { from: "mail", to: "carrier" },
    { from: "carrier", to: "done" },
    { from: "done", to: "placed" },
  ],
};

export const visit = (node: string, change: Partial<SagaVisitView> = {}): SagaVisitView => ({
  node,
  state: "done",
  at: base,
  effect: "none",
  attempt: 1,
  attempts: [],
  ...change,
});

/** A step that is done, at its first attempt, within ten milliseconds. */
export const doneStep = (node: string, at: number, change: Partial<SagaVisitView> = {}): SagaVisitView =>
  visit(node, {
    at,
    endedAt: at + 10,
    effect: "done",
    port: "out",
    attempts: [{ side: "action", number: 1, at, endedAt: at + 10 }],
    ...change,
  });

export const stateOf = (visits: SagaVisitView[], change: Partial<SagaStateView> = {}): SagaStateView => ({
  id: "s-1",
  key: "o-4711",
  startedAt: base,
  phase: "forward",
  pivoted: false,
  body: { text: "{}", cut: false },
  headers: {},
  visits,
  notes: [],
  depth: 0,
  ...change,
});

export const summary = (id: string, second: number, change: Partial<SagaSummary> = {}): SagaSummary => ({
  id,
  flow: "place-order",
  version: 1,
  start: "begin",
  key: id,
  status: "running",
  steps: ["reserve"],
  stepTitles: ["Reserve"],
  error: null,
  startedAt: new Date(base + second * 1_000),
  updatedAt: new Date(base + second * 1_000),
  endedAt: null,
  dueAt: null,
  forgottenAt: null,
  traceId: null,
  ...change,
});
