import { describe, expect, it } from "vitest";
import type { FlowDocument } from "@/flow/document";
import { addNode } from "./edit";
import { setConfig } from "./edit-settings";
import { createDesignerStore, inspectedNode, selectedNodes } from "./store";

const flow: FlowDocument = {
  format: "millrace/flow@1",
  name: "orders",
  nodes: [
    { id: "a", kind: "log", config: {}, position: { x: 0, y: 0 } },
    { id: "b", kind: "log", config: {}, position: { x: 300, y: 0 } },
  ],
  edges: [],
};

function open() {
  let clock = 0;
  const store = createDesignerStore({ document: flow, revision: 3, now: () => clock });
  return { store, wait: (ms: number) => (clock += ms) };
}

describe("undo", () => {
  it("takes typing in one field back as one step, however long one thinks, and a second visit as another", () => {
    const { store, wait } = open();
    const type = (text: string) => {
      const { document, apply } = store.getState();
      apply(setConfig(document, "a", "label", text), { group: "a.label" });
    };
    for (const text of ["h", "he", "hey"]) {
      type(text);
      wait(200);
    }
    wait(5_000);
    type("hey!");
    store.getState().endStep();
    type("hey you");
    store.getState().undo();
    expect(store.getState().document.nodes[0]!.config).toEqual({ label: "hey!" });
    store.getState().undo();
    expect(store.getState().document).toBe(flow);
    store.getState().redo();
    expect(store.getState().document.nodes[0]!.config).toEqual({ label: "hey!" });
  });

  it("takes a drag back as one step, however many moves it had", () => {
    const { store } = open();
    const move = (x: number, dragging: boolean) =>
      store.getState().changeNodes([{ type: "position", id: "a", position: { x, y: 45 }, dragging }]);
    move(10, true);
    move(20, true);
    expect(store.getState().document).toBe(flow);
    move(30, false);
    expect(store.getState().document.nodes[0]!.position).toEqual({ x: 30, y: 45 });
    store.getState().undo();
    expect(store.getState().document).toBe(flow);
    expect(store.getState().nodes[0]!.position).toEqual({ x: 0, y: 0 });
  });

  it("forgets what was undone once something else is done", () => {
    const { store } = open();
    store.getState().apply(addNode(flow, "log", { x: 0, y: 0 }).document);
    store.getState().undo();
    store.getState().apply(addNode(flow, "map", { x: 0, y: 0 }).document);
    const { document, redo } = store.getState();
    redo();
    expect(store.getState().document).toBe(document);
  });

  it("brings mine back after theirs was taken", () => {
    const { store } = open();
    const mine = addNode(flow, "log", { x: 0, y: 0 }).document;
    store.getState().apply(mine);
    store.getState().replace({ ...flow, title: "Theirs" }, 9);
    expect(store.getState()).toMatchObject({ revision: 9, save: { is: "saved" } });
    store.getState().undo();
    expect(store.getState().document).toBe(mine);
    expect(store.getState().save.is).toBe("waiting");
  });
});

describe("what another saved", () => {
  const typed = (label: string) => setConfig(flow, "b", "label", label);

  it("comes in without moving mine, and undo takes back mine alone", () => {
    const { store } = open();
    store.getState().apply(setConfig(flow, "a", "label", "mine"), { select: ["a"] });
    store.getState().apply(addNode(store.getState().document, "map", { x: 0, y: 0 }).document);
    store.getState().undo();
    store.getState().receive({ document: typed("theirs"), revision: 4, by: "Mira" });
    const labels = () => store.getState().document.nodes.map(({ config }) => config.label);
    expect(labels()).toEqual(["mine", "theirs"]);
    expect(selectedNodes(store.getState())).toEqual(["a"]);
    expect(store.getState()).toMatchObject({ revision: 4, save: { is: "waiting" }, others: { Mira: ["b"] } });
    store.getState().undo();
    expect(labels()).toEqual([undefined, "theirs"]);
    store.getState().redo();
    store.getState().redo();
    expect(labels()).toEqual(["mine", "theirs", undefined]);
  });

  it("does not take what is being dragged out of the hand", () => {
    const { store } = open();
    const move = (x: number, dragging: boolean) =>
      store.getState().changeNodes([{ type: "position", id: "a", position: { x, y: 45 }, dragging }]);
    move(10, true);
    store.getState().receive({ document: typed("theirs"), revision: 4, by: "Mira" });
    expect(store.getState().nodes[0]!.position).toEqual({ x: 10, y: 45 });
    move(30, false);
    expect(store.getState().document.nodes.map(({ position }) => position?.x)).toEqual([30, 300]);
    expect(store.getState().document.nodes[1]!.config.label).toBe("theirs");
  });

  it("waits where both changed the same; what is given up comes back by undo", () => {
    const { store } = open();
    store.getState().apply(typed("mine"));
    store.getState().receive({ document: typed("theirs"), revision: 4, by: "Mira" });
    expect(store.getState().save).toMatchObject({ is: "conflict", updatedBy: "Mira" });
    expect(store.getState().document.nodes[1]!.config.label).toBe("mine");
    store.getState().settle(() => "theirs");
    expect(store.getState()).toMatchObject({ revision: 4, save: { is: "saved" } });
    expect(store.getState().document.nodes[1]!.config.label).toBe("theirs");
    store.getState().undo();
    expect(store.getState().document.nodes[1]!.config.label).toBe("mine");
  });

  it("is the older one when it comes late", () => {
    const { store } = open();
    store.getState().receive({ document: typed("old"), revision: 3, by: "Mira" });
    expect(store.getState().document).toBe(flow);
  });
});

describe("what is chosen", () => {
  it("is new after adding, and one node is inspected", () => {
    const { store } = open();
    const added = addNode(flow, "map", { x: 0, y: 0 });
    store.getState().apply(added.document, { select: [added.id] });
    expect(selectedNodes(store.getState())).toEqual([added.id]);
    expect(inspectedNode(store.getState())).toBe(added.id);
    store.getState().selectAll();
    expect(inspectedNode(store.getState())).toBeNull();
  });

  it("leaves the other nodes as they are, so that they are not drawn again", () => {
    const { store } = open();
    const before = store.getState().nodes[1];
    store.getState().select(["a"]);
    expect(store.getState().nodes[1]).toBe(before);
    store.getState().apply(setConfig(store.getState().document, "a", "label", "x"));
    expect(store.getState().nodes[1]).toBe(before);
  });
});

describe("a drawing that may only be read", () => {
  it("does not change", () => {
    const store = createDesignerStore({ document: flow, revision: 1, readOnly: true });
    store.getState().apply(addNode(flow, "map", { x: 0, y: 0 }).document);
    store.getState().changeNodes([{ type: "position", id: "a", position: { x: 9, y: 9 }, dragging: false }]);
    expect(store.getState().document).toBe(flow);
  });
});
