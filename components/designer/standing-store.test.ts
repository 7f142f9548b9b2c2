import { describe, expect, it, vi } from "vitest";
import { addNode } from "./edit";
import { withoutMoves } from "./standing-store";
import { createDesignerStore } from "./store";

const document = { format: "millrace/flow@1" as const, name: "orders", nodes: [], edges: [] };

describe("the store without what moves", () => {
  it("tells what is edited, and nothing of what is dragged or chosen", () => {
    const added = addNode(document, "log", { x: 0, y: 0 });
    const store = createDesignerStore({ document: added.document, revision: 1 });
    const standing = withoutMoves(store);
    const told = vi.fn();
    const end = standing.subscribe(told);
    store.getState().changeNodes([{ type: "position", id: added.id, position: { x: 9, y: 9 }, dragging: true }]);
    store.getState().select([added.id]);
    expect(told).not.toHaveBeenCalled();
    store.getState().changeNodes([{ type: "position", id: added.id, position: { x: 30, y: 9 }, dragging: false }]);
    expect(told).toHaveBeenCalledTimes(1);
    expect(standing.getState()).toBe(store.getState());
    end();
    store.getState().apply(addNode(store.getState().document, "log", { x: 0, y: 0 }).document);
    expect(told).toHaveBeenCalledTimes(1);
  });
});
