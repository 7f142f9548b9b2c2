import type { Disabled } from "@/flow/disabled";
import type { Keys } from "../shell/keys";
import { motionMs } from "../ui/motion";
import type { Alignment, Axis } from "./arrange";
import {
  alignChosen,
  chosenNodes,
  disableChosen,
  distributeChosen,
  groupChosen,
  replaceChosen,
  tidyUp,
  toggleDisabledChosen,
  ungroupChosen,
} from "./arranging";
import type { CommandContext, EditorCommand } from "./commands";
import { groupOf } from "./edit-groups";
import { fitOptions } from "./fit-options";
import { inspectedNode } from "./store";

const chose = (least: number) => (context: CommandContext) => chosenNodes(context.store).length >= least;
const arrange = { group: "Arrange", edits: true } as const;

const align = (to: Alignment, label: string, keys: Keys): EditorCommand => ({
  ...arrange,
  id: `align-${to}`,
  label,
  keys: [keys],
  when: chose(2),
  run: ({ store }) => alignChosen(store, to),
});
const distribute = (axis: Axis, label: string, keys: Keys): EditorCommand => ({
  ...arrange,
  id: `distribute-${axis}`,
  label,
  words: "space evenly",
  keys: [keys],
  when: chose(3),
  run: ({ store }) => distributeChosen(store, axis),
});
const disable = (way: Disabled, label: string): EditorCommand => ({
  ...arrange,
  id: `disable-${way}`,
  label,
  words: "switch off",
  when: chose(1),
  run: ({ store }) => disableChosen(store, way),
});

/** What is done to what is chosen, beyond what is done to any text: a part of the table of commands. */
export const arrangeCommands: readonly EditorCommand[] = [
  {
    ...arrange,
    id: "toggle-disabled",
    label: "Disable what is chosen, or enable it",
    words: "switch off on",
    keys: ["Shift+D"],
    when: chose(1),
    run: ({ store }) => toggleDisabledChosen(store),
  },
  disable("pass", "Disable: pass messages on"),
  disable("drop", "Disable: drop messages"),
  disable("block", "Disable: let nothing in"),
  {
    ...arrange,
    id: "replace",
    label: "Replace by another kind",
    words: "swap change kind",
    keys: ["Shift+R"],
    when: ({ store }) => inspectedNode(store.getState()) !== null,
    run: ({ store }) => replaceChosen(store),
  },
  {
    ...arrange,
    id: "group",
    label: "Group what is chosen",
    words: "frame colour",
    keys: ["Ctrl+G"],
    when: chose(1),
    run: ({ store }) => groupChosen(store),
  },
  {
    ...arrange,
    id: "ungroup",
    label: "Ungroup",
    words: "frame",
    keys: ["Ctrl+Shift+G"],
    when: ({ store }) => chosenNodes(store).some((id) => groupOf(store.getState().document, id)),
    run: ({ store }) => ungroupChosen(store),
  },
  {
    ...arrange,
    id: "tidy",
    label: "Tidy up what is chosen, or all",
    words: "layout arrange",
    keys: ["Shift+L"],
    when: ({ store }) => store.getState().document.nodes.length > 0,
    run: async ({ store, flow }) => {
      if ((await tidyUp(store)) === "chosen") return;
      requestAnimationFrame(() => void flow.fitView({ ...fitOptions, duration: motionMs() }));
    },
  },
  align("left", "Align left", "Alt+Shift+ArrowLeft"),
  align("right", "Align right", "Alt+Shift+ArrowRight"),
  align("top", "Align top", "Alt+Shift+ArrowUp"),
  align("bottom", "Align bottom", "Alt+Shift+ArrowDown"),
  align("centre", "Align centres", "Alt+Shift+C"),
  align("middle", "Align middles", "Alt+Shift+M"),
  distribute("x", "Distribute from left to right", "Alt+Shift+H"),
  distribute("y", "Distribute from top to bottom", "Alt+Shift+V"),
];
