import { expect, it } from "vitest";
import type { CanvasNode } from "./canvas-state";
import { snapChanges } from "./snap";

const node = (id: string, x: number, y: number): CanvasNode => ({
  id,
  type: "kind",
  position: { x, y },
  data: { placed: true },
});
const nodes = [node("a", 0, 0), node("b", 300, 100), node("c", 600, 0)];
const drag = (id: string, x: number, y: number, dragging = true) => ({
  id,
  type: "position" as const,
  position: { x, y },
  dragging,
});

it("lets what is dragged stand in line with what stays, all by as much", () => {
  const { changes, guides } = snapChanges([drag("b", 304, 3), drag("c", 604, 203)], nodes);
  expect(changes).toEqual([drag("b", 304, 0), drag("c", 604, 200)]);
  expect(guides).toEqual({ y: 0 });
});
it("leaves what is far, what is moved otherwise, and what is not moved", () => {
  const far = [drag("b", 320, 40)];
  expect(snapChanges(far, nodes)).toEqual({ changes: far, guides: null });
  const nudge = [{ id: "b", type: "position" as const, position: { x: 1, y: 1 } }];
  expect(snapChanges(nudge, nodes).guides).toBeNull();
});
