import type { FlowDocument, FlowEdge, FlowNode } from "./document";

export interface Endpoint {
  readonly node: string;
  readonly port: string;
}

export interface Wire {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly edge: FlowEdge;
}

/** A flow's nodes and wires, indexed. Wires whose nodes do not exist are left out. */
export interface Graph {
  readonly nodes: ReadonlyMap<string, FlowNode>;
  readonly wires: readonly Wire[];
  /** Wires by the node that they leave. */
  readonly leaving: ReadonlyMap<string, readonly Wire[]>;
  /** Wires by the node that they enter. */
  readonly entering: ReadonlyMap<string, readonly Wire[]>;
}

/** Reads `node` or `node.port`. Ids carry no dot, so the first one divides. */
export function parseEndpoint(text: string, defaultPort: "in" | "out"): Endpoint {
  const dot = text.indexOf(".");
  return dot < 0 ? { node: text, port: defaultPort } : { node: text.slice(0, dot), port: text.slice(dot + 1) };
}

/** Writes an endpoint the short way: without its port when that is the usual one. */
export function formatEndpoint(endpoint: Endpoint, defaultPort: "in" | "out"): string {
  return endpoint.port === defaultPort ? endpoint.node : `${endpoint.node}.${endpoint.port}`;
}

/** Names an edge in problems: `from>to`, as in the file. */
export function nameEdge(edge: FlowEdge): string {
  return `${edge.from}>${edge.to}`;
}

export function readWire(edge: FlowEdge): Wire {
  return { from: parseEndpoint(edge.from, "out"), to: parseEndpoint(edge.to, "in"), edge };
}

export function buildGraph(flow: Pick<FlowDocument, "nodes" | "edges">): Graph {
  const nodes = new Map(flow.nodes.map((node) => [node.id, node]));
  const wires = flow.edges.map(readWire).filter((wire) => nodes.has(wire.from.node) && nodes.has(wire.to.node));
  const leaving = new Map<string, Wire[]>();
  const entering = new Map<string, Wire[]>();
  for (const id of nodes.keys()) {
    leaving.set(id, []);
    entering.set(id, []);
  }
  for (const wire of wires) {
    leaving.get(wire.from.node)!.push(wire);
    entering.get(wire.to.node)!.push(wire);
  }
  return { nodes, wires, leaving, entering };
}

/** Every node that a message from one of `starts` can come to, with the starts themselves. */
export function findReachable(graph: Graph, starts: Iterable<string>): Set<string> {
  const seen = new Set(starts);
  // A Set hands out what is added while it is walked, so it is queue and answer in one.
  for (const id of seen) for (const wire of graph.leaving.get(id) ?? []) seen.add(wire.to.node);
  return seen;
}

/** Nodes so that each comes after all that lead to it; ties in the order of the file. Nodes on or behind a circle are left out. */
export function sortTopologically(graph: Graph): string[] {
  const open = new Map([...graph.entering].map(([id, wires]) => [id, wires.length]));
  const order = [...open].filter(([, count]) => count === 0).map(([id]) => id);
  for (const id of order) {
    for (const wire of graph.leaving.get(id)!) {
      const left = open.get(wire.to.node)! - 1;
      open.set(wire.to.node, left);
      if (left === 0) order.push(wire.to.node);
    }
  }
  return order;
}

/** Circles, each as the wires that close it, one per back edge found walking in the order of the file. */
export function findCycles(graph: Graph): Wire[][] {
  const cycles: Wire[][] = [];
  const finished = new Set<string>();
  for (const start of graph.nodes.keys()) {
    if (finished.has(start)) continue;
    // Depth first with its own stack: a drawing may be 2,000 nodes deep.
    const path: { node: string; by?: Wire; next: number }[] = [{ node: start, next: 0 }];
    const depths = new Map([[start, 0]]);
    while (path.length > 0) {
      const top = path.at(-1)!;
      const wire = graph.leaving.get(top.node)![top.next++];
      if (!wire) {
        finished.add(top.node);
        depths.delete(top.node);
        path.pop();
        continue;
      }
      const depth = depths.get(wire.to.node);
      if (depth !== undefined) cycles.push([...path.slice(depth + 1).map((step) => step.by!), wire]);
      else if (!finished.has(wire.to.node)) {
        depths.set(wire.to.node, path.length);
        path.push({ node: wire.to.node, by: wire, next: 0 });
      }
    }
  }
  return cycles;
}
