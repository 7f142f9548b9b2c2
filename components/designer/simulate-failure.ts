import { deedsOfNode } from "../drawing/deeds";
import { nodeOf } from "./edit";
import { type DesignerStore, inspectedNode, type Simulating } from "./store";

/** Can its failure be simulated? Only what does something elsewhere fails as one wants to see it. */
export function canFail(store: DesignerStore, id: string | null): id is string {
  const node = id === null ? undefined : nodeOf(store.getState().document, id);
  return node !== undefined && deedsOfNode(node) !== null;
}

/** Shows what would happen if a step failed for good: the one that is named, else the one that is chosen. */
export function simulateFailure(
  store: DesignerStore,
  id: string | null = inspectedNode(store.getState()),
  effect: Simulating["effect"] = store.getState().simulating?.effect ?? "none",
): void {
  if (!canFail(store, id)) return;
  const { set, select } = store.getState();
  select([id]);
  set({ simulating: { node: id, effect }, trying: null, covering: false });
}

export function endSimulation(store: DesignerStore): void {
  store.getState().set({ simulating: null, way: null });
}
