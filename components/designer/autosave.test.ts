import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FlowDocument } from "@/flow/document";
import type { SaveResult } from "@/server/views";
import { startAutosave } from "./autosave";
import { addNode } from "./edit";
import { createDesignerStore } from "./store";

const flow: FlowDocument = { format: "millrace/flow@1", name: "orders", nodes: [], edges: [] };

function open(answer: (draft: { revision: number; document: FlowDocument }) => Promise<SaveResult>) {
  const store = createDesignerStore({ document: flow, revision: 1 });
  const saved: { revision: number; nodes: number }[] = [];
  const there: { draft: { revision: number; document: FlowDocument } | null } = { draft: null };
  const autosave = startAutosave(store, {
    save(draft) {
      saved.push({ revision: draft.revision, nodes: draft.document.nodes.length });
      return answer(draft);
    },
    load: async () => there.draft,
  });
  const add = () => store.getState().apply(addNode(store.getState().document, "log", { x: 0, y: 0 }).document);
  return { store, saved, add, autosave, there };
}
const accept = async (draft: { revision: number }): Promise<SaveResult> => ({ ok: true, revision: draft.revision + 1 });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("autosave", () => {
  it("waits for a pause and writes once", async () => {
    const { store, saved, add } = open(accept);
    add();
    await vi.advanceTimersByTimeAsync(300);
    add();
    expect(store.getState().save.is).toBe("waiting");
    await vi.advanceTimersByTimeAsync(600);
    expect(saved).toEqual([{ revision: 1, nodes: 2 }]);
    expect(store.getState()).toMatchObject({ revision: 2, save: { is: "saved" } });
  });

  it("saves what was drawn while a save was on its way, under the new revision", async () => {
    let finish: (result: SaveResult) => void = () => {};
    const { store, saved, add } = open(() => new Promise((resolve) => (finish = resolve)));
    add();
    await vi.advanceTimersByTimeAsync(600);
    add();
    finish({ ok: true, revision: 2 });
    await vi.advanceTimersByTimeAsync(600);
    expect(saved).toEqual([
      { revision: 1, nodes: 1 },
      { revision: 2, nodes: 2 },
    ]);
    finish({ ok: true, revision: 3 });
    await vi.advanceTimersByTimeAsync(0);
    expect(store.getState()).toMatchObject({ revision: 3, save: { is: "saved" } });
  });

  it("merges what another saved meanwhile, and saves both on top of theirs", async () => {
    const theirs = { ...flow, title: "Theirs" };
    const { store, saved, add } = open(async (draft) =>
      draft.revision < 7
        ? { ok: false, conflict: { yours: 1, theirs: 7, theirDraft: theirs, updatedBy: "Mira" } }
        : { ok: true, revision: draft.revision + 1 },
    );
    add();
    await vi.advanceTimersByTimeAsync(600);
    expect(saved).toEqual([
      { revision: 1, nodes: 1 },
      { revision: 7, nodes: 1 },
    ]);
    expect(store.getState()).toMatchObject({ revision: 8, save: { is: "saved" }, document: { title: "Theirs" } });
  });

  it("stops when both changed the same, writes nothing, and goes on once it is chosen", async () => {
    const theirs = { ...flow, title: "Theirs" };
    const { store, saved, add } = open(async (draft) =>
      draft.revision < 7
        ? { ok: false, conflict: { yours: 1, theirs: 7, theirDraft: theirs, updatedBy: "Mira" } }
        : { ok: true, revision: draft.revision + 1 },
    );
    store.getState().apply({ ...flow, title: "Mine" });
    await vi.advanceTimersByTimeAsync(600);
    expect(store.getState()).toMatchObject({ save: { is: "conflict", theirs: 7 }, document: { title: "Mine" } });
    add();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(saved).toHaveLength(1);
    store.getState().settle(() => "mine");
    await vi.advanceTimersByTimeAsync(600);
    expect(saved[1]).toEqual({ revision: 7, nodes: 1 });
    expect(store.getState()).toMatchObject({ revision: 8, save: { is: "saved" }, document: { title: "Mine" } });
  });

  it("brings in what another saved, also while a save is on its way", async () => {
    let finish: (result: SaveResult) => void = () => {};
    const { store, add, autosave, there } = open(() => new Promise((resolve) => (finish = resolve)));
    there.draft = { revision: 2, document: { ...flow, title: "Theirs" } };
    await autosave.pull("Mira");
    expect(store.getState()).toMatchObject({ revision: 2, save: { is: "saved" }, document: { title: "Theirs" } });
    add();
    await vi.advanceTimersByTimeAsync(600);
    const mine = store.getState().document;
    there.draft = { revision: 4, document: { ...mine, title: "Again" } };
    const pulled = autosave.pull("Mira");
    await vi.advanceTimersByTimeAsync(10);
    finish({ ok: true, revision: 3 });
    await pulled;
    expect(store.getState()).toMatchObject({ revision: 4, save: { is: "saved" }, document: { title: "Again" } });
    expect(store.getState().document.nodes).toHaveLength(1);
    store.getState().undo();
    expect(store.getState().document).toMatchObject({ title: "Again", nodes: [] });
  });

  it("keeps trying while the server is away", async () => {
    let away = true;
    const { store, add } = open(async (draft) => {
      if (away) throw new Error("fetch failed");
      return accept(draft);
    });
    add();
    await vi.advanceTimersByTimeAsync(600);
    expect(store.getState().save.is).toBe("failed");
    away = false;
    await vi.advanceTimersByTimeAsync(4_100);
    expect(store.getState().save.is).toBe("saved");
  });

  it("saves at once before a deploy", async () => {
    const { store, saved, add, autosave } = open(accept);
    add();
    await autosave.flush();
    expect(saved).toHaveLength(1);
    expect(store.getState().save.is).toBe("saved");
  });
});
