import { Graph, layout } from "@dagrejs/dagre";
import type { FlowDocument } from "@/flow/document";
import { parseEndpoint } from "@/flow/graph";
import { heightOfPort, nodeHeight, nodeWidth, type Point } from "./measures";

const rowGap = 44;
/** Between a node and a wire that passes it. */
const wireGap = 16;

/** Places for every node, sources on the left, along the wires to the right; snapped to the dots. Loaded only when needed. */
export function layOut(document: FlowDocument): Map<string, Point> {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: rowGap, ranksep: 68, marginx: 20, marginy: 20 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of document.nodes) graph.setNode(node.id, { width: nodeWidth, height: nodeHeight(node) });
  document.edges.forEach((edge, index) => {
    const [from, to] = [parseEndpoint(edge.from, "out"), parseEndpoint(edge.to, "in")];
    if (!graph.hasNode(from.node) || !graph.hasNode(to.node)) return;
    // Error wires say least about the order of things, so they give way.
    graph.setEdge(from.node, to.node, { weight: from.port === "error" ? 1 : 3 }, String(index));
  });
  layout(graph);
  const boxes = document.nodes.map((node): Box => {
    const place = graph.node(node.id) as { x: number; y: number; width: number; height: number };
    const { width, height } = place;
    return { id: node.id, x: place.x - width / 2, y: place.y - height / 2, height };
  });
  followPorts(document, boxes);
  return new Map(boxes.map(({ id, x, y }) => [id, { x: snap(x), y: snap(y) }]));
}

interface Box extends Point {
  id: string;
  height: number;
}

/** A wire between two boxes, with the ports' heights in them. */
interface Run {
  source: Box;
  target: Box;
  from: number;
  to: number;
}

/**
 * Within a column, nodes stand in the order of the ports that lead to them, so that the wires of a switch do not cross, and as high as
 * these ports, so that the wires of a chain are level; but aside where a wire passes that leads further. Dagre knows nodes and no ports.
 */
function followPorts(document: FlowDocument, boxes: Box[]): void {
  const runs = listRuns(document, boxes);
  const columns = new Map<number, Box[]>();
  for (const box of boxes) columns.set(Math.round(box.x), [...(columns.get(Math.round(box.x)) ?? []), box]);
  const inOrder = [...columns].sort(([a], [b]) => a - b);
  // Where a wire passes depends on where it ends, and that on what it passes.
  for (let round = 0; round < 3; round++) for (const [x, column] of inOrder) placeColumn(x, column, runs);
}

function placeColumn(x: number, column: readonly Box[], runs: readonly Run[]): void {
  const wish = new Map(column.map((box) => [box.id, wishedTop(box, runs)]));
  const now = [...column].sort((a, b) => a.y - b.y);
  const sorted = [...now].sort((a, b) => (wish.get(a.id) ?? a.y) - (wish.get(b.id) ?? b.y));
  if (sorted.some((box, index) => box !== now[index])) {
    let top = now[0]!.y;
    for (const [index, box] of sorted.entries()) {
      const space = index === 0 ? 0 : rowGap;
      box.y = top + space;
      top = box.y + box.height;
    }
  }
  // The column moves as a whole: its nodes keep their distances.
  const wishes = column.flatMap((box) => (wish.get(box.id) === undefined ? [] : [wish.get(box.id)! - box.y]));
  const shift = wishes.reduce((sum, each) => sum + each, 0) / Math.max(1, wishes.length);
  for (const box of column) box.y += shift;
  const passing = runs.filter(({ source, target }) => source.x + nodeWidth < x && target.x > x + nodeWidth);
  const aside = wayAside(
    column,
    passing.map((run) => stretchOf(run, x)),
  );
  for (const box of column) box.y += aside;
}

function listRuns(document: FlowDocument, boxes: readonly Box[]): Run[] {
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const nodes = new Map(document.nodes.map((node) => [node.id, node]));
  return document.edges.flatMap((edge): Run[] => {
    const [from, to] = [parseEndpoint(edge.from, "out"), parseEndpoint(edge.to, "in")];
    const [source, target] = [byId.get(from.node), byId.get(to.node)];
    const [node, other] = [nodes.get(from.node), nodes.get(to.node)];
    if (!source || !target || !node || !other) return [];
    const heights = { from: heightOfPort(node, from.port), to: heightOfPort(other, to.port) };
    return [{ source, target, ...heights }];
  });
}

/** Where a node would stand for the wires that lead to it to be level, the long ones above all; nothing where none does. */
function wishedTop(box: Box, runs: readonly Run[]): number | undefined {
  const leading = runs.filter(({ target }) => target === box);
  if (leading.length === 0) return undefined;
  const weightOf = ({ source }: Run) => (box.x - source.x) ** 2;
  const sum = leading.reduce((all, run) => all + weightOf(run) * (run.source.y + run.from - run.to), 0);
  return sum / leading.reduce((all, run) => all + weightOf(run), 0);
}

/** Between which heights a wire passes a column. */
function stretchOf({ source, target, from, to }: Run, x: number): { top: number; bottom: number } {
  const [start, end] = [source.x + nodeWidth, target.x];
  const [first, last] = [source.y + from, target.y + to];
  const heightAt = (at: number) => {
    // The curve of a wire: slow at its ends, so that more of its height is made in the middle.
    const part = (at - start) / (end - start);
    return first + (last - first) * part * part * (3 - 2 * part);
  };
  const heights = [heightAt(x), heightAt(x + nodeWidth)];
  return { top: Math.min(...heights) - wireGap, bottom: Math.max(...heights) + wireGap };
}

/** How far a column has to move for no wire to pass behind a node of it: as little as will do, not at all where nothing does. */
function wayAside(column: readonly Box[], stretches: readonly { top: number; bottom: number }[]): number {
  const isClear = (by: number) =>
    column.every((box) => stretches.every(({ top, bottom }) => box.y + by >= bottom || box.y + by + box.height <= top));
  const ways = column.flatMap((box) =>
    stretches.flatMap(({ top, bottom }) => [bottom - box.y, top - (box.y + box.height)]),
  );
  return [0, ...ways].sort((a, b) => Math.abs(a) - Math.abs(b)).find(isClear) ?? 0;
}

const snap = (value: number) => Math.round(value / 4) * 4;
