import type { FlowDocument } from "@/flow/document";
import { nodeHeight, nodeWidth, type Point } from "../drawing/measures";
import { moveNodes, nodeOf } from "./edit";

export type Alignment = "left" | "centre" | "right" | "top" | "middle" | "bottom";
export type Axis = "x" | "y";

interface Box extends Point {
  id: string;
  width: number;
  height: number;
}

function boxesOf(document: FlowDocument, ids: readonly string[]): Box[] {
  return ids.flatMap((id): Box[] => {
    const node = nodeOf(document, id);
    return node?.position ? [{ id, ...node.position, width: nodeWidth, height: nodeHeight(node) }] : [];
  });
}

/** Moves nodes so that their edges or middles are in one line: that of the outermost, or of the middle of all. */
export function alignNodes(document: FlowDocument, ids: readonly string[], to: Alignment): FlowDocument {
  const boxes = boxesOf(document, ids);
  if (boxes.length < 2) return document;
  const left = Math.min(...boxes.map(({ x }) => x));
  const right = Math.max(...boxes.map(({ x, width }) => x + width));
  const top = Math.min(...boxes.map(({ y }) => y));
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height));
  const place = (box: Box): Point => {
    switch (to) {
      case "left":
        return { x: left, y: box.y };
      case "centre":
        return { x: (left + right - box.width) / 2, y: box.y };
      case "right":
        return { x: right - box.width, y: box.y };
      case "top":
        return { x: box.x, y: top };
      case "middle":
        return { x: box.x, y: (top + bottom - box.height) / 2 };
      case "bottom":
        return { x: box.x, y: bottom - box.height };
    }
  };
  return moveNodes(document, new Map(boxes.map((box) => [box.id, place(box)])));
}

/** Moves nodes so that the gaps between them are equal; the outermost stay. */
export function distributeNodes(document: FlowDocument, ids: readonly string[], axis: Axis): FlowDocument {
  const size = axis === "x" ? "width" : "height";
  const boxes = boxesOf(document, ids).sort((a, b) => a[axis] - b[axis]);
  const [first, last] = [boxes[0], boxes.at(-1)];
  if (!first || !last || boxes.length < 3) return document;
  const between = boxes.slice(1, -1);
  const space = last[axis] - (first[axis] + first[size]);
  const gap = (space - between.reduce((sum, box) => sum + box[size], 0)) / (boxes.length - 1);
  let at = first[axis] + first[size] + gap;
  const places = new Map<string, Point>();
  for (const box of between) {
    places.set(box.id, { x: box.x, y: box.y, [axis]: at });
    at += box[size] + gap;
  }
  return moveNodes(document, places);
}

/** Places worked out anew for a part of the drawing, so that its upper left corner stays where it was. */
export function keepCorner(document: FlowDocument, places: ReadonlyMap<string, Point>): Map<string, Point> {
  const boxes = boxesOf(document, [...places.keys()]);
  const cornerOf = (points: readonly Point[]): Point => ({
    x: Math.min(...points.map(({ x }) => x)),
    y: Math.min(...points.map(({ y }) => y)),
  });
  if (boxes.length === 0) return new Map(places);
  const [before, after] = [cornerOf(boxes), cornerOf([...places.values()])];
  return new Map([...places].map(([id, { x, y }]) => [id, { x: x + before.x - after.x, y: y + before.y - after.y }]));
}
