"use client";

import { useReactFlow } from "@xyflow/react";
import { type RefObject, useEffect } from "react";
import { isTyping, matchesKeys } from "../shell/keys";
import { type EditorCommand, editorCommands } from "./commands";
import { useDesignerStore } from "./context";
import type { Point } from "./edit";
import { deleteSelection, pasteText, writeSelection } from "./selection";

const listened = editorCommands.filter((command) => command.keys && !command.byBrowser);

/** The keys of the editor, from its table of commands. They work while the canvas or nothing in particular has the focus, never while a person types. */
export function useShortcuts(frame: RefObject<HTMLElement | null>, pointer: RefObject<Point | null>): void {
  const store = useDesignerStore();
  const flow = useReactFlow();
  useEffect(() => {
    const onCanvas = () =>
      document.activeElement === document.body || (frame.current?.contains(document.activeElement) ?? false);

    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event.target) || isInDialog(event.target)) return;
      const context = { store, flow, pointer: pointer.current };
      const fits = (command: EditorCommand) =>
        command.keys!.some((keys) => matchesKeys(event, keys)) &&
        (command.focus === "everywhere" || onCanvas()) &&
        !(command.edits && store.getState().readOnly) &&
        (command.when?.(context) ?? true);
      const command = listened.find(fits);
      if (!command || (opensByItself(event) && command.id === "open-settings")) return;
      event.preventDefault();
      // React Flow would move the chosen nodes by the arrows, too, as a step of its own.
      if (event.key.startsWith("Arrow")) event.stopPropagation();
      command.run(context, event);
    };
    const onCopy = (event: ClipboardEvent) => {
      if (isTyping(event.target) || !onCanvas() || String(window.getSelection()) !== "") return;
      const text = writeSelection(store);
      if (text === null) return;
      event.preventDefault();
      event.clipboardData?.setData("text/plain", text);
      if (event.type === "cut") deleteSelection(store, false);
    };
    const onPaste = (event: ClipboardEvent) => {
      if (isTyping(event.target) || !onCanvas()) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (text === "" || store.getState().readOnly) return;
      event.preventDefault();
      const at = pointer.current ? flow.screenToFlowPosition(pointer.current) : { by: 40 };
      void pasteText(store, text, at);
    };

    // A visit to a field is one step: the next one is another.
    const onLeave = (event: FocusEvent) => {
      if (isTyping(event.target)) store.getState().endStep();
    };

    // Before React Flow: its own keys move nodes without an undo step.
    window.addEventListener("keydown", onKey, true);
    window.addEventListener("focusout", onLeave);
    window.addEventListener("copy", onCopy);
    window.addEventListener("cut", onCopy);
    window.addEventListener("paste", onPaste);
    return () => {
      window.removeEventListener("keydown", onKey, true);
      window.removeEventListener("focusout", onLeave);
      window.removeEventListener("copy", onCopy);
      window.removeEventListener("cut", onCopy);
      window.removeEventListener("paste", onPaste);
    };
  }, [store, flow, frame, pointer]);
}

/** A button or a link on the canvas takes Enter for itself. */
function opensByItself(event: KeyboardEvent): boolean {
  return event.target instanceof Element && event.target.closest("button, a") !== null;
}

function isInDialog(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("[role=dialog], [role=menu], [role=listbox]") !== null;
}
