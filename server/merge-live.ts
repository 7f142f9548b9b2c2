import "server-only";
import type { DeploymentLive, DeploymentState, LaneLive, NodeLive, NodeState } from "@/flow/control";
import type { LiveView, WorkerDeployment } from "./views";

/** One worker's report about one deployment, as it lies in `LiveCount`. */
export interface Report {
  worker: string;
  pid: number;
  host: string;
  updatedAt: Date;
  live: DeploymentLive;
}

/** What should run. */
export interface Desired {
  flow: string;
  desired: "running" | "stopped";
  version: number;
  revision: number;
}

export type NodeRates = Record<string, { rateIn: number; rates: Record<string, number> }>;

/** The worst first: of several workers, the one with the worst news is shown. */
const worstState: readonly DeploymentState[] = [
  "failed",
  "halted",
  "degraded",
  "starting",
  "stopping",
  "running",
  "stopped",
];
const worstNodeState: readonly NodeState[] = [
  "halted",
  "degraded",
  "retrying",
  "starting",
  "stopping",
  "running",
  "stopped",
];

/** What all living workers say of one deployment, as one view. */
export function mergeReports(
  desired: Desired,
  reports: readonly Report[],
  options: { rates: NodeRates; livingWorkers: number; deadLetters: number },
): LiveView {
  const lives = reports.map((report) => report.live);
  const state = readState(desired, lives, options.livingWorkers);
  const cause =
    lives.find((live) => live.state === state && live.cause)?.cause ?? lives.find((live) => live.cause)?.cause;
  const newest = Math.max(0, ...lives.map((live) => live.version));
  const nodes: LiveView["nodes"] = {};
  for (const name of new Set(lives.flatMap((live) => Object.keys(live.nodes)))) {
    // Counts of an older version, still draining in another worker, would not add up to the drawing that is shown.
    const ofNewest = lives.filter((live) => live.version === newest).flatMap((live) => live.nodes[name] ?? []);
    const merged = mergeNodes(ofNewest);
    if (merged) nodes[name] = { ...merged, rateIn: 0, rates: {}, ...options.rates[name] };
  }
  return {
    flow: desired.flow,
    state,
    desired: desired.desired,
    version: newest || desired.version,
    revision: desired.revision,
    ...(cause ? { cause: { code: cause.code, message: cause.message } } : {}),
    nodes,
    lanes: mergeLanes(lives.flatMap((live) => live.lanes)),
    workers: reports.map(describeWorker),
    deadLetters: options.deadLetters,
    tracesDropped: lives.reduce((sum, live) => sum + live.tracesDropped, 0),
  };
}

function readState(desired: Desired, lives: readonly DeploymentLive[], livingWorkers: number): LiveView["state"] {
  const carriedOut = lives.filter((live) => live.revision >= desired.revision);
  if (desired.desired === "stopped") {
    return lives.every((live) => live.state === "stopped" || live.state === "failed") ? "stopped" : "stopping";
  }
  if (livingWorkers === 0) return "waiting-for-worker";
  if (carriedOut.length === 0) return "starting";
  const states = lives.map((live) => (live.revision >= desired.revision ? live.state : "starting"));
  return worstState.find((state) => states.includes(state)) ?? "starting";
}

function mergeNodes(nodes: readonly NodeLive[]): NodeLive | null {
  const [first] = nodes;
  if (!first) return null;
  const state = worstNodeState.find((each) => nodes.some((node) => node.state === each)) ?? first.state;
  const shown = nodes.find((node) => node.state === state) ?? first;
  const ports: Record<string, number> = {};
  for (const node of nodes) {
    for (const [port, count] of Object.entries(node.ports)) ports[port] = (ports[port] ?? 0) + count;
  }
  const sum = (read: (node: NodeLive) => number) => nodes.reduce((total, node) => total + read(node), 0);
  const parked = sum((node) => node.parked ?? 0);
  const circuit = nodes.find((node) => node.circuit)?.circuit;
  const p50 = largest(nodes.map((node) => node.p50));
  const p95 = largest(nodes.map((node) => node.p95));
  return {
    state,
    ...(shown.cause ? { cause: shown.cause } : {}),
    since: shown.since,
    in: sum((node) => node.in),
    ports,
    failed: sum((node) => node.failed),
    retried: sum((node) => node.retried),
    dead: sum((node) => node.dead),
    inFlight: sum((node) => node.inFlight),
    ...(parked > 0 ? { parked } : {}),
    ...(circuit ? { circuit } : {}),
    ...(p50 === undefined ? {} : { p50 }),
    ...(p95 === undefined ? {} : { p95 }),
  };
}

/** A queue is one lane that every worker reports; a partition is reported by the one that has it. */
function mergeLanes(lanes: readonly LaneLive[]): LaneLive[] {
  const merged = new Map<string, LaneLive>();
  for (const lane of lanes) {
    const key = `${lane.node}\n${lane.lane}`;
    const other = merged.get(key);
    merged.set(key, other ? mergeLane(other, lane) : lane);
  }
  return [...merged.values()].sort(
    (a, b) => a.node.localeCompare(b.node) || a.lane.localeCompare(b.lane, "en", { numeric: true }),
  );
}

function mergeLane(a: LaneLive, b: LaneLive): LaneLive {
  const latest = (b.lastProgressAt ?? 0) > (a.lastProgressAt ?? 0) ? b : a;
  return {
    ...latest,
    lag: largest([a.lag ?? undefined, b.lag ?? undefined]) ?? null,
    inFlight: a.inFlight + b.inFlight,
    full: a.full || b.full,
  };
}

function describeWorker({ worker, pid, host, updatedAt, live }: Report): WorkerDeployment {
  const { version, revision, state, cause } = live;
  const shown = cause ? { cause: { code: cause.code, message: cause.message } } : {};
  return { worker, pid, host, version, revision, state, updatedAt, ...shown };
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
