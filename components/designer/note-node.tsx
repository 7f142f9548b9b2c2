"use client";

import type { NodeProps } from "@xyflow/react";
import { memo, useEffect } from "react";
import { Markdown } from "../ui/markdown";
import type { CanvasNode } from "./canvas-state";
import { useDesigner, useDesignerStore } from "./context";
import { changeNote, noteId } from "./edit";

/** A sticky note, in Markdown. Double click or Enter to write. */
export const NoteNode = memo(function NoteNode({ id }: NodeProps<CanvasNode>) {
  const store = useDesignerStore();
  const note = useDesigner((state) => state.document.notes?.find((each) => noteId(each.id) === id));
  const readOnly = useDesigner((state) => state.readOnly);
  const writing = useDesigner((state) => state.writing === id);
  const setWriting = (is: boolean) => store.getState().set({ writing: is ? id : null });
  const isNew = note?.text === "";
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a note that is drawn the first time asks to be written
  useEffect(() => {
    if (isNew && !readOnly) store.getState().set({ writing: id });
  }, []);
  if (!note) return null;
  if (!writing || readOnly) {
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: React Flow's node around it has the keyboard
      <div className="canvas-note" onDoubleClick={() => setWriting(true)}>
        {note.text ? (
          <Markdown text={note.text} />
        ) : (
          <span className="text-muted">Empty note. Double click to write.</span>
        )}
      </div>
    );
  }
  return (
    <textarea
      // biome-ignore lint/a11y/noAutofocus: opened by the person, to write
      autoFocus
      aria-label="Note"
      className="canvas-note canvas-note-writing nodrag nowheel block resize-none"
      rows={Math.max(3, note.text.split("\n").length)}
      value={note.text}
      onChange={(event) => {
        const { document, apply } = store.getState();
        apply(changeNote(document, note.id, event.target.value), { group: `note.${note.id}` });
      }}
      onBlur={() => setWriting(false)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") setWriting(false);
      }}
    />
  );
});
