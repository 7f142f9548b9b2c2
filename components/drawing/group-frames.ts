import type { FlowDocument } from "@/flow/document";
import { nodeHeight, nodeWidth, type Point } from "./measures";

type Group = NonNullable<FlowDocument["groups"]>[number];

export interface Frame extends Point {
  group: Group;
  width: number;
  height: number;
}

/** How far a frame stands off from its nodes; above them is its title. */
const gap = 20;
export const titleHeight = 28;

/** The frames around the groups of a drawing, the large ones first, so that a small one in a large one can be got hold of. */
export function framesOf(document: FlowDocument, places: ReadonlyMap<string, Point>): Frame[] {
  const nodes = new Map(document.nodes.map((node) => [node.id, node]));
  const frames = (document.groups ?? []).flatMap((group): Frame[] => {
    const boxes = group.nodes.flatMap((id) => {
      const [node, place] = [nodes.get(id), places.get(id)];
      return node && place ? [{ ...place, right: place.x + nodeWidth, bottom: place.y + nodeHeight(node) }] : [];
    });
    if (boxes.length === 0) return [];
    const left = Math.min(...boxes.map(({ x }) => x)) - gap;
    const top = Math.min(...boxes.map(({ y }) => y)) - gap - titleHeight;
    const width = Math.max(...boxes.map(({ right }) => right)) + gap - left;
    const height = Math.max(...boxes.map(({ bottom }) => bottom)) + gap - top;
    return [{ group, x: left, y: top, width, height }];
  });
  return frames.sort((a, b) => b.width * b.height - a.width * a.height);
}
