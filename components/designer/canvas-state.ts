import type { Edge, Node } from "@xyflow/react";
import type { FlowDocument } from "@/flow/document";
import { nameEdge, parseEndpoint } from "@/flow/graph";
import type { Problem } from "@/flow/problems";
import { placeMissing } from "../drawing/place-missing";
import { noteId } from "./edit";
import { nameNode } from "./node-name";

/** What React Flow draws: only places and choices. Everything else a node reads from the document by its id. */
export type CanvasNode = Node<{ placed: boolean }, "kind" | "note">;
export type CanvasEdge = Edge<{ key: string }, "wire">;

/** As much of a note is read out before one opens it. */
const noteWords = 80;

/** Derives the canvas from the document. Nodes and wires that did not change keep their identity, so that nothing else draws again. */
export function toCanvas(
  document: FlowDocument,
  previous: { nodes: CanvasNode[]; edges: CanvasEdge[]; problems?: readonly Problem[] } = { nodes: [], edges: [] },
): { nodes: CanvasNode[]; edges: CanvasEdge[] } {
  const oldNodes = new Map(previous.nodes.map((node) => [node.id, node]));
  const nodes: CanvasNode[] = [];
  const someLack = document.nodes.some((node) => !node.position) && document.nodes.some((node) => node.position);
  const missing = someLack ? placeMissing(document) : undefined;
  const add = (
    id: string,
    type: "kind" | "note",
    ariaLabel: string,
    position: { x: number; y: number } | undefined,
    index: number,
  ) => {
    const old = oldNodes.get(id);
    // What is being dragged is where the hand is, whatever comes in from elsewhere.
    if (old?.dragging) {
      nodes.push(old);
      return;
    }
    const place = position ?? missing?.get(id) ?? { x: (index % 4) * 260, y: Math.floor(index / 4) * 140 };
    const sameName = old?.ariaLabel === ariaLabel;
    if (old && sameName && old.position.x === place.x && old.position.y === place.y) nodes.push(old);
    else nodes.push({ ...old, id, type, ariaLabel, position: place, data: { placed: position !== undefined } });
  };
  // A file may name the same node twice: the check says so, the canvas draws the first.
  const seen = new Set<string>();
  document.nodes.forEach((node, index) => {
    if (seen.has(node.id)) return;
    seen.add(node.id);
    add(node.id, "kind", nameNode(document, node, previous.problems ?? []), node.position, index);
  });
  for (const note of document.notes ?? [])
    add(noteId(note.id), "note", `Note, ${note.text.slice(0, noteWords) || "empty"}`, note.position, 0);

  const oldEdges = new Map(previous.edges.map((edge) => [edge.id, edge]));
  const edges: CanvasEdge[] = [];
  const drawn = new Set<string>();
  for (const edge of document.edges) {
    const key = nameEdge(edge);
    const [from, to] = [parseEndpoint(edge.from, "out"), parseEndpoint(edge.to, "in")];
    if (drawn.has(key) || !seen.has(from.node) || !seen.has(to.node)) continue;
    drawn.add(key);
    edges.push(
      oldEdges.get(key) ?? {
        id: key,
        type: "wire",
        source: from.node,
        sourceHandle: from.port,
        target: to.node,
        targetHandle: to.port,
        data: { key },
        ariaLabel: `Wire from ${edge.from} to ${edge.to}`,
      },
    );
  }
  return {
    nodes: sameItems(previous.nodes, nodes) ? previous.nodes : nodes,
    edges: sameItems(previous.edges, edges) ? previous.edges : edges,
  };
}

/** Writes the canvas's places back into the document: the inverse of `toCanvas`. Nodes that were never placed stay without a position. */
export function fromCanvas(document: FlowDocument, canvas: { nodes: readonly CanvasNode[] }): FlowDocument {
  const places = new Map(canvas.nodes.filter((node) => node.data.placed).map((node) => [node.id, node.position]));
  const { notes, ...rest } = document;
  return {
    ...rest,
    nodes: document.nodes.map((node) => {
      const position = places.get(node.id);
      return position ? { ...node, position: { ...position } } : node;
    }),
    ...(notes
      ? { notes: notes.map((note) => ({ ...note, position: { ...(places.get(noteId(note.id)) ?? note.position) } })) }
      : {}),
  };
}

function sameItems(before: readonly unknown[], after: readonly unknown[]): boolean {
  return before.length === after.length && before.every((item, index) => item === after[index]);
}
