import { Graph, layout } from "@dagrejs/dagre";
import type { FlowDocument, FlowNode } from "@/flow/document";
import { parseEndpoint } from "@/flow/graph";
import { portsOfNode } from "./kinds";
import { nodeHeight, nodeWidth, type Point, portHeight, topOfRows } from "./measures";

const rowGap = 44;

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

/**
 * Within a column, nodes stand in the order of the ports that lead to them, so that the wires of a switch do not cross. Dagre knows
 * nodes and no ports.
 */
function followPorts(document: FlowDocument, boxes: Box[]): void {
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const nodes = new Map(document.nodes.map((node) => [node.id, node]));
  const columns = new Map<number, Box[]>();
  for (const box of boxes) columns.set(Math.round(box.x), [...(columns.get(Math.round(box.x)) ?? []), box]);
  for (const [, column] of [...columns].sort(([a], [b]) => a - b)) {
    if (column.length < 2) continue;
    const wish = new Map(column.map((box) => [box.id, heightOfSources(document, nodes, byId, box)]));
    const now = [...column].sort((a, b) => a.y - b.y);
    const sorted = [...now].sort((a, b) => wish.get(a.id)! - wish.get(b.id)!);
    if (sorted.every((box, index) => box === now[index])) continue;
    let top = now[0]!.y;
    for (const [index, box] of sorted.entries()) {
      const space = index === 0 ? 0 : rowGap;
      box.y = top + space;
      top = box.y + box.height;
    }
  }
}

/** The mean height of the ports that lead to a node; its own where none does. */
function heightOfSources(
  document: FlowDocument,
  nodes: ReadonlyMap<string, FlowNode>,
  boxes: ReadonlyMap<string, Box>,
  box: Box,
): number {
  const heights = document.edges.flatMap((edge) => {
    if (parseEndpoint(edge.to, "in").node !== box.id) return [];
    const from = parseEndpoint(edge.from, "out");
    const [source, node] = [boxes.get(from.node), nodes.get(from.node)];
    if (!source || !node) return [];
    const rows = portsOfNode(node).out.filter((port) => port !== "error");
    // The error port leaves at the foot of the node, below all others.
    const row = from.port === "error" ? rows.length : rows.indexOf(from.port);
    return [source.y + topOfRows(node) + row * portHeight];
  });
  if (heights.length === 0) return box.y + box.height / 2;
  return heights.reduce((sum, height) => sum + height, 0) / heights.length;
}

const snap = (value: number) => Math.round(value / 4) * 4;
