import "server-only";
import type { DeploymentLive, DeploymentState, LaneState, NodeLive, NodeState } from "@/flow/control";
import { explainNoWorker, type WorkerLabel } from "@/flow/workers";
import type { LaneView, LiveView, WorkerDeployment, WorkerName } from "./views";

/** One worker's report about one deployment, as it lies in `LiveCount`. */
export interface Report extends WorkerName {
  updatedAt: Date;
  live: DeploymentLive;
}

/** What should run. */
export interface Desired {
  flow: string;
  desired: "running" | "stopped";
  version: number;
  revision: number;
  label: WorkerLabel;
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
  "stalled",
  "degraded",
  "retrying",
  "starting",
  "stopping",
  "running",
  "stopped",
];

const worstLaneState: readonly LaneState[] = ["stalled", "retrying", "waiting", "flowing", "idle"];

/**
 * What all living workers say of one deployment, as one view; `livingWorkers` are the labels of all that live. `gone` is what workers said last
 * that were killed: what they had done stays counted, or it would look as if messages were lost with them.
 */
export function mergeReports(
  desired: Desired,
  reports: readonly Report[],
  options: {
    rates: NodeRates;
    livingWorkers: readonly WorkerLabel[];
    deadLetters: number;
    gone?: readonly DeploymentLive[];
  },
): LiveView {
  const lives = reports.map((report) => report.live);
  const missing = explainNoWorker(desired.label, options.livingWorkers);
  const state = readState(desired, reports, missing !== null);
  const cause =
    // That nothing runs at all stands above every page already.
    (state === "waiting-for-worker" && missing?.code === "worker-label-missing" ? missing : undefined) ??
    lives.find((live) => live.state === state && live.cause)?.cause ??
    lives.find((live) => live.cause)?.cause;
  const newest = Math.max(0, ...lives.map((live) => live.version));
  const nodes: LiveView["nodes"] = {};
  for (const name of new Set(lives.flatMap((live) => Object.keys(live.nodes)))) {
    // Counts of an older version, still draining in another worker, would not add up to the drawing that is shown.
    const ofNewest = lives.filter((live) => live.version === newest).flatMap((live) => live.nodes[name] ?? []);
    const merged = mergeNodes(ofNewest);
    const done = (options.gone ?? [])
      .filter(({ version, revision }) => version === newest && revision === desired.revision)
      .flatMap((live) => live.nodes[name] ?? []);
    if (merged) nodes[name] = { ...addDone(merged, done), rateIn: 0, rates: {}, ...options.rates[name] };
  }
  return {
    flow: desired.flow,
    state,
    desired: desired.desired,
    version: newest || desired.version,
    revision: desired.revision,
    label: desired.label,
    ...(cause ? { cause: { code: cause.code, message: cause.message } } : {}),
    nodes,
    lanes: mergeLanes(reports),
    workers: reports.map(describeWorker),
    deadLetters: options.deadLetters,
    tracesDropped: lives.reduce((sum, live) => sum + live.tracesDropped, 0),
    valuesMissed: sumByName(lives.map((live) => live.valuesMissed ?? {})),
  };
}

function readState(desired: Desired, reports: readonly Report[], missing: boolean): LiveView["state"] {
  if (desired.desired === "stopped") {
    const ended = reports.every(({ live }) => live.state === "stopped" || live.state === "failed");
    return ended ? "stopped" : "stopping";
  }
  if (missing) return "waiting-for-worker";
  // Workers of another label that still drain it have no say in how it runs.
  const lives = reports.filter((report) => report.label === desired.label).map((report) => report.live);
  const carriedOut = lives.filter((live) => live.revision >= desired.revision);
  if (carriedOut.length === 0) return "starting";
  const states = lives.map((live) => (live.revision >= desired.revision ? live.state : "starting"));
  return worstState.find((state) => states.includes(state)) ?? "starting";
}

function mergeNodes(nodes: readonly NodeLive[]): NodeLive | null {
  const [first] = nodes;
  if (!first) return null;
  const state = worstNodeState.find((each) => nodes.some((node) => node.state === each)) ?? first.state;
  const shown = nodes.find((node) => node.state === state) ?? first;
  const ports = sumByName(nodes.map((node) => node.ports));
  const noted = sumByName(nodes.map((node) => node.noted ?? {}));
  const sum = (read: (node: NodeLive) => number) => nodes.reduce((total, node) => total + read(node), 0);
  const parked = sum((node) => node.parked ?? 0);
  const circuit = (["open", "half-open"] as const).find((each) => nodes.some((node) => node.circuit === each));
  const nextCallAt = smallest(nodes.map((node) => node.nextCallAt));
  // Each of them tells of all.
  const held = largest(nodes.map((node) => node.held));
  const stuck = largest(nodes.map((node) => node.stuck));
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
    ...(held === undefined ? {} : { held }),
    ...(stuck === undefined ? {} : { stuck }),
    ...(Object.keys(noted).length > 0 ? { noted } : {}),
    ...(circuit ? { circuit } : {}),
    ...(nextCallAt === undefined ? {} : { nextCallAt }),
    ...(p50 === undefined ? {} : { p50 }),
    ...(p95 === undefined ? {} : { p95 }),
  };
}

/** What they counted; how they fared when they ended is no news. */
function addDone(node: NodeLive, gone: readonly NodeLive[]): NodeLive {
  if (gone.length === 0) return node;
  const sum = (read: (node: NodeLive) => number) => gone.reduce((total, each) => total + read(each), read(node));
  const noted = sumByName([node, ...gone].map((each) => each.noted ?? {}));
  return {
    ...node,
    in: sum((each) => each.in),
    ports: sumByName([node, ...gone].map((each) => each.ports)),
    failed: sum((each) => each.failed),
    retried: sum((each) => each.retried),
    dead: sum((each) => each.dead),
    ...(Object.keys(noted).length > 0 ? { noted } : {}),
  };
}

function sumByName(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const each of counts) for (const [name, count] of Object.entries(each)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

/** A queue is one lane that every worker reports; a partition is reported by the one that has it. */
function mergeLanes(reports: readonly Report[]): LaneView[] {
  const merged = new Map<string, LaneView>();
  const lanes = reports.flatMap((report) =>
    report.live.lanes.map((lane) => ({ ...lane, owners: lane.gone ? [] : [nameOf(report)] })),
  );
  for (const lane of lanes) {
    const key = `${lane.node}\n${lane.lane}`;
    const other = merged.get(key);
    merged.set(key, other ? mergeLane(other, lane) : lane);
  }
  return [...merged.values()].sort(
    (a, b) => a.node.localeCompare(b.node) || a.lane.localeCompare(b.lane, "en", { numeric: true }),
  );
}

function mergeLane(a: LaneView, b: LaneView): LaneView {
  // One worker has lost it, and another has it.
  if (a.gone !== b.gone) return a.gone ? b : a;
  const latest = (b.lastProgressAt ?? 0) > (a.lastProgressAt ?? 0) ? b : a;
  const { state, since, cause } = worstLaneState.indexOf(b.state) < worstLaneState.indexOf(a.state) ? b : a;
  const lastError = (b.lastError?.at ?? 0) > (a.lastError?.at ?? 0) ? b.lastError : a.lastError;
  const { cause: _, ...rest } = latest;
  return {
    ...rest,
    state,
    since,
    ...(cause ? { cause } : {}),
    ...(lastError ? { lastError } : {}),
    lag: largest([a.lag ?? undefined, b.lag ?? undefined]) ?? null,
    inFlight: a.inFlight + b.inFlight,
    full: a.full || b.full,
    owners: [...a.owners, ...b.owners],
  };
}

function describeWorker(report: Report): WorkerDeployment {
  const { version, revision, state, cause } = report.live;
  const shown = cause ? { cause: { code: cause.code, message: cause.message } } : {};
  return { ...nameOf(report), version, revision, state, updatedAt: report.updatedAt, ...shown };
}

function nameOf({ worker, pid, host, label }: Report): WorkerName {
  return { worker, pid, host, label };
}

function largest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function smallest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
