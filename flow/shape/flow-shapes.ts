import { configureNode, type FindKind, portsOf } from "../configure";
import type { FlowDocument, FlowNode } from "../document";
import { buildGraph, type Graph, sortTopologically } from "../graph";
import { findRegions } from "../saga/region";
import { readExpressionShape } from "./expression-shape";
import { type GiveShape, mergeShapes, type Shape, unknownShape } from "./shape";

/** What is known of the bodies of a drawing. */
export interface FlowShapes {
  /** Of the body as it comes to a node; unknown where nothing says. */
  into(node: string): Shape;
  /** Of the body as it leaves. */
  outOf(node: string, port: string): Shape;
  /** The node that gave the body this shape: through those that pass it on as it is, back to where it was made. */
  originOf(node: string): string;
}

/**
 * Carries shapes along the wires: each kind says what its outputs are from its input's. Where ways meet, a body has one shape or the other.
 * Inside of sagas, on circles, and behind kinds that do not say, it is unknown. `samples`: the shapes of what sources were seen to give,
 * for those that say nothing themselves.
 */
export function readFlowShapes(
  flow: Pick<FlowDocument, "nodes" | "edges">,
  find: FindKind,
  samples: Readonly<Record<string, Shape>> = {},
): FlowShapes {
  const graph = buildGraph(flow);
  const inside = new Set(findRegions(graph, find).flatMap(({ nodes }) => nodes));
  const comes = new Map<string, Shape>();
  const leaves = new Map<string, Shape>();
  for (const id of sortTopologically(graph)) {
    const node = graph.nodes.get(id)!;
    const came = inside.has(id) ? unknownShape : mergeComing(graph, id, leaves);
    comes.set(id, came);
    for (const port of portsOf(node, find).out) {
      const shape = inside.has(id) ? unknownShape : shapeOf(node, port, came, find);
      const seen = samples[id];
      leaves.set(`${id}.${port}`, shape.is === "unknown" && seen && port === "out" ? seen : shape);
    }
  }
  const into = (node: string) => comes.get(node) ?? unknownShape;
  return {
    into,
    outOf: (node, port) => leaves.get(`${node}.${port}`) ?? unknownShape,
    originOf(node) {
      const shape = into(node);
      let at = node;
      for (
        let wire = findGiver(graph, at, leaves, shape);
        wire !== undefined;
        wire = findGiver(graph, at, leaves, shape)
      ) {
        at = wire;
        if (into(at) !== shape) break;
      }
      return at === node ? (graph.entering.get(node)?.[0]?.from.node ?? node) : at;
    },
  };
}

function mergeComing(graph: Graph, id: string, leaves: ReadonlyMap<string, Shape>): Shape {
  const wires = graph.entering.get(id)!.filter(({ to }) => to.port === "in");
  const [first = unknownShape, ...rest] = wires.map(
    ({ from }) => leaves.get(`${from.node}.${from.port}`) ?? unknownShape,
  );
  return rest.reduce(mergeShapes, first);
}

function findGiver(graph: Graph, id: string, leaves: ReadonlyMap<string, Shape>, shape: Shape): string | undefined {
  return graph.entering.get(id)?.find(({ from }) => leaves.get(`${from.node}.${from.port}`) === shape)?.from.node;
}

const give: GiveShape = (source, variables) => readExpressionShape(source, variables).shape;

function shapeOf(node: FlowNode, port: string, came: Shape, find: FindKind): Shape {
  // What failed leaves as it came, and so does what passes a node that is disabled.
  if (port === "error" || node.disabled === "pass") return came;
  const { kind, config } = configureNode(node, find);
  return config === undefined ? unknownShape : (kind?.shape?.(config, came, port, give) ?? unknownShape);
}
