"use client";

import { Copy, FlaskConical, Pencil, Play, Trash2 } from "lucide-react";
import { MenuItem, MenuSeparator } from "../ui/menu";
import { useDesigner, useDesignerStore } from "./context";
import { deleteSelection, duplicateSelection, renameSelected } from "./selection";
import { canFail, simulateFailure } from "./simulate-failure";
import { type DesignerStore, selectedNodes } from "./store";
import { isSource, startTrying } from "./try-it";

/** What can be done with the chosen node: the same at its right, and under the right button of the mouse. */
export function NodeMenuItems({ node }: { node: string }) {
  const store = useDesignerStore();
  const readOnly = useDesigner((state) => state.readOnly);
  const fails = canFail(store, node);
  const tries = !readOnly && isSource(store, node);
  // Chosen only now: the view would slide away under a menu that is open. Of several that are chosen it is one.
  const choose = () => {
    const state = store.getState();
    if (!selectedNodes(state).includes(node)) state.select([node]);
  };
  const act = (action: (store: DesignerStore) => void) => () => {
    choose();
    action(store);
  };
  return (
    <>
      {fails ? (
        <MenuItem icon={<FlaskConical />} shortcut="Shift F" onSelect={() => simulateFailure(store, node)}>
          Simulate failure here
        </MenuItem>
      ) : null}
      {tries ? (
        <MenuItem icon={<Play />} shortcut="T" onSelect={() => startTrying(store, node)}>
          Try a message here
        </MenuItem>
      ) : null}
      {(fails || tries) && !readOnly ? <MenuSeparator /> : null}
      {readOnly ? null : (
        <>
          <MenuItem icon={<Pencil />} shortcut="F2" onSelect={act(renameSelected)}>
            Rename
          </MenuItem>
          <MenuItem icon={<Copy />} shortcut="Ctrl D" onSelect={act(duplicateSelection)}>
            Duplicate
          </MenuItem>
          <MenuSeparator />
          <MenuItem icon={<Trash2 />} shortcut="Del" danger onSelect={act((all) => deleteSelection(all, false))}>
            Delete
          </MenuItem>
          <MenuItem icon={<Trash2 />} shortcut="Ctrl Del" danger onSelect={act((all) => deleteSelection(all, true))}>
            Delete and reconnect
          </MenuItem>
        </>
      )}
    </>
  );
}
