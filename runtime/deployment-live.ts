import type { DeploymentLive, DeploymentState, LaneLive, NodeLive } from "../flow/control";
import type { StandingCount } from "../flow/holding";
import type { Cause } from "../flow/verdict";
import type { Pipeline, RunningStage } from "./pipeline";

/** Why a revision could not be carried out. */
export interface VersionFailure {
  readonly cause: Cause;
  /** The node that could not be opened. */
  readonly node?: string;
  readonly revision: number;
  readonly at: number;
}

export interface DeploymentStanding {
  readonly pipeline: Pipeline | null;
  readonly failure: VersionFailure | null;
  readonly carriedOut: { readonly revision: number; readonly desired: "running" | "stopped" } | null;
  readonly stopping: boolean;
  readonly version: number;
  readonly lanes: LaneLive[];
  /** How many are held at each node, in all workers together. */
  readonly held: ReadonlyMap<string, StandingCount>;
  readonly tracesDropped: number;
}

/** What a worker reports of a deployment. */
export function readLive(standing: DeploymentStanding): DeploymentLive {
  const { failure, carriedOut, version, lanes, tracesDropped } = standing;
  const valuesMissed = standing.pipeline?.searchables.missed;
  const now = performance.now();
  const nodes: Record<string, NodeLive> = {};
  for (const [node, counters] of standing.pipeline?.counters ?? []) nodes[node] = counters.read(now);
  foldInputs(nodes, standing.pipeline?.stages ?? []);
  for (const [node, { count: held, stuck }] of standing.held)
    if (nodes[node]) nodes[node] = { ...nodes[node], held, ...(stuck > 0 ? { stuck } : {}) };
  if (failure?.node) {
    const base = nodes[failure.node] ?? { in: 0, ports: {}, failed: 0, retried: 0, dead: 0, inFlight: 0 };
    nodes[failure.node] = { ...base, state: "halted", cause: failure.cause, since: failure.at };
  }
  for (const { node, state, cause, since } of lanes) {
    const live = nodes[node];
    if (state !== "stalled" || !live || (live.state !== "running" && live.state !== "degraded")) continue;
    nodes[node] = { ...live, state: "stalled", since, ...(cause ? { cause } : {}) };
  }
  // A message that is tried again is the node's affair; what is away or waits for a person is the flow's.
  const cause = failure?.cause ?? Object.values(nodes).find((node) => node.cause && node.state !== "retrying")?.cause;
  return {
    state: readState(standing, nodes),
    version,
    revision: failure?.revision ?? carriedOut?.revision ?? 0,
    ...(cause ? { cause } : {}),
    nodes,
    lanes,
    tracesDropped,
    ...(valuesMissed && Object.keys(valuesMissed).length > 0 ? { valuesMissed: { ...valuesMissed } } : {}),
  };
}

/** A further input of a node is a stage of its own, and counts as the node. */
function foldInputs(nodes: Record<string, NodeLive>, stages: readonly RunningStage[]): void {
  for (const { node: stage, drawn } of stages) {
    const live = nodes[stage];
    if (stage === drawn.node || !live) continue;
    delete nodes[stage];
    const own = nodes[drawn.node];
    nodes[drawn.node] = own ? addLive(own, live) : live;
  }
}

function addLive(own: NodeLive, more: NodeLive): NodeLive {
  const ports = { ...own.ports };
  for (const [port, count] of Object.entries(more.ports)) ports[port] = (ports[port] ?? 0) + count;
  const parked = (own.parked ?? 0) + (more.parked ?? 0);
  const { state, cause, since } = own.state === "running" ? more : own;
  return {
    ...own,
    state,
    ...(cause ? { cause } : {}),
    since,
    in: own.in + more.in,
    ports,
    failed: own.failed + more.failed,
    retried: own.retried + more.retried,
    dead: own.dead + more.dead,
    inFlight: own.inFlight + more.inFlight,
    ...(parked > 0 ? { parked } : {}),
  };
}

function readState(standing: DeploymentStanding, nodes: Record<string, NodeLive>): DeploymentState {
  if (standing.stopping) return "stopping";
  if (standing.failure) return "failed";
  if (!standing.pipeline) return standing.carriedOut?.desired === "stopped" ? "stopped" : "starting";
  const states = new Set(Object.values(nodes).map((node) => node.state));
  if (states.has("halted")) return "halted";
  if (states.has("degraded") || states.has("stalled")) return "degraded";
  return states.has("starting") ? "starting" : "running";
}
