import type { FlowDocument, FlowNode } from "@/flow/document";
import { titleOfNode } from "../drawing/kinds";

/** The node of a run's drawing; undefined when the drawing is gone. */
export function nodeOf(document: FlowDocument, id: string): FlowNode | undefined {
  return document.nodes.find((node) => node.id === id);
}

/** What a person reads as its name; the id when the drawing is gone. */
export function titleOf(document: FlowDocument, id: string): string {
  const node = nodeOf(document, id);
  return node ? titleOfNode(node) : id;
}
