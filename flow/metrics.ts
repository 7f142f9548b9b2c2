import type { DeploymentLive } from "./control";

/** A metric as Prometheus knows it: names by its rules (base units, `_total` for what only grows). */
export interface MetricFamily {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly labels: readonly string[];
}

/** One figure of a family at one moment. */
export interface MetricSample {
  readonly family: MetricFamily;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Of what `writeMetrics` gives. */
export const metricsContentType = "text/plain; version=0.0.4; charset=utf-8";

const ofNode = ["flow", "node", "version"] as const;

/** What each worker tells at `/metrics`. Counters begin anew with a version and with a worker, as Prometheus expects of them. */
export const workerMetrics = {
  deploymentState: gauge("millrace_deployment_state", "1 for the state that the flow is in, in this worker.", [
    "flow",
    "version",
    "state",
  ]),
  nodeState: gauge("millrace_node_state", "1 for the state that the node is in, in this worker.", [...ofNode, "state"]),
  received: counter("millrace_node_messages_received_total", "Messages that came to the node.", ofNode),
  emitted: counter("millrace_node_messages_emitted_total", "Messages that left the node, by port.", [
    ...ofNode,
    "port",
  ]),
  failed: counter("millrace_node_failures_total", "Attempts at the node that failed.", ofNode),
  retried: counter("millrace_node_retries_total", "Messages that the node tried again.", ofNode),
  dead: counter("millrace_node_dead_letters_total", "Messages that went to the dead letters from the node.", ofNode),
  inFlight: gauge("millrace_node_messages_in_flight", "Messages that the node has in hand.", ofNode),
  parked: gauge("millrace_node_messages_parked", "Messages stored for a later try at the node.", ofNode),
  held: gauge(
    "millrace_node_messages_held",
    "Messages and sagas that rest at the node; of all workers together, told by each.",
    ofNode,
  ),
  stuck: gauge(
    "millrace_node_sagas_stuck",
    "Of what rests at the node, the sagas that are stuck; of all workers together, told by each.",
    ofNode,
  ),
  latency: gauge(
    "millrace_node_latency_seconds",
    "Time that a message took at the node over the last 5 to 10 seconds, as quantiles 0.5 and 0.95.",
    [...ofNode, "quantile"],
  ),
  circuit: gauge("millrace_node_circuit_open", "1 while the node's circuit is open, 0.5 while it asks.", ofNode),
  laneLag: gauge("millrace_lane_lag_messages", "Messages that wait in the lane's partition or queue.", laneLabels()),
  laneInFlight: gauge("millrace_lane_messages_in_flight", "Messages handed over and not settled yet.", laneLabels()),
  laneState: gauge("millrace_lane_state", "1 for the state that the lane is in.", [...laneLabels(), "state"]),
  laneProgress: gauge(
    "millrace_lane_last_progress_timestamp_seconds",
    "When something of the lane was last settled.",
    laneLabels(),
  ),
  runsDropped: counter("millrace_runs_dropped_total", "Runs that the recorder had to drop to keep up.", ["flow"]),
  spansDropped: counter("millrace_spans_dropped_total", "Spans that could not be exported by OTLP.", []),
  worker: gauge("millrace_worker_info", "1; who this worker is.", ["worker", "label", "version", "environment"]),
} as const satisfies Record<string, MetricFamily>;

/** What the web process tells at `/metrics`: what the database knows of all workers together. */
export const webMetrics = {
  workers: gauge("millrace_workers", "Workers that live, by label.", ["label"]),
  desired: gauge("millrace_deployment_desired", "1 for a flow that should run, 0 for one that should not.", [
    "flow",
    "version",
  ]),
  deadLetters: gauge("millrace_dead_letters", "Dead letters that wait for somebody.", ["flow"]),
  oldestDeadLetter: gauge(
    "millrace_dead_letters_oldest_timestamp_seconds",
    "When the oldest dead letter that waits came.",
    ["flow"],
  ),
} as const satisfies Record<string, MetricFamily>;

function laneLabels() {
  return ["flow", "node", "lane"] as const;
}

function counter(name: string, help: string, labels: readonly string[]): MetricFamily {
  return { name, type: "counter", help, labels };
}

function gauge(name: string, help: string, labels: readonly string[]): MetricFamily {
  return { name, type: "gauge", help, labels };
}

/** The figures of one flow in one worker. */
export function sampleDeployment(flow: string, live: DeploymentLive): MetricSample[] {
  const metrics = workerMetrics;
  const version = String(live.version);
  const samples: MetricSample[] = [
    { family: metrics.deploymentState, labels: { flow, version, state: live.state }, value: 1 },
    { family: metrics.runsDropped, labels: { flow }, value: live.tracesDropped },
  ];
  const add = (family: MetricFamily, labels: Record<string, string>, value: number | null | undefined) => {
    if (value !== undefined && value !== null) samples.push({ family, labels, value });
  };
  for (const [node, of] of Object.entries(live.nodes)) {
    const labels = { flow, node, version };
    add(metrics.nodeState, { ...labels, state: of.state }, 1);
    add(metrics.received, labels, of.in);
    for (const [port, count] of Object.entries(of.ports)) add(metrics.emitted, { ...labels, port }, count);
    add(metrics.failed, labels, of.failed);
    add(metrics.retried, labels, of.retried);
    add(metrics.dead, labels, of.dead);
    add(metrics.inFlight, labels, of.inFlight);
    add(metrics.parked, labels, of.parked ?? 0);
    add(metrics.held, labels, of.held);
    if (of.held !== undefined) add(metrics.stuck, labels, of.stuck ?? 0);
    add(metrics.latency, { ...labels, quantile: "0.5" }, of.p50 === undefined ? undefined : of.p50 / 1_000);
    add(metrics.latency, { ...labels, quantile: "0.95" }, of.p95 === undefined ? undefined : of.p95 / 1_000);
    add(metrics.circuit, labels, of.circuit === undefined ? undefined : of.circuit === "open" ? 1 : 0.5);
  }
  for (const { node, lane, lag, inFlight, state, lastProgressAt } of live.lanes) {
    const labels = { flow, node, lane };
    add(metrics.laneLag, labels, lag);
    add(metrics.laneInFlight, labels, inFlight);
    add(metrics.laneState, { ...labels, state }, 1);
    add(metrics.laneProgress, labels, lastProgressAt === null ? undefined : lastProgressAt / 1_000);
  }
  return samples;
}

/**
 * Samples in Prometheus's text format 0.0.4, each family once with its help, in the order in which families first come.
 * Labels are written whole: names of flows, nodes and lanes may hold anything.
 */
export function writeMetrics(samples: Iterable<MetricSample>): string {
  const families = new Map<MetricFamily, string[]>();
  for (const { family, labels, value } of samples) {
    const lines = families.get(family) ?? [];
    families.set(family, lines);
    const words = Object.entries(labels).map(([name, text]) => `${name}="${escapeLabel(text)}"`);
    lines.push(`${family.name}${words.length > 0 ? `{${words.join(",")}}` : ""} ${value}`);
  }
  const texts = [...families].map(
    ([{ name, help, type }, lines]) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("\n")}\n`,
  );
  return texts.join("\n");
}

function escapeLabel(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}
