"use client";

import { Redo2, Undo2 } from "lucide-react";
import { useDesigner, useDesignerStore } from "../designer/context";
import { IconButton } from "../ui/button";

/** Undo and redo of what was changed on this page. */
export function HistoryButtons() {
  const store = useDesignerStore();
  const canUndo = useDesigner((state) => state.history.past.length > 0);
  const canRedo = useDesigner((state) => state.history.future.length > 0);
  return (
    <span className="flex">
      <IconButton label="Undo" shortcut="Ctrl Z" disabled={!canUndo} onClick={() => store.getState().undo()}>
        <Undo2 />
      </IconButton>
      <IconButton label="Redo" shortcut="Ctrl Y" disabled={!canRedo} onClick={() => store.getState().redo()}>
        <Redo2 />
      </IconButton>
    </span>
  );
}
