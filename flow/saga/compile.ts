import { parsePath } from "../body-path";
import { findKind } from "../catalog";
import { configureNode, type FindKind, portsOf } from "../configure";
import type { FlowDocument } from "../document";
import { parseDuration } from "../duration";
import { buildGraph, type Graph } from "../graph";
import type { SagaApprovalConfig } from "../nodes/saga-approval";
import type { SagaForkConfig } from "../nodes/saga-fork";
import type { SagaStepConfig } from "../nodes/saga-step";
import type { SagaWaitConfig } from "../nodes/saga-wait";
import type { SubSagaConfig } from "../nodes/sub-saga";
import { pairBranches } from "./branches";
import type { CallConfig } from "./call-config";
import { readWithin } from "./fields";
import type { Persistence, SagaNode, SagaProgram } from "./program";
import { endsSaga, findRegions, type Region } from "./region";

/**
 * The sagas of a flow that `check` found without errors, in the order of the file. Pure: equal documents give equal programs.
 * @throws Error when a node of a saga cannot run.
 */
export function compileSagas(flow: FlowDocument, find: FindKind = findKind): SagaProgram[] {
  const graph = buildGraph(flow);
  return findRegions(graph, find).map((region) => compileRegion(graph, region, find));
}

function compileRegion(graph: Graph, region: Region, find: FindKind): SagaProgram {
  const { forks } = pairBranches(graph, region, find);
  const nodes = region.nodes.map((id) => [id, compileNode(graph, region, id, forks, find)] as const);
  return { start: region.start, first: region.first, nodes: Object.fromEntries(nodes), behind: findBehind(region) };
}

function compileNode(
  graph: Graph,
  region: Region,
  id: string,
  forks: ReadonlyMap<string, string>,
  find: FindKind,
): SagaNode {
  const drawn = graph.nodes.get(id)!;
  const { kind, config, problems } = configureNode(drawn, find);
  if (problems.length > 0 || !kind) throw new Error(`Node \`${id}\`: ${problems[0]?.message}`);
  const ports = endsSaga(kind) ? [] : portsOf(drawn, find).out;
  const leads = new Map(
    region.wires.flatMap(({ from, to }) => (from.node === id ? [[from.port, to.node] as const] : [])).reverse(),
  );
  const node = { id, targets: Object.fromEntries(ports.map((port) => [port, leads.get(port) ?? null])) };
  switch (kind.kind) {
    case "saga-step":
      return { ...node, does: "step", ...compileStep(config as SagaStepConfig) };
    case "sub-saga":
      return { ...node, does: "step", ...compileSub(config as SubSagaConfig) };
    case "saga-fork":
      return { ...node, does: "fork", branches: (config as SagaForkConfig).branches };
    case "saga-join": {
      const fork = forks.get(id);
      if (fork === undefined) throw new Error(`Node \`${id}\`: the join has no fork.`);
      return { ...node, does: "join", fork };
    }
    case "saga-wait": {
      const { within, into } = config as SagaWaitConfig;
      return { ...node, does: "wait", withinMs: readWithin(within), ...readInto(into) };
    }
    case "saga-timer":
      return { ...node, does: "timer" };
    case "saga-approval": {
      const { within, role } = config as SagaApprovalConfig;
      return { ...node, does: "approval", withinMs: readWithin(within), role };
    }
    case "saga-end":
      return { ...node, does: "end" };
    default:
      return { ...node, does: "pass" };
  }
}

function compileStep({ action, compensation, into, pivot }: SagaStepConfig) {
  return {
    action: readPersistence(action),
    ...(compensation ? { compensation: readPersistence(compensation) } : {}),
    pivot,
    connections: [...new Set([action.connection, ...(compensation ? [compensation.connection] : [])])],
    ...readInto(into),
  };
}

function readPersistence({ attempts, backoff, delayMs, maxDelayMs, timeoutMs, holdFor }: CallConfig): Persistence {
  return { attempts, backoff, delayMs, maxDelayMs, timeoutMs, holdMs: parseDuration(holdFor) };
}

/** Begins again and again where the other flow is not deployed at the moment; a saga that was begun is the same each time. */
const subPersistence = { backoff: "exponential", delayMs: 1_000, maxDelayMs: 60_000, holdMs: 0 } as const;

function compileSub({ into, within }: SubSagaConfig) {
  // Too late is too late: another try would only wait for the same saga anew.
  const attempts = within ? 1 : 10;
  const timeoutMs = readWithin(within) ?? Number.POSITIVE_INFINITY;
  return {
    action: { ...subPersistence, attempts, timeoutMs },
    compensation: { ...subPersistence, attempts: 10, timeoutMs: Number.POSITIVE_INFINITY },
    pivot: false,
    sub: true as const,
    ...readInto(into),
  };
}

function readInto(into: string | undefined): { readonly into?: readonly string[] } {
  return into ? { into: parsePath(into) } : {};
}

/** Every node behind each, on any way, in the order of the saga. */
function findBehind({ nodes, wires }: Region): Record<string, readonly string[]> {
  const next = new Map<string, string[]>(nodes.map((id) => [id, []]));
  for (const { from, to } of wires) next.get(from.node)?.push(to.node);
  const behind = new Map<string, ReadonlySet<string>>();
  for (const id of nodes.toReversed()) {
    const found = new Set<string>();
    for (const other of next.get(id)!) {
      found.add(other);
      for (const each of behind.get(other) ?? []) found.add(each);
    }
    behind.set(id, found);
  }
  return Object.fromEntries(nodes.map((id) => [id, nodes.filter((each) => behind.get(id)!.has(each))]));
}
