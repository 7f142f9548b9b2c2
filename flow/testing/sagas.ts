import { type DrawnNode, drawFlow } from "./drawing";

/** A step that calls by HTTP, with what undoes it unless that is left out. */
export function drawStep(id: string, more: Record<string, unknown> = {}): DrawnNode {
  const compensation = { url: `/${id}/undo` };
  return [id, "saga-step", { action: { url: `/${id}` }, compensation, ...more }];
}

/** A flow of one saga: `start` is fed by a source, and its wires are given from it on. */
export function drawSaga(nodes: readonly DrawnNode[], ...wires: readonly string[]) {
  return drawFlow(
    [["orders", "webhook-source", { path: "orders" }], ["start", "saga-start", { key: "body.id" }], ...nodes],
    "orders>start",
    ...wires,
  );
}
