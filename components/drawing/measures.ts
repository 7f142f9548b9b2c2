import type { FlowNode } from "@/flow/document";
import { portsOfNode } from "./kinds";

/** A place in the drawing's own measures. */
export interface Point {
  x: number;
  y: number;
}

/** Measures of a node, the same for the card, the layout and the mini drawing. */
export const nodeWidth = 212;
export const headHeight = 54;
export const portHeight = 22;

/** Ports get a row each when there is more than one way out beside `error`. */
export function hasPortRows(ports: { out: readonly string[] }): boolean {
  return ports.out.filter((port) => port !== "error").length > 1;
}

export function nodeHeight(node: FlowNode): number {
  const ports = portsOfNode(node);
  return hasPortRows(ports)
    ? headHeight + ports.out.filter((port) => port !== "error").length * portHeight
    : headHeight;
}
