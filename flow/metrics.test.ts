import { describe, expect, it } from "vitest";
import type { DeploymentLive } from "./control";
import { type MetricFamily, sampleDeployment, webMetrics, workerMetrics, writeMetrics } from "./metrics";

const live: DeploymentLive = {
  state: "degraded",
  version: 3,
  revision: 5,
  nodes: {
    charge: {
      state: "retrying",
      since: 1,
      in: 12,
      ports: { out: 9, error: 1 },
      failed: 4,
      retried: 2,
      dead: 1,
      inFlight: 7,
      parked: 5,
      held: 6,
      stuck: 2,
      circuit: "open",
      p50: 2.5,
      p95: 40,
    },
  },
  lanes: [
    {
      node: "orders",
      lane: "orders/0",
      position: "41",
      lag: 8,
      inFlight: 3,
      full: true,
      lastProgressAt: 1_700_000_000_500,
      state: "stalled",
      since: 1,
    },
  ],
  tracesDropped: 11,
};

describe("metrics", () => {
  it("follow Prometheus's rules for names, each once", () => {
    const families: MetricFamily[] = [...Object.values(workerMetrics), ...Object.values(webMetrics)];
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
    for (const { name, type, help } of families) {
      expect(name).toMatch(/^millrace_[a-z_]+$/);
      expect(name.endsWith("_total")).toBe(type === "counter");
      expect(help).not.toContain("\n");
    }
  });

  it("tell all of a flow in a worker, with just the labels of their family", () => {
    const samples = sampleDeployment("orders", live);
    const told = new Set(samples.map(({ family }) => family));
    const { worker, spansDropped, ...ofDeployments } = workerMetrics;
    expect(told).toEqual(new Set(Object.values(ofDeployments)));
    expect(told).not.toContain(worker);
    expect(told).not.toContain(spansDropped);
    for (const { family, labels } of samples) expect(Object.keys(labels).sort()).toEqual([...family.labels].sort());
    const figureOf = (family: MetricFamily, more: Record<string, string> = {}) =>
      samples.find((each) => each.family === family && Object.entries(more).every(([k, v]) => each.labels[k] === v))
        ?.value;
    expect(figureOf(workerMetrics.emitted, { port: "error" })).toBe(1);
    expect(figureOf(workerMetrics.latency, { quantile: "0.95" })).toBe(0.04);
    expect(figureOf(workerMetrics.laneProgress)).toBe(1_700_000_000.5);
    expect(figureOf(workerMetrics.nodeState, { state: "retrying" })).toBe(1);
  });

  it("leave out what is not known", () => {
    const unknown: DeploymentLive = {
      ...live,
      nodes: { charge: { state: "running", since: 1, in: 0, ports: {}, failed: 0, retried: 0, dead: 0, inFlight: 0 } },
      lanes: [{ ...live.lanes[0]!, lag: null, lastProgressAt: null }],
    };
    const told = sampleDeployment("orders", unknown).map(({ family }) => family);
    for (const family of [
      workerMetrics.latency,
      workerMetrics.laneLag,
      workerMetrics.laneProgress,
      workerMetrics.circuit,
    ])
      expect(told).not.toContain(family);
  });

  it("are written in the text format, with names of any kind", () => {
    const family = workerMetrics.laneLag;
    const text = writeMetrics([
      { family, labels: { flow: 'a "quoted" \\ name', node: "orders", lane: "line\nbreak" }, value: 2 },
      { family: workerMetrics.runsDropped, labels: { flow: "a" }, value: 0 },
      { family, labels: { flow: "b", node: "orders", lane: "orders/1" }, value: 1.5 },
    ]);
    expect(text).toBe(`# HELP millrace_lane_lag_messages ${family.help}
# TYPE millrace_lane_lag_messages gauge
millrace_lane_lag_messages{flow="a \\"quoted\\" \\\\ name",node="orders",lane="line\\nbreak"} 2
millrace_lane_lag_messages{flow="b",node="orders",lane="orders/1"} 1.5

# HELP millrace_runs_dropped_total ${workerMetrics.runsDropped.help}
# TYPE millrace_runs_dropped_total counter
millrace_runs_dropped_total{flow="a"} 0
`);
  });
});
