import { configureNode, type FindKind, portsOf } from "./configure";
import { defaultRetry, type FlowDocument, type Retry } from "./document";
import { buildGraph, findCycles, findReachable, type Graph, sortTopologically } from "./graph";
import { type CallPolicy, workedAs } from "./kind";
import type { SagaProgram } from "./saga/program";

/** How a flow runs: the segments it is cut into (at kinds that hold messages back; a flow without them has one). */
export interface Plan {
  readonly segments: readonly Segment[];
  /** Where what a node has held leads when it leaves, by node and port: a delay's `out`, a saga end's `out`, a saga start's `compensated`. */
  readonly exits: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** The sagas of the flow, by their start. Their nodes are no stages, but for inputs that messages come in by. */
  readonly sagas: readonly SagaProgram[];
}

export interface Segment {
  readonly id: string;
  /** Ids of the sources that feed it. */
  readonly sources: readonly string[];
  /** Nodes in topological order, sources first. */
  readonly stages: readonly Stage[];
}

export interface Stage {
  /** Id of the node; `node.input` for an input other than `in`, which is a stage of its own. */
  readonly node: string;
  /** The node in the drawing, and which of its inputs this is. */
  readonly drawn: { readonly node: string; readonly input: string };
  readonly kind: string;
  readonly role: "source" | "step" | "sink";
  /** Config after migration and with defaults filled in. */
  readonly config: unknown;
  readonly retry: Retry;
  /** Where each output port leads; a port without targets drops. `error` without targets = the dead letters. */
  readonly targets: Readonly<Record<string, readonly string[]>>;
  /** True when the error port is wired. */
  readonly errorWired: boolean;
  /** Of a step that calls out. */
  readonly calls?: CallPolicy;
}

/**
 * Compiles a flow that `check` found without errors. Pure: equal documents give equal plans. Nodes that no source leads to are left out.
 * @throws Error when the flow has errors.
 */
export function planOf(flow: FlowDocument, find?: FindKind): Plan {
  const graph = buildGraph(flow);
  if (graph.nodes.size < flow.nodes.length) throw new Error("The flow has two nodes with the same id.");
  if (graph.wires.length < flow.edges.length) throw new Error("The flow has a wire to a node that does not exist.");
  if (findCycles(graph).length > 0) throw new Error("The flow's wires form a circle.");

  const stages = new Map([...graph.nodes.keys()].map((id) => [id, makeStage(graph, id, find)]));
  const sources = [...stages.values()].filter((stage) => stage.role === "source").map((stage) => stage.node);
  if (sources.length === 0) throw new Error("The flow has no source.");

  const reachable = findReachable(graph, sources);
  const rest = sortTopologically(graph).filter((id) => reachable.has(id) && !sources.includes(id));
  return {
    segments: [{ id: "main", sources, stages: [...sources, ...rest].map((id) => stages.get(id)!) }],
    exits: {},
    sagas: [],
  };
}

function makeStage(graph: Graph, id: string, find?: FindKind): Stage {
  const node = graph.nodes.get(id)!;
  const { kind, config, problems } = configureNode(node, find);
  if (problems.length > 0 || !kind) throw new Error(`Node \`${id}\`: ${problems[0]?.message}`);
  const targets: Record<string, string[]> = Object.fromEntries(portsOf(node, find).out.map((port) => [port, []]));
  for (const wire of graph.leaving.get(id)!) {
    const target = targets[wire.from.port];
    if (!target) throw new Error(`Node \`${id}\` has no port \`${wire.from.port}\`.`);
    if (!portsOf(graph.nodes.get(wire.to.node)!, find).in.includes(wire.to.port)) {
      throw new Error(`Node \`${wire.to.node}\` has no input \`${wire.to.port}\`.`);
    }
    if (!target.includes(wire.to.node)) target.push(wire.to.node);
  }
  return {
    node: id,
    drawn: { node: id, input: "in" },
    kind: kind.kind,
    role: workedAs(kind),
    config,
    retry: node.retry ?? defaultRetry,
    targets,
    errorWired: (targets.error?.length ?? 0) > 0,
    ...(kind.calls ? { calls: kind.calls(config) } : {}),
  };
}
