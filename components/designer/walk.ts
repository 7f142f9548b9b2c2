import type { FlowDocument } from "@/flow/document";
import { parseEndpoint } from "@/flow/graph";
import type { Point } from "./edit";
import { type DesignerStore, inspectedNode } from "./store";

export type Direction = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

/**
 * The next node for who walks by keys: to the right along a wire that leaves, to the left along one that enters, of several the one
 * that stands nearest in height, so that back leads back; up and down to what hangs at the same nodes, else to what stands there.
 * `null` when there is nowhere to go.
 */
export function findNext(
  document: Pick<FlowDocument, "nodes" | "edges">,
  places: ReadonlyMap<string, Point>,
  from: string,
  direction: Direction,
): string | null {
  const here = places.get(from) ?? { x: 0, y: 0 };
  const there = (id: string) => places.get(id) ?? { x: 0, y: 0 };
  const ends = document.edges.map((edge) => ({
    from: parseEndpoint(edge.from, "out").node,
    to: parseEndpoint(edge.to, "in").node,
  }));
  const nearest = (ids: Iterable<string>, distance: (point: Point) => number): string | null => {
    let found: string | null = null;
    for (const id of new Set(ids)) {
      if (id !== from && (found === null || distance(there(id)) < distance(there(found)))) found = id;
    }
    return found;
  };
  const height = (point: Point) => Math.abs(point.y - here.y);
  if (direction === "ArrowRight") {
    return nearest(
      ends.filter((end) => end.from === from).map((end) => end.to),
      height,
    );
  }
  if (direction === "ArrowLeft") {
    return nearest(
      ends.filter((end) => end.to === from).map((end) => end.from),
      height,
    );
  }
  const sign = direction === "ArrowDown" ? 1 : -1;
  const onThatSide = (id: string) => (there(id).y - here.y) * sign > 0;
  const before = new Set(ends.filter((end) => end.to === from).map((end) => end.from));
  const after = new Set(ends.filter((end) => end.from === from).map((end) => end.to));
  const siblings = ends.flatMap((end) => [
    ...(before.has(end.from) ? [end.to] : []),
    ...(after.has(end.to) ? [end.from] : []),
  ]);
  return (
    nearest(siblings.filter(onThatSide), height) ??
    // A column counts for more than a row: what stands below, not what stands far away at the same height.
    nearest(
      document.nodes.map((node) => node.id).filter(onThatSide),
      (point) => height(point) + 2 * Math.abs(point.x - here.x),
    )
  );
}

/** Chooses the next node and gives it the focus, so that its name is read out. From nowhere it begins at the first node. */
export function walk(store: DesignerStore, direction: string): void {
  const { document, nodes, select } = store.getState();
  const focused = globalThis.document.activeElement?.closest(".react-flow__node")?.getAttribute("data-id");
  const from = inspectedNode({ nodes }) ?? (document.nodes.some((node) => node.id === focused) ? focused : null);
  const places = new Map(nodes.map((node) => [node.id, node.position]));
  const next = from ? findNext(document, places, from, direction as Direction) : (document.nodes[0]?.id ?? null);
  if (next === null) return;
  select([next]);
  focusNode(next);
}

/** A node of the canvas as the page has it; one that is out of sight may not be drawn. */
export function findNodeElement(id: string): HTMLElement | null {
  return globalThis.document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`);
}

/** Puts the focus on a node of the canvas; one that was out of sight is drawn a moment later. */
export function focusNode(id: string): void {
  const node = findNodeElement(id);
  if (node) node.focus({ preventScroll: true });
  else requestAnimationFrame(() => findNodeElement(id)?.focus({ preventScroll: true }));
}
