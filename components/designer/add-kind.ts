import { findKind, portsOfNode } from "../drawing/kinds";
import { formatPlural } from "../ui/formats";
import { notify } from "../ui/toast";
import { addNode, connect, insertOnWire, nodeOf, type Point } from "./edit";
import { fitsAt } from "./fitting-kinds";
import { wiredPorts } from "./indexes";
import { noteUse } from "./kind-use";
import { replaceNode } from "./replace";
import { type DesignerStore, inspectedNode, type QuickAdd } from "./store";

/** Adds a kind where the list of kinds was opened: free, behind an open port, into a wire, or in a node's place. */
export function addByQuickAdd(store: DesignerStore, kind: string, place: QuickAdd): void {
  const { document, apply } = store.getState();
  noteUse(kind);
  if (place.replaces !== undefined) {
    const { replaces } = place;
    const { document: next, lost } = replaceNode(document, replaces, kind);
    apply(next, { select: [replaces] });
    store.getState().set({ quickAdd: null, inspectorTab: "settings" });
    if (lost > 0) notify(`${formatPlural(lost, "wire")} found no port`, "Undo brings back what was there.");
    return;
  }
  const added = addNode(document, kind, place.at);
  let next = added.document;
  if (place.wire !== undefined) next = insertOnWire(next, place.wire, added.id);
  else if (place.from) next = connect(next, place.from, { node: added.id, port: "in" });
  else if (place.to) {
    const ports = portsOfNode(nodeOf(next, added.id)!).out;
    const port = ports.find((each) => each !== "error");
    if (port !== undefined) next = connect(next, { node: added.id, port }, place.to);
  }
  apply(next, { select: [added.id] });
  store.getState().set({ quickAdd: null, inspectorTab: "settings" });
}

/** Adds a kind by a click in the palette: behind the chosen node where that has an open output for it, else at the middle of what is seen. */
export function addByClick(store: DesignerStore, kind: string, middle: Point): void {
  noteUse(kind);
  const { document, apply, nodes } = store.getState();
  const chosen = inspectedNode({ nodes });
  const before = chosen === null ? undefined : nodeOf(document, chosen);
  const added = findKind(kind);
  const open =
    before &&
    added &&
    portsOfNode(before).out.find(
      (port) =>
        port !== "error" &&
        !wiredPorts(document.edges, before.id).has(port) &&
        fitsAt(document, { from: { node: before.id, port } }, added),
    );
  const place = before && open !== undefined ? nodes.find((node) => node.id === before.id)?.position : undefined;
  if (before && open !== undefined && place) {
    const behind = addNode(document, kind, freePlace(nodes, { x: place.x + 300, y: place.y }));
    const wired = connect(behind.document, { node: before.id, port: open }, { node: behind.id, port: "in" });
    apply(wired, { select: [behind.id] });
    return;
  }
  const free = addNode(document, kind, freePlace(nodes, { x: middle.x - 106, y: middle.y - 27 }));
  apply(free.document, { select: [free.id] });
}

/** The place itself, or the first one below it that covers no other node. */
export function freePlace(nodes: readonly { position: Point; measured?: { height?: number } }[], wanted: Point): Point {
  let place = wanted;
  const covers = (other: { position: Point; measured?: { height?: number } }) =>
    Math.abs(other.position.x - place.x) < 220 &&
    place.y < other.position.y + (other.measured?.height ?? 54) + 20 &&
    other.position.y < place.y + 74;
  for (let tries = 0; tries < 50; tries++) {
    const other = nodes.find(covers);
    if (!other) break;
    place = { x: place.x, y: other.position.y + (other.measured?.height ?? 54) + 24 };
  }
  return place;
}
