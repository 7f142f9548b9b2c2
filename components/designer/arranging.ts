import type { Disabled } from "@/flow/disabled";
import { layOutAside } from "../drawing/lay-out-aside";
import { type Alignment, type Axis, alignNodes, distributeNodes, keepCorner } from "./arrange";
import { moveNodes, nodeOf } from "./edit";
import { setDisabled, toggleDisabled } from "./edit-disabled";
import { groupNodes, groupOf, ungroup } from "./edit-groups";
import { copyPiece } from "./piece";
import { type DesignerStore, inspectedNode, selectedNodes } from "./store";

/** What is done to what is chosen, by key, menu, palette and the bar over the canvas. */

/** Canvas id of a group's frame: node ids have no colon. */
export const groupId = (id: string) => `group:${id}`;

export function chosenNodes(store: DesignerStore): string[] {
  const { document } = store.getState();
  return selectedNodes(store.getState()).filter((id) => nodeOf(document, id));
}

export function alignChosen(store: DesignerStore, to: Alignment): void {
  const { document, apply } = store.getState();
  apply(alignNodes(document, chosenNodes(store), to));
}

export function distributeChosen(store: DesignerStore, axis: Axis): void {
  const { document, apply } = store.getState();
  apply(distributeNodes(document, chosenNodes(store), axis));
}

/** Makes a group of what is chosen and lets its title be written. */
export function groupChosen(store: DesignerStore): void {
  const { document, apply, set } = store.getState();
  const { document: next, id } = groupNodes(document, chosenNodes(store));
  if (id === "") return;
  apply(next);
  set({ writing: groupId(id) });
}

/** Takes the frames of what is chosen away. */
export function ungroupChosen(store: DesignerStore): void {
  const { document, apply } = store.getState();
  apply(
    ungroup(
      document,
      chosenNodes(store).flatMap((node) => groupOf(document, node)?.id ?? []),
    ),
  );
}

export function toggleDisabledChosen(store: DesignerStore): void {
  const { document, apply } = store.getState();
  apply(toggleDisabled(document, chosenNodes(store)));
}

export function disableChosen(store: DesignerStore, way: Disabled | undefined): void {
  const { document, apply } = store.getState();
  apply(setDisabled(document, chosenNodes(store), way));
}

/** Lays out what is chosen, where that is more than one node, else all. Answers whether it was all. */
export async function tidyUp(store: DesignerStore): Promise<"all" | "chosen"> {
  const asked = store.getState().document;
  const chosen = chosenNodes(store);
  const isPart = chosen.length > 1 && chosen.length < asked.nodes.length;
  const places = await layOutAside(isPart ? copyPiece(asked, chosen) : asked);
  // What was drawn meanwhile stays as it is.
  const { document, apply } = store.getState();
  apply(moveNodes(document, isPart ? keepCorner(asked, places) : places));
  return isPart ? "chosen" : "all";
}

/** Opens the list of kinds that may stand in the chosen node's place. */
export function replaceChosen(store: DesignerStore, node = inspectedNode(store.getState())): void {
  if (node === null || store.getState().readOnly) return;
  const box = window.document
    .querySelector(`.react-flow__node[data-id="${CSS.escape(node)}"]`)
    ?.getBoundingClientRect();
  const screen = box ? { x: box.left, y: box.bottom } : { x: window.innerWidth / 2, y: window.innerHeight / 3 };
  store.getState().set({ quickAdd: { screen, at: { x: 0, y: 0 }, replaces: node } });
}
