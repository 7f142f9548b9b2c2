"use client";

import { useReactFlow } from "@xyflow/react";
import { type RefObject, useEffect } from "react";
import { motionMs } from "../ui/motion";
import { notify } from "../ui/toast";
import { useDesignerStore } from "./context";
import {
  copyNodes,
  moveNodes,
  noteId,
  type Point,
  pasteNodes,
  readClipboard,
  removeNodes,
  removeNotes,
  removeWires,
} from "./edit";
import { endSimulation, simulateFailure } from "./simulate-failure";
import { type DesignerStore, inspectedNode, selectedNodes } from "./store";
import { fitOptions } from "./use-view";

/** The keys of the editor. They work while the canvas or nothing in particular has the focus, never while a person types. */
export function useShortcuts(frame: RefObject<HTMLElement | null>, pointer: RefObject<Point | null>): void {
  const store = useDesignerStore();
  const flow = useReactFlow();
  useEffect(() => {
    const onCanvas = () =>
      document.activeElement === document.body || (frame.current?.contains(document.activeElement) ?? false);

    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event.target) || isInDialog(event.target)) return;
      const command = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      const state = store.getState();
      const run = (action: () => unknown) => {
        event.preventDefault();
        action();
      };
      if (command && key === "z") return run(event.shiftKey ? state.redo : state.undo);
      if (command && key === "y") return run(state.redo);
      if (!onCanvas()) return;
      if (command && key === "a") return run(state.selectAll);
      if (command && key === "f") return run(() => state.set({ finding: true }));
      if (command && key === "d") return run(() => duplicateSelection(store));
      if (key === "delete" || key === "backspace") return run(() => deleteSelection(store, command));
      if (command || event.altKey) return;
      if (key === "f2") return run(() => renameSelected(store));
      if (key === "f" && event.shiftKey) return run(() => simulateFailure(store));
      if (key === "f") return run(() => flow.fitView({ ...fitOptions, duration: motionMs() }));
      if (key === "enter" && inspectedNode(state)) return run(() => state.set({ inspectorOpen: true }));
      if (key === "escape") return stepBack(store);
      // Who walks with the Tab key (the focus shows) walks on; who points gets the list of kinds there.
      if (key === "tab" && !event.shiftKey && pointer.current && !document.activeElement?.matches(":focus-visible")) {
        return run(() => openAtPointer(pointer.current!));
      }
      const arrow = arrows[event.key];
      if (arrow && selectedNodes(state).length > 0) return run(() => nudge(store, arrow, event.shiftKey ? 40 : 4));
    };
    const openAtPointer = (point: Point) => {
      const at = flow.screenToFlowPosition(point);
      store.getState().set({ quickAdd: { screen: point, at: { x: at.x - 106, y: at.y - 27 } } });
    };

    const onCopy = (event: ClipboardEvent) => {
      if (isTyping(event.target) || !onCanvas() || String(window.getSelection()) !== "") return;
      const ids = selectedNodes(store.getState());
      const piece = copyNodes(store.getState().document, ids);
      if (piece.nodes.length === 0) return;
      event.preventDefault();
      event.clipboardData?.setData("text/plain", JSON.stringify(piece, null, 2));
      if (event.type === "cut") deleteSelection(store, false);
    };
    const onPaste = (event: ClipboardEvent) => {
      if (isTyping(event.target) || !onCanvas() || store.getState().readOnly) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      const piece = readClipboard(text);
      if (!piece || piece.nodes.length === 0) {
        if (text.trim().startsWith("{"))
          notify("Nothing was pasted", "The clipboard holds no flow file of this version.");
        return;
      }
      event.preventDefault();
      const at = pointer.current ? flow.screenToFlowPosition(pointer.current) : { by: 40 };
      const pasted = pasteNodes(store.getState().document, piece, at);
      store.getState().apply(pasted.document, { select: pasted.ids });
    };

    // Before React Flow: its own keys move nodes without an undo step.
    window.addEventListener("keydown", onKey, true);
    window.addEventListener("copy", onCopy);
    window.addEventListener("cut", onCopy);
    window.addEventListener("paste", onPaste);
    return () => {
      window.removeEventListener("keydown", onKey, true);
      window.removeEventListener("copy", onCopy);
      window.removeEventListener("cut", onCopy);
      window.removeEventListener("paste", onPaste);
    };
  }, [store, flow, frame, pointer]);
}

const arrows: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      /^(input|textarea|select)$/i.test(target.tagName) ||
      target.closest(".cm-editor") !== null)
  );
}

function isInDialog(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("[role=dialog], [role=menu], [role=listbox]") !== null;
}

export function deleteSelection(store: DesignerStore, reconnect: boolean): void {
  const { document, nodes, edges, apply } = store.getState();
  const chosen = nodes.filter((node) => node.selected).map((node) => node.id);
  const wires = edges.filter((edge) => edge.selected).map((edge) => edge.id);
  if (chosen.length + wires.length === 0) return;
  const notes = document.notes?.filter((note) => chosen.includes(noteId(note.id))).map((note) => note.id) ?? [];
  apply(removeNotes(removeNodes(removeWires(document, reconnect ? [] : wires), chosen, reconnect), notes));
}

export function duplicateSelection(store: DesignerStore): void {
  const { document, apply } = store.getState();
  const piece = copyNodes(document, selectedNodes(store.getState()));
  if (piece.nodes.length === 0) return;
  const pasted = pasteNodes(document, piece, { by: 32 });
  apply(pasted.document, { select: pasted.ids });
}

/** Opens the inspector with the name ready to be typed. */
export function renameSelected(store: DesignerStore): void {
  const id = inspectedNode(store.getState());
  if (id) store.getState().inspect(id, { tab: "settings", field: "$title" });
}

function stepBack(store: DesignerStore): void {
  const state = store.getState();
  if (state.quickAdd) state.set({ quickAdd: null });
  else if (state.simulating) endSimulation(store);
  else state.select([]);
}

function nudge(store: DesignerStore, arrow: Point, step: number): void {
  const state = store.getState();
  const chosen = state.nodes.filter((node) => node.selected);
  const places = new Map(
    chosen.map((node) => [node.id, { x: node.position.x + arrow.x * step, y: node.position.y + arrow.y * step }]),
  );
  state.apply(moveNodes(state.document, places), { group: `nudge:${chosen.map((node) => node.id).join()}` });
}
