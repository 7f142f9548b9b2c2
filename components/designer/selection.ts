import { notify, notifyDone, notifyError } from "../ui/toast";
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
import { nudgeGroup } from "./history";
import { type DesignerStore, inspectedNode, selectedNodes } from "./store";

/** What can be done with what is chosen. */

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

/** What is chosen, as the text of a flow file; null when nothing is. */
export function writeSelection(store: DesignerStore): string | null {
  const piece = copyNodes(store.getState().document, selectedNodes(store.getState()));
  return piece.nodes.length === 0 ? null : JSON.stringify(piece, null, 2);
}

/** Puts what is chosen on the system's clipboard without the browser's copy key. Was it done? */
export async function copySelection(store: DesignerStore): Promise<boolean> {
  const text = writeSelection(store);
  if (text === null) return false;
  try {
    await navigator.clipboard.writeText(text);
    notifyDone("Copied, as a flow file");
    return true;
  } catch (error) {
    notifyError("The browser keeps the clipboard closed: use Ctrl C", error);
    return false;
  }
}

/** Adds what a text holds. Text that is no flow file is left alone; one that is almost one is refused with its reason. */
export function pasteText(store: DesignerStore, text: string, at: Point | { by: number }): boolean {
  if (store.getState().readOnly) return false;
  const piece = readClipboard(text);
  if (!piece || piece.nodes.length === 0) {
    if (text.trim().startsWith("{")) notify("Nothing was pasted", "The clipboard holds no flow file of this version.");
    return false;
  }
  const pasted = pasteNodes(store.getState().document, piece, at);
  store.getState().apply(pasted.document, { select: pasted.ids });
  return true;
}

/** Pastes without the browser's paste key; the browser may ask first. */
export async function pasteFromClipboard(store: DesignerStore): Promise<void> {
  try {
    pasteText(store, await navigator.clipboard.readText(), { by: 40 });
  } catch (error) {
    notifyError("The browser keeps the clipboard closed: use Ctrl V", error);
  }
}

/** Opens the inspector with the name ready to be typed. */
export function renameSelected(store: DesignerStore): void {
  const id = inspectedNode(store.getState());
  if (id) store.getState().inspect(id, { tab: "settings", field: "$title" });
}

export function nudge(store: DesignerStore, arrow: Point, step: number): void {
  const state = store.getState();
  const chosen = state.nodes.filter((node) => node.selected);
  const places = new Map(
    chosen.map((node) => [node.id, { x: node.position.x + arrow.x * step, y: node.position.y + arrow.y * step }]),
  );
  state.apply(moveNodes(state.document, places), { group: `${nudgeGroup}${chosen.map((node) => node.id).join()}` });
}
