import type { FlowDocument } from "@/flow/document";
import { notify, notifyDone, notifyError } from "../ui/toast";
import { moveNodes, noteId, type Point, removeNodes, removeNotes, removeWires } from "./edit";
import { nudgeGroup } from "./history";
import { copyPiece, isEmptyPiece, pastePiece, readPiece, refusePiece } from "./piece";
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
  const piece = copyPiece(document, selectedNodes(store.getState()));
  if (isEmptyPiece(piece)) return;
  const pasted = pastePiece(document, piece, { by: 32 });
  apply(pasted.document, { select: pasted.ids });
}

/** What is chosen, as the text of a flow file; null when nothing is. */
export function writeSelection(store: DesignerStore): string | null {
  const piece = copyPiece(store.getState().document, selectedNodes(store.getState()));
  return isEmptyPiece(piece) ? null : JSON.stringify(piece, null, 2);
}

/** Puts what is chosen on the system's clipboard without the browser's copy key. Was it done? */
export async function copySelection(store: DesignerStore): Promise<boolean> {
  const text = writeSelection(store);
  if (text === null) return false;
  try {
    await navigator.clipboard.writeText(text);
    notifyDone("Copied, as a flow file");
    return true;
  } catch {
    notifyError("The browser keeps the clipboard closed: use Ctrl C");
    return false;
  }
}

/** Adds the piece that a text holds; any other text is refused with its reason, and the drawing stays as it is. */
export async function pasteText(store: DesignerStore, text: string, at: Point | { by: number }): Promise<void> {
  if (store.getState().readOnly) return;
  // The reader of flow files says what is wrong with a text; whoever pastes nothing need not load it.
  const { parseFlow } = await import("@/flow/parse");
  const read = readPiece(text, parseFlow);
  const refused = "reason" in read ? read.reason : refusePiece(store.getState().document, read.piece);
  if (refused !== null || !("piece" in read)) {
    notify("Nothing was pasted", refused ?? "");
    return;
  }
  const pasted = pastePiece(store.getState().document, await placePiece(read.piece), at);
  store.getState().apply(pasted.document, { select: pasted.ids });
}

/** A piece that somebody wrote by hand has no places: it is laid out, so that its nodes do not cover each other. */
async function placePiece(piece: FlowDocument): Promise<FlowDocument> {
  if (piece.nodes.some((node) => node.position)) return piece;
  const { layOut } = await import("../drawing/layout");
  return moveNodes(piece, layOut(piece));
}

/** Pastes without the browser's paste key; the browser may ask first. */
export async function pasteFromClipboard(store: DesignerStore): Promise<void> {
  let text: string;
  try {
    text = await navigator.clipboard.readText();
  } catch {
    notifyError("The browser keeps the clipboard closed: use Ctrl V");
    return;
  }
  await pasteText(store, text, { by: 40 });
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
