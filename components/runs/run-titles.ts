import type { FlowDocument, FlowNode } from "@/flow/document";
import type { RunSummary } from "@/server/views";
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

/** Where its message lay, as the search takes it: `orders/2 @ 4711`. What a person sent to a node again lay nowhere. */
export function placeOfRun({ lane, position }: Pick<RunSummary, "lane" | "position">): string {
  return lane === "redrive" && /^[0-9a-f-]{36}$/.test(position)
    ? `sent again, ${position.slice(0, 8)}`
    : `${lane} @ ${position}`;
}
