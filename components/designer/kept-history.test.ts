import { describe, expect, it } from "vitest";
import type { FlowDocument } from "@/flow/document";
import { addNode, addNote, connect, moveNodes } from "./edit";
import { setConfig } from "./edit-settings";
import { belongsTo, keptSteps, packWork, unpackWork } from "./kept-history";
import { createDesignerStore } from "./store";

const empty: FlowDocument = { format: "millrace/flow@1", name: "orders", nodes: [], edges: [] };

function draw(count: number): FlowDocument {
  let document = empty;
  for (let at = 0; at < count; at++) document = addNode(document, "log", { x: at * 10, y: 0 }).document;
  return document;
}
function work(document = draw(3)) {
  const store = createDesignerStore({ document, revision: 4 });
  const { apply } = store.getState();
  const now = () => store.getState().document;
  apply(setConfig(now(), "log", "label", "x"));
  apply(moveNodes(now(), new Map([["log-2", { x: 5, y: 5 }]])));
  apply(addNote(now(), { x: 0, y: 0 }).document);
  apply(connect(now(), { node: "log", port: "out" }, { node: "log-2", port: "in" }));
  apply({ ...now(), title: "Orders", settings: { delivery: "exactly-once" } });
  store.getState().undo();
  return store;
}
const keep = (store: ReturnType<typeof work>) => {
  const { history, savedDocument, revision } = store.getState();
  return packWork({ history, savedDocument, revision });
};

describe("kept steps", () => {
  it("come back as they were: forms, places, notes, wires and settings", () => {
    const store = work();
    const kept = unpackWork(keep(store)!)!;
    expect(kept.revision).toBe(4);
    const { history, savedDocument } = store.getState();
    expect(kept).toEqual({ revision: 4, savedDocument, history: { ...history, group: null, at: 0 } });
    const again = createDesignerStore({ document: kept.history.present, revision: 4, work: kept });
    expect(again.getState().save.is).toBe("waiting");
    for (let step = 0; step < 4; step++) again.getState().undo();
    expect(again.getState().document).toBe(kept.savedDocument);
    for (let step = 0; step < 5; step++) again.getState().redo();
    expect(again.getState().document).toMatchObject({ title: "Orders", edges: history.present.edges });
  });

  it("share what they have in common, also when they come back", () => {
    const kept = unpackWork(keep(work())!)!;
    expect(kept.history.past.at(-1)!.nodes[2]).toBe(kept.history.present.nodes[2]);
  });

  it("stay within bounds: a large drawing with many steps", () => {
    const store = createDesignerStore({ document: draw(500), revision: 1 });
    for (let step = 0; step < 300; step++) {
      const { document, apply } = store.getState();
      apply(setConfig(document, `log-${(step % 400) + 2}`, "label", `text ${step}`));
    }
    const text = keep(store)!;
    expect(text.length).toBeLessThan(400_000);
    const kept = unpackWork(text)!;
    expect(kept.history.past).toHaveLength(keptSteps);
    for (const step of [50, 60, 70]) {
      const { document, apply } = store.getState();
      apply(setConfig(document, `log-${step}`, "label", "x".repeat(900_000)));
    }
    const shorter = keep(store);
    expect(shorter === null || shorter.length <= 2_000_000).toBe(true);
  });

  it("are nothing when the text is something else", () => {
    for (const text of ["", "null", "{}", '{"version":1}', '{"version":9}']) expect(unpackWork(text)).toBeNull();
  });

  it("belong to the draft that was saved, and to what others made of it", () => {
    const kept = unpackWork(keep(work())!)!;
    const saved = kept.savedDocument;
    expect(belongsTo(kept, { document: structuredClone(saved), revision: 4 })).toBe(true);
    expect(belongsTo(kept, { document: { ...saved, title: "Other" }, revision: 4 })).toBe(false);
    expect(belongsTo(kept, { document: { ...saved, title: "Other" }, revision: 5 })).toBe(true);
    expect(belongsTo(kept, { document: saved, revision: 3 })).toBe(false);
    expect(belongsTo(kept, { document: empty, revision: 9 })).toBe(false);
  });
});
