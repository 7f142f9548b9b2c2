import type { FlowDocument } from "@/flow/document";
import { parseEndpoint } from "@/flow/graph";
import { nodeHeight, nodeWidth, type Point } from "./measures";

const gapX = 68;
const gapY = 44;

/**
 * Places for the nodes that have none, in a drawing in which others have: to the right of what leads to them, else to the left of what they
 * lead to, else below everything; further down where somebody stands already. Files are written by hand, too.
 */
export function placeMissing(document: FlowDocument): ReadonlyMap<string, Point> {
  const placed = new Map<string, Point & { height: number }>();
  for (const node of document.nodes)
    if (node.position) placed.set(node.id, { ...node.position, height: nodeHeight(node) });
  const found = new Map<string, Point>();
  let missing = document.nodes.filter(({ position }) => !position);
  const wires = document.edges.map(({ from, to }) => [parseEndpoint(from, "out").node, parseEndpoint(to, "in").node]);

  const wish = (id: string): Point | undefined => {
    for (const [from, to] of wires) {
      const before = to === id ? placed.get(from!) : undefined;
      if (before) return { x: before.x + nodeWidth + gapX, y: before.y };
    }
    for (const [from, to] of wires) {
      const behind = from === id ? placed.get(to!) : undefined;
      if (behind) return { x: behind.x - nodeWidth - gapX, y: behind.y };
    }
    return undefined;
  };
  const put = (node: FlowDocument["nodes"][number], { x, y }: Point) => {
    const height = nodeHeight(node);
    let top = y;
    for (let again = true; again; ) {
      again = false;
      for (const other of placed.values()) {
        const apart = Math.abs(other.x - x) >= nodeWidth || other.y >= top + height || other.y + other.height <= top;
        if (apart) continue;
        top = other.y + other.height + gapY;
        again = true;
      }
    }
    placed.set(node.id, { x, y: top, height });
    found.set(node.id, { x, y: top });
  };

  while (missing.length > 0) {
    const next = missing.find(({ id }) => wish(id)) ?? missing[0]!;
    put(next, wish(next.id) ?? lowestLeft([...placed.values()]));
    missing = missing.filter((node) => node !== next);
  }
  return found;
}

function lowestLeft(boxes: readonly (Point & { height: number })[]): Point {
  if (boxes.length === 0) return { x: 0, y: 0 };
  return {
    x: Math.min(...boxes.map(({ x }) => x)),
    y: Math.max(...boxes.map(({ y, height }) => y + height)) + gapY,
  };
}
