import { findKind } from "./catalog";
import { configureNode, type FindKind, portsOf } from "./configure";
import { usualPortOf } from "./disabled";
import { defaultRetry, type FlowDocument, type FlowNode, type Retry } from "./document";
import { buildGraph, findCycles, type Graph, sortTopologically, type Wire } from "./graph";
import { type CallPolicy, type Kind, workedAs } from "./kind";
import { compileSagas } from "./saga/compile";
import type { SagaProgram } from "./saga/program";
import { endsSaga, findRegions, type Region, startsByNode } from "./saga/region";

/** How a flow runs. */
export interface Plan {
  /** One: what was held back goes on through the same stages (`exits`), so that nodes behind several ways stand once. */
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
  /** It answers whoever waits for a message. */
  readonly responds?: true;
}

/**
 * Compiles a flow that `check` found without errors. Pure: equal documents give equal plans. Nodes that no source leads to are left out.
 * @throws Error when the flow has errors.
 */
export function planOf(flow: FlowDocument, find: FindKind = findKind): Plan {
  const graph = buildGraph(flow);
  if (graph.nodes.size < flow.nodes.length) throw new Error("The flow has two nodes with the same id.");
  if (graph.wires.length < flow.edges.length) throw new Error("The flow has a wire to a node that does not exist.");
  if (findCycles(graph).length > 0) throw new Error("The flow's wires form a circle.");

  const regions = findRegions(graph, find);
  const drawing: Drawing = { graph, find, regions, inside: startsByNode(regions) };
  const stages = new Map(sortTopologically(graph).flatMap((id) => makeStages(drawing, id)));
  const sources = flow.nodes.map(({ id }) => id).filter((id) => stages.get(id)?.role === "source");
  if (sources.length === 0) throw new Error("The flow has no source.");

  const exits = new Map([...graph.nodes.keys()].flatMap((id) => makeExits(drawing, id)));
  const reached = new Set(sources);
  // A Set hands out what is added while it is walked.
  for (const id of reached) {
    const targets = Object.values(stages.get(id)!.targets).flat();
    for (const to of [...targets, ...leavesFrom(drawing, exits, id)]) reached.add(to);
  }
  const rest = [...stages.keys()].filter((id) => reached.has(id) && !sources.includes(id));
  return {
    segments: [{ id: "main", sources, stages: [...sources, ...rest].map((id) => stages.get(id)!) }],
    exits: Object.fromEntries([...exits].filter(([id]) => reached.has(drawing.inside.get(id) ?? id))),
    sagas: compileSagas(flow, find),
  };
}

interface Drawing {
  readonly graph: Graph;
  readonly find: FindKind;
  readonly regions: readonly Region[];
  /** By node, the saga that it stands in. */
  readonly inside: ReadonlyMap<string, string>;
}

/** The stages of a node, one for each input at which it gets messages. */
function makeStages(drawing: Drawing, id: string): [string, Stage][] {
  const { graph, find } = drawing;
  const node = graph.nodes.get(id)!;
  const { kind, config, problems } = configureNode(node, find);
  // A disabled node does no work, so its settings need not hold yet.
  if (!kind || (problems.length > 0 && !node.disabled)) throw new Error(`Node \`${id}\`: ${problems[0]?.message}`);
  const ports = portsOf(node, find);
  for (const { from, to } of graph.leaving.get(id)!) {
    if (!ports.out.includes(from.port)) throw new Error(`Node \`${id}\` has no port \`${from.port}\`.`);
    if (!portsOf(graph.nodes.get(to.node)!, find).in.includes(to.port))
      throw new Error(`Node \`${to.node}\` has no input \`${to.port}\`.`);
  }
  if (kind.inSaga === "only" && !drawing.inside.has(id) && !node.disabled)
    throw new Error(`Node \`${id}\` stands in no saga.`);
  if (node.disabled && drawing.inside.has(id)) throw new Error(`Node \`${id}\` stands in a saga and is disabled.`);
  // It does not read.
  if (node.disabled && kind.role === "source") return [];
  const wired = new Set(graph.entering.get(id)!.map((wire) => wire.to.port));
  const inputs = drawing.inside.has(id)
    ? ports.in.filter((input) => input !== "in" && wired.has(input))
    : ["in", ...ports.in.filter((input) => input !== "in" && wired.has(input))];
  if (node.disabled) return inputs.map((input) => disabledStage(drawing, node, node.disabled!, input));
  return inputs.map((input) => {
    const targets = targetsOf(drawing, id, kind, ports.out);
    const stage: Stage = {
      node: stageId(id, input),
      drawn: { node: id, input },
      kind: kind.kind,
      role: workedAs(kind),
      config,
      retry: node.retry ?? defaultRetry,
      targets,
      errorWired: (targets.error?.length ?? 0) > 0,
      ...(kind.calls ? { calls: kind.calls(config) } : {}),
      ...(kind.responds ? { responds: true } : {}),
    };
    return [stage.node, stage];
  });
}

/** In place of a node that is disabled: a step that passes on, drops, or lets nothing in. Messages still pass there, and are counted. */
function disabledStage(
  drawing: Drawing,
  node: FlowNode,
  does: NonNullable<FlowNode["disabled"]>,
  input: string,
): [string, Stage] {
  const port = usualPortOf(node, drawing.find);
  if (does === "pass" && port === undefined)
    throw new Error(`Node \`${node.id}\` is disabled and has no port to pass by.`);
  // What comes in by an entrance ends there, also where the node passes on.
  const passes = does === "pass" && input === "in";
  const stage: Stage = {
    node: stageId(node.id, input),
    drawn: { node: node.id, input },
    kind: "disabled",
    role: "step",
    config: { does: passes || does === "block" ? does : "drop", node: node.id, port: port ?? "out" },
    retry: defaultRetry,
    targets: passes ? leadsOf(drawing, node.id, [port!]) : {},
    errorWired: false,
  };
  return [stage.node, stage];
}

/** What a node that holds lets go does so by itself; what an answer or event fails at inside of a saga is none of the saga's errors. */
function targetsOf(
  drawing: Drawing,
  id: string,
  kind: Kind,
  ports: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  if (drawing.inside.has(id)) return { error: [] };
  return leadsOf(drawing, id, kind.holds ? ports.filter((port) => port === "error") : ports);
}

/** The ports of a node by which what it held goes on. */
function makeExits(drawing: Drawing, id: string): [string, Readonly<Record<string, readonly string[]>>][] {
  const { graph, find, inside } = drawing;
  const node = graph.nodes.get(id)!;
  const kind = find(node.kind)!;
  if (inside.has(id)) return endsSaga(kind) ? [[id, leadsOf(drawing, id, ["out"])]] : [];
  if (!kind.holds) return [];
  const held = portsOf(node, find).out.filter((port) => port !== "error");
  // What leaves a saga's start by `out` is the saga itself.
  return [[id, leadsOf(drawing, id, kind.holds === "saga" ? held.filter((port) => port !== "out") : held)]];
}

function leadsOf(drawing: Drawing, id: string, ports: readonly string[]): Record<string, string[]> {
  const targets: Record<string, string[]> = Object.fromEntries(ports.map((port) => [port, []]));
  for (const wire of drawing.graph.leaving.get(id)!) {
    const target = targets[wire.from.port];
    const to = target && enteredBy(drawing, wire);
    if (to !== undefined && !target!.includes(to)) target!.push(to);
  }
  return targets;
}

function enteredBy({ inside }: Drawing, { to }: Wire): string {
  if (to.port === "in" && inside.has(to.node))
    throw new Error(`A wire enters the saga at \`${to.node}\`, behind its start.`);
  return stageId(to.node, to.port);
}

/** Where what a stage holds leaves to, sooner or later. */
function leavesFrom(
  { graph, regions }: Drawing,
  exits: ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>,
  id: string,
): string[] {
  if (!graph.nodes.has(id)) return [];
  const nodes = [id, ...(regions.find(({ start }) => start === id)?.nodes ?? [])];
  return nodes.flatMap((node) => Object.values(exits.get(node) ?? {}).flat());
}

function stageId(node: string, input: string): string {
  return input === "in" ? node : `${node}.${input}`;
}
