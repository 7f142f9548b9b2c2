import type { NodeChange, XYPosition } from "@xyflow/react";
import type { CanvasNode } from "./canvas-state";

/** Lines of the drawing that what is dragged has come to stand on. */
export interface Guides {
  x?: number;
  y?: number;
}

/** So near to another node's edge a dragged one comes to stand in line with it. */
const reach = 6;

/**
 * Lets what is dragged stand in line with a node that stays: its left or right edge, its upper edge, by which the wires of a chain are level.
 * All that is dragged moves by as much, so that it keeps its distances.
 */
export function snapChanges(
  changes: NodeChange<CanvasNode>[],
  nodes: readonly CanvasNode[],
): { changes: NodeChange<CanvasNode>[]; guides: Guides | null } {
  const moves = changes.filter(isDrag);
  const [lead] = moves;
  if (!lead) return { changes, guides: null };
  const moving = new Set(moves.map(({ id }) => id));
  const at = lead.position;
  const near: { x?: number; y?: number } = {};
  for (const { id, position } of nodes) {
    if (moving.has(id)) continue;
    for (const axis of ["x", "y"] as const) {
      const by = position[axis] - at[axis];
      if (Math.abs(by) <= reach && Math.abs(by) < Math.abs(near[axis] ?? Number.POSITIVE_INFINITY)) near[axis] = by;
    }
  }
  if (near.x === undefined && near.y === undefined) return { changes, guides: null };
  const [x, y] = [near.x ?? 0, near.y ?? 0];
  const snapped = changes.map((change) =>
    isDrag(change) ? { ...change, position: { x: change.position.x + x, y: change.position.y + y } } : change,
  );
  const guides: Guides = {
    ...(near.x === undefined ? {} : { x: at.x + x }),
    ...(near.y === undefined ? {} : { y: at.y + y }),
  };
  return { changes: snapped, guides };
}

type Drag = Extract<NodeChange<CanvasNode>, { type: "position" }> & { position: XYPosition };

function isDrag(change: NodeChange<CanvasNode>): change is Drag {
  return change.type === "position" && change.position !== undefined && change.dragging !== undefined;
}
