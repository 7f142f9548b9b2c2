"use client";

import {
  CircleCheck,
  CircleSlash,
  Copy,
  FlaskConical,
  Group,
  LogOut,
  Pencil,
  Play,
  Replace,
  Trash2,
} from "lucide-react";
import { type Disabled, waysToDisable } from "@/flow/disabled";
import { MenuItem, MenuSeparator, whenClosed } from "../ui/menu";
import { chosenNodes, disableChosen, groupChosen, replaceChosen } from "./arranging";
import { useDesigner, useDesignerStore } from "./context";
import { nodeOf } from "./edit";
import { groupOf, leaveGroups } from "./edit-groups";
import { deleteSelection, duplicateSelection, renameSelected } from "./selection";
import { canFail, simulateFailure } from "./simulate-failure";
import { type DesignerStore, selectedNodes } from "./store";
import { isSource, startTrying } from "./try-it";

const disableWords: Readonly<Record<Disabled, string>> = {
  pass: "Disable: pass messages on",
  drop: "Disable: drop messages",
  block: "Disable: let nothing in",
};

const disable = (way: Disabled | undefined) => (store: DesignerStore) => disableChosen(store, way);

function leaveGroup(store: DesignerStore): void {
  const { document, apply } = store.getState();
  apply(leaveGroups(document, chosenNodes(store)));
}

/** What can be done with the chosen node: the same at its right, and under the right button of the mouse. */
export function NodeMenuItems({ node }: { node: string }) {
  const store = useDesignerStore();
  const readOnly = useDesigner((state) => state.readOnly);
  const fails = canFail(store, node);
  const tries = !readOnly && isSource(store, node);
  const drawn = useDesigner((state) => nodeOf(state.document, node));
  const grouped = useDesigner((state) => groupOf(state.document, node) !== undefined);
  const ways = drawn ? waysToDisable(drawn) : [];
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
          <MenuItem icon={<Replace />} shortcut="Shift R" onSelect={() => whenClosed(() => replaceChosen(store, node))}>
            Replace by another kind
          </MenuItem>
          <MenuItem icon={<Group />} shortcut="Ctrl G" onSelect={act((all) => whenClosed(() => groupChosen(all)))}>
            Group
          </MenuItem>
          {grouped ? (
            <MenuItem icon={<LogOut />} onSelect={act(leaveGroup)}>
              Leave the group
            </MenuItem>
          ) : null}
          <MenuSeparator />
          {drawn?.disabled ? (
            <MenuItem icon={<CircleCheck />} shortcut="Shift D" onSelect={act(disable(undefined))}>
              Enable
            </MenuItem>
          ) : null}
          {ways
            .filter((way) => !drawn?.disabled || (way !== drawn.disabled && ways.length > 1))
            .map((way, index) => (
              <MenuItem
                key={way}
                icon={<CircleSlash />}
                onSelect={act(disable(way))}
                {...(index === 0 && !drawn?.disabled ? { shortcut: "Shift D" } : {})}
              >
                {ways.length === 1 ? "Disable" : disableWords[way]}
              </MenuItem>
            ))}
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
