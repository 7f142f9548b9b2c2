import type { FlowNode } from "@/flow/document";
import { nodeHeight, nodeWidth } from "./measures";

/** Where the canvas looks: a place of the drawing is at `place * zoom + x`. */
export interface Viewport {
  x: number;
  y: number;
  zoom: number;
}

interface Pane {
  width: number;
  height: number;
}

/** Below this nothing can be read. */
const readableZoom = 0.72;
const largestZoom = 1.1;
/** Around the drawing, for what lies over its corners. */
const room = 48;
/** From the pane's edge to a node that is in sight. */
const marginPx = 24;

/**
 * A view in which the drawing can be read: all of it where it is readable as a whole; else at a readable size, with the node that is looked at
 * in the middle, as far as the drawing reaches.
 */
export function findReadingView(
  nodes: readonly FlowNode[],
  pane: Pane,
  node: string | null,
  smallestZoom = readableZoom,
): Viewport {
  const boxes = nodes.map(boxOf);
  if (boxes.length === 0 || pane.width === 0 || pane.height === 0) return { x: 0, y: 0, zoom: 1 };
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const right = Math.max(...boxes.map((box) => box.right));
  const bottom = Math.max(...boxes.map((box) => box.bottom));
  const fitting = Math.min((pane.width - 2 * room) / (right - left), (pane.height - 2 * room) / (bottom - top));
  const zoom = Math.min(largestZoom, Math.max(smallestZoom, fitting));
  const focus = nodes.findIndex(({ id }) => id === node);
  const centre = boxes[focus] ?? { left, right, top, bottom };
  return {
    zoom,
    x: slide(pane.width, left * zoom, right * zoom, ((centre.left + centre.right) / 2) * zoom),
    y: slide(pane.height, top * zoom, bottom * zoom, ((centre.top + centre.bottom) / 2) * zoom),
  };
}

/** The view moved as far as is needed for a node to be in sight; null when it is. */
export function revealNode(node: FlowNode, pane: Pane, view: Viewport): Viewport | null {
  const { left, top, right, bottom } = boxOf(node);
  const { x, y, zoom } = view;
  const outside =
    left * zoom + x < marginPx ||
    top * zoom + y < marginPx ||
    right * zoom + x > pane.width - marginPx ||
    bottom * zoom + y > pane.height - marginPx;
  if (!outside) return null;
  return {
    zoom,
    x: pane.width / 2 - ((left + right) / 2) * zoom,
    y: pane.height / 2 - ((top + bottom) / 2) * zoom,
  };
}

function boxOf(node: FlowNode) {
  const { x: left, y: top } = node.position ?? { x: 0, y: 0 };
  return { left, top, right: left + nodeWidth, bottom: top + nodeHeight(node) };
}

/** Puts `centre` into the middle of a stretch, without showing what lies beyond the drawing's ends; one that fits is centred as a whole. */
function slide(size: number, from: number, to: number, centre: number): number {
  if (to - from <= size - 2 * room) return size / 2 - (from + to) / 2;
  return Math.min(room - from, Math.max(size - room - to, size / 2 - centre));
}
