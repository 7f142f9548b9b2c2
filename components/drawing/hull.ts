import type { Point } from "./measures";

/** A node's place and size. */
export interface Box extends Point {
  width: number;
  height: number;
}

/** What is drawn behind the nodes of one saga. */
export interface Hull {
  /** Around them, corner by corner, all edges level or upright. */
  outline: readonly Point[];
  /** Around what stands in there without being of the saga. */
  islands: readonly Box[];
}

/** How far the hull stands off from its nodes. */
const hullGap = 20;
/** How far an island stands off from what is on it. */
const islandGap = 10;
/** Steps of the outline that are smaller are none. */
const smallestStep = 28;

/**
 * One box around all, as long as nothing else stands in it; else an outline that follows them, column by column, with an island for whatever
 * stands between them all the same: what does not belong to the saga never seems to. Null where there is nothing to draw.
 */
export function hullOf(own: readonly Box[], others: readonly Box[]): Hull | null {
  if (own.length === 0) return null;
  const around = grow(unite(own), hullGap);
  if (!others.some((other) => overlaps(other, around))) return { outline: cornersOf([around]), islands: [] };
  const columns = closeGaps(makeColumns(own.map((box) => grow(box, hullGap))));
  const within = (other: Box) => columns.some((column) => overlaps(other, column));
  return { outline: cornersOf(columns), islands: others.filter(within).map((other) => grow(other, islandGap)) };
}

/** Boxes that stand above one another as one, from left to right. */
function makeColumns(boxes: readonly Box[]): Box[] {
  const columns: Box[] = [];
  for (const box of boxes.toSorted((a, b) => a.x - b.x)) {
    const last = columns.at(-1);
    // Two that only reach into each other's margin are columns of their own.
    if (last && box.x < last.x + last.width - 2 * hullGap) columns[columns.length - 1] = unite([last, box]);
    else columns.push(box);
  }
  return columns;
}

/** Neighbours meet half-way, reach each other's height, and make no small steps. */
function closeGaps(columns: readonly Box[]): Box[] {
  const closed = columns.map((column) => ({
    ...column,
    right: column.x + column.width,
    bottom: column.y + column.height,
  }));
  for (const [index, column] of closed.entries()) {
    const next = closed[index + 1];
    if (!next) continue;
    const middle = (column.right + next.x) / 2;
    column.right = middle;
    next.x = middle;
    // One that hangs above or below its neighbour reaches down or up to it.
    const [upper, lower] = column.y < next.y ? [column, next] : [next, column];
    upper.bottom = Math.max(upper.bottom, lower.y + 2 * hullGap + smallestStep);
  }
  // Forth and back, so that a row of small steps becomes level as a whole.
  for (const order of [closed, closed.toReversed()]) {
    for (const [index, column] of order.entries()) {
      const next = order[index + 1];
      if (!next) continue;
      if (Math.abs(column.y - next.y) < smallestStep) column.y = next.y = Math.min(column.y, next.y);
      if (Math.abs(column.bottom - next.bottom) < smallestStep) {
        column.bottom = next.bottom = Math.max(column.bottom, next.bottom);
      }
    }
  }
  return closed.map(({ x, y, right, bottom }) => ({ x, y, width: right - x, height: bottom - y }));
}

/** Along the tops to the right, and along the bottoms back. */
function cornersOf(columns: readonly Box[]): Point[] {
  const tops = columns.flatMap(({ x, y, width }) => [
    { x, y },
    { x: x + width, y },
  ]);
  const bottoms = columns.toReversed().flatMap(({ x, y, width, height }) => [
    { x: x + width, y: y + height },
    { x, y: y + height },
  ]);
  const all = [...tops, ...bottoms];
  // Where two columns are level there is no corner.
  return all.filter((point, index) => {
    const [before, after] = [all.at(index - 1)!, all[(index + 1) % all.length]!];
    const isLevel = before.y === point.y && point.y === after.y;
    const isUpright = before.x === point.x && point.x === after.x;
    return !isLevel && !isUpright;
  });
}

/** A path along the corners, each rounded as far as its edges allow. */
export function drawOutline(corners: readonly Point[], radius: number): string {
  const parts = corners.map((corner, index) => {
    const [before, after] = [corners.at(index - 1)!, corners[(index + 1) % corners.length]!];
    const reach = Math.min(radius, lengthOf(before, corner) / 2, lengthOf(corner, after) / 2);
    const [from, to] = [towards(corner, before, reach), towards(corner, after, reach)];
    return `${index === 0 ? "M" : "L"}${from.x} ${from.y}Q${corner.x} ${corner.y} ${to.x} ${to.y}`;
  });
  return `${parts.join("")}Z`;
}

const lengthOf = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);

function towards(from: Point, to: Point, by: number): Point {
  const length = lengthOf(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * by) / length, y: from.y + ((to.y - from.y) * by) / length };
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
