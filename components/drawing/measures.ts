import type { FlowNode } from "@/flow/document";
import type { Ports } from "@/flow/kind";
import { deedsOfNode } from "./deeds";
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
/** Down to the ports of a head. */
const middleOfHead = 26;
/** What a step does, and what undoes it: a row each. */
export const deedHeight = 24;

/**
 * The rows of ports under a node's head. At the left the inputs beside `in`, and `error` where the outputs have rows; at the right the
 * outputs, when there is more than one beside `error`.
 */
export function rowsOfPorts(ports: Ports): { left: readonly string[]; right: readonly string[]; count: number } {
  const outputs = ports.out.filter((port) => port !== "error");
  const right = outputs.length > 1 ? outputs : [];
  const left = ports.in.filter((port) => port !== "in");
  if (right.length > 0 && ports.out.includes("error")) left.push("error");
  return { left, right, count: Math.max(left.length, right.length) };
}

/** From the top of a node to its first row of ports. */
function topOfRows(node: FlowNode): number {
  return headHeight + (deedsOfNode(node) ? 2 * deedHeight : 0);
}

export function nodeHeight(node: FlowNode): number {
  return topOfRows(node) + rowsOfPorts(portsOfNode(node)).count * portHeight;
}

/** From the top of a node to where a wire enters or leaves it. */
export function heightOfPort(node: FlowNode, port: string): number {
  const { left, right } = rowsOfPorts(portsOfNode(node));
  const row = Math.max(left.indexOf(port), right.indexOf(port));
  if (row >= 0) return topOfRows(node) + row * portHeight + portHeight / 2;
  // The error port of a node without rows leaves at its foot.
  return port === "error" ? nodeHeight(node) : middleOfHead;
}
