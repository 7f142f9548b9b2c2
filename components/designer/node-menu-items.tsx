"use client";

import { Copy, FlaskConical, Pencil, Trash2 } from "lucide-react";
import { MenuItem, MenuSeparator } from "../ui/menu";
import { useDesigner, useDesignerStore } from "./context";
import { deleteSelection, duplicateSelection, renameSelected } from "./selection";
import { canFail, simulateFailure } from "./simulate-failure";
import { type DesignerStore, selectedNodes } from "./store";

/** What can be done with the chosen node: the same at its right, and under the right button of the mouse. */
export function NodeMenuItems({ node }: { node: string }) {
  const store = useDesignerStore();
  const readOnly = useDesigner((state) => state.readOnly);
  const fails = canFail(store, node);
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
      {fails && !readOnly ? <MenuSeparator /> : null}
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
