import type { Point } from "./measures";

/** A node's place and size. */
export interface Box extends Point {
  width: number;
  height: number;
}

/** What is drawn behind the nodes of one saga: around all of them, or around each and along the wires between them. */
export interface Hull {
  boxes: readonly Box[];
  bands: readonly { from: Point; to: Point }[];
}

/** How far the hull stands off from its nodes. */
export const hullGap = 20;
export const bandWidth = 56;
/** Down to where a wire enters or leaves a node by its head. */
const middleOfHead = 26;

/**
 * One box around all, as long as nothing else stands in it; else each node by itself, held together by bands along the wires, so that
 * what does not belong to the saga never seems to. Null where there is nothing to draw.
 */
export function hullOf(
  own: ReadonlyMap<string, Box>,
  others: readonly Box[],
  wires: readonly { from: { node: string }; to: { node: string } }[],
): Hull | null {
  const boxes = [...own.values()];
  if (boxes.length === 0) return null;
  const around = grow(unite(boxes), hullGap);
  if (!others.some((other) => overlaps(other, around))) return { boxes: [around], bands: [] };
  const bands = wires.flatMap((wire) => {
    const [from, to] = [own.get(wire.from.node), own.get(wire.to.node)];
    if (!from || !to) return [];
    return [{ from: { x: from.x + from.width, y: from.y + middleOfHead }, to: { x: to.x, y: to.y + middleOfHead } }];
  });
  return { boxes: boxes.map((box) => grow(box, hullGap)), bands };
}

function unite(boxes: readonly Box[]): Box {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

function grow({ x, y, width, height }: Box, by: number): Box {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
