import { Graph, layout } from "@dagrejs/dagre";
import type { FlowDocument } from "@/flow/document";
import { parseEndpoint } from "@/flow/graph";
import { nodeHeight, nodeWidth, type Point } from "./measures";

/** Places for every node, sources on the left, along the wires to the right; snapped to the dots. Loaded only when needed. */
export function layOut(document: FlowDocument): Map<string, Point> {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 44, ranksep: 68, marginx: 20, marginy: 20 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of document.nodes) graph.setNode(node.id, { width: nodeWidth, height: nodeHeight(node) });
  document.edges.forEach((edge, index) => {
    const [from, to] = [parseEndpoint(edge.from, "out"), parseEndpoint(edge.to, "in")];
    if (!graph.hasNode(from.node) || !graph.hasNode(to.node)) return;
    // Error wires say least about the order of things, so they give way.
    graph.setEdge(from.node, to.node, { weight: from.port === "error" ? 1 : 3 }, String(index));
  });
  layout(graph);
  const places = new Map<string, Point>();
  for (const node of document.nodes) {
    const place = graph.node(node.id) as { x: number; y: number; width: number; height: number };
    places.set(node.id, { x: snap(place.x - place.width / 2), y: snap(place.y - place.height / 2) });
  }
  return places;
}

const snap = (value: number) => Math.round(value / 4) * 4;
