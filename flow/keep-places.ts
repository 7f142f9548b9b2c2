import type { FlowDocument } from "./document";

/** The document, with the places that `drawn` has for the nodes that it gives none: files are written by hand, too. */
export function keepPlaces(document: FlowDocument, drawn: FlowDocument | null): FlowDocument {
  const places = new Map(drawn?.nodes.map((node) => [node.id, node.position]));
  return {
    ...document,
    nodes: document.nodes.map((node) => {
      const position = node.position ?? places.get(node.id);
      return position ? { ...node, position } : node;
    }),
  };
}
