import { findKind } from "../drawing/kinds";
import { nodeOf } from "./edit";
import { type DesignerStore, inspectedNode } from "./store";

/** The sources of a drawing: where a message can be tried. */
export function sourcesOf(document: ReturnType<DesignerStore["getState"]>["document"]) {
  return document.nodes.filter((node) => findKind(node.kind)?.role === "source");
}

/** Opens *Try it*: at the source that is named or chosen, else at the first. */
export function startTrying(store: DesignerStore, at: string | null = inspectedNode(store.getState())): void {
  const { document, set } = store.getState();
  const sources = sourcesOf(document);
  const source = sources.find(({ id }) => id === at) ?? sources[0];
  if (source) set({ trying: source.id, simulating: null, covering: false, quickAdd: null });
}

export function endTrying(store: DesignerStore): void {
  store.getState().set({ trying: null, way: null });
}

/** Can a message be tried there? */
export function isSource(store: DesignerStore, id: string): boolean {
  const node = nodeOf(store.getState().document, id);
  return node !== undefined && findKind(node.kind)?.role === "source";
}

/** Marks on the drawing what no case came by, or takes the marks off. */
export function toggleCoverage(store: DesignerStore): void {
  const { covering, set } = store.getState();
  if (covering) set({ covering: false, way: null });
  else set({ covering: true, simulating: null, trying: null });
}
