import { describe, expect, it } from "vitest";
import type { DeploymentLive, NodeLive } from "@/flow/control";
import { mergeReports, type Report } from "./merge-live";
import { RateMeter } from "./rates";

function node(changes: Partial<NodeLive> = {}): NodeLive {
  return { state: "running", since: 0, in: 0, ports: {}, failed: 0, retried: 0, dead: 0, inFlight: 0, ...changes };
}

function live(changes: Partial<DeploymentLive> = {}): DeploymentLive {
  return { state: "running", version: 1, revision: 3, nodes: {}, lanes: [], tracesDropped: 0, ...changes };
}

function report(worker: string, changes: Partial<DeploymentLive> = {}, label: string | null = null): Report {
  return { worker, pid: 7, host: "here", label, updatedAt: new Date(0), live: live(changes) };
}

const desired = { flow: "orders", desired: "running", version: 1, revision: 3, label: null } as const;
const options = { rates: {}, livingWorkers: [null, null], deadLetters: 0 };

describe("merging workers", () => {
  it("adds counts and ports, and shows the worst state with its cause", () => {
    const cause = { code: "broker-unreachable", message: "Nobody answers." };
    const view = mergeReports(
      desired,
      [
        report("a", { nodes: { in: node({ in: 5, ports: { out: 5 }, p95: 2 }) } }),
        report("b", {
          state: "degraded",
          nodes: { in: node({ in: 7, ports: { out: 6 }, state: "degraded", cause, p95: 9 }) },
        }),
      ],
      options,
    );
    expect(view).toMatchObject({
      state: "degraded",
      nodes: { in: { in: 12, ports: { out: 11 }, state: "degraded", cause, p95: 9 } },
    });
    expect(view.workers.map((worker) => worker.state)).toEqual(["running", "degraded"]);
  });

  it("goes on counting what a worker had done that was killed, of the same deploy, and nothing else of it", () => {
    const cause = { code: "broker-unreachable", message: "Nobody answers." };
    const done = { in: node({ in: 5, ports: { out: 4 }, dead: 1, inFlight: 9, state: "degraded", cause }) };
    const view = mergeReports(desired, [report("a", { nodes: { in: node({ in: 7, ports: { out: 7 } }) } })], {
      ...options,
      gone: [
        live({ nodes: done, state: "degraded" }),
        live({ nodes: done, revision: 2 }),
        live({ nodes: done, version: 0 }),
      ],
    });
    expect(view).toMatchObject({ state: "running", workers: [{ worker: "a" }] });
    expect(view.nodes.in).toMatchObject({ state: "running", in: 12, ports: { out: 11 }, dead: 1, inFlight: 0 });
    expect(view.nodes.in).not.toHaveProperty("cause");
  });

  it("adds what waits for a later try, and shows an open circuit before a half-open one", () => {
    const view = mergeReports(
      desired,
      [
        report("a", { nodes: { call: node({ parked: 5, circuit: "half-open" }) } }),
        report("b", { nodes: { call: node({ parked: 7, circuit: "open", nextCallAt: 9_000 }) } }),
        report("c", { nodes: { call: node({ circuit: "open", nextCallAt: 7_000 }) } }),
      ],
      options,
    );
    expect(view.nodes.call).toMatchObject({ parked: 12, circuit: "open", nextCallAt: 7_000 });
  });

  it("shows one lane for a queue that both work, and each partition of its own", () => {
    const lane = {
      node: "in",
      position: null,
      lag: 4,
      inFlight: 1,
      full: false,
      lastProgressAt: 10,
      state: "flowing",
      since: 1,
    } as const;
    const cause = { code: "lane-stalled", message: "Nothing was settled." };
    const view = mergeReports(
      desired,
      [
        report("a", {
          lanes: [
            { ...lane, lane: "jobs", state: "stalled", since: 5, cause },
            { ...lane, lane: "orders/10" },
            { ...lane, lane: "orders/2", state: "stalled", gone: true },
          ],
        }),
        report("b", {
          lanes: [
            { ...lane, lane: "jobs", lag: 3, lastProgressAt: 20, full: true, lastError: { ...cause, at: 3 } },
            { ...lane, lane: "orders/2" },
          ],
        }),
      ],
      options,
    );
    expect(view.lanes.map((each) => each.owners.map((owner) => owner.worker))).toEqual([["a", "b"], ["b"], ["a"]]);
    expect(view.lanes.map((each) => [each.lane, each.lag, each.inFlight, each.full, each.lastProgressAt])).toEqual([
      ["jobs", 4, 2, true, 20],
      ["orders/2", 4, 1, false, 10],
      ["orders/10", 4, 1, false, 10],
    ]);
    // The worst of those that work it, and the newest error; what one worker has lost and another has is no news.
    expect(view.lanes[0]).toMatchObject({ state: "stalled", since: 5, cause, lastError: { at: 3 } });
    expect(view.lanes[1]).toMatchObject({ state: "flowing", owners: [{ worker: "b" }] });
  });

  it.each([
    ["waiting-for-worker", desired, [], []],
    ["starting", desired, [], [null]],
    ["starting", desired, [report("a", { revision: 2 })], [null]],
    ["running", desired, [report("a")], [null]],
    ["stopping", { ...desired, desired: "stopped" as const }, [report("a")], [null]],
    ["stopped", { ...desired, desired: "stopped" as const }, [report("a", { state: "stopped" })], [null]],
    ["stopped", { ...desired, desired: "stopped" as const }, [], []],
    // Moved to workers of another label.
    ["waiting-for-worker", { ...desired, label: "heavy" }, [report("a", { state: "stopping" })], [null]],
    ["starting", { ...desired, label: "heavy" }, [report("a", { state: "stopping" })], [null, "heavy"]],
    [
      "running",
      { ...desired, label: "heavy" },
      [report("a", { state: "stopping", revision: 2 }), report("b", {}, "heavy")],
      [null, "heavy"],
    ],
    ["stopping", { ...desired, desired: "stopped" as const, label: "heavy" }, [report("a")], [null]],
  ] as const)("is %s", (state, wanted, reports, livingWorkers) => {
    expect(mergeReports(wanted, reports, { ...options, livingWorkers }).state).toBe(state);
  });

  it("says which label nobody has", () => {
    const view = mergeReports({ ...desired, label: "heavy" }, [], options);
    expect(view.cause).toMatchObject({
      code: "worker-label-missing",
      message: expect.stringContaining("--label heavy"),
    });
    expect(mergeReports(desired, [], { ...options, livingWorkers: [] }).cause).toBeUndefined();
  });

  it("leaves the counts of a version that is draining out of the new one's", () => {
    const view = mergeReports(
      desired,
      [report("a", { version: 2, nodes: { in: node({ in: 1 }) } }), report("b", { nodes: { in: node({ in: 900 }) } })],
      options,
    );
    expect(view.version).toBe(2);
    expect(view.nodes.in?.in).toBe(1);
  });
});

describe("rates", () => {
  const counts = (count: number, version = 1) =>
    live({ version, nodes: { route: node({ in: count, ports: { de: count / 2 } }) } });

  it("are those of the last seconds, summed over workers", () => {
    const meter = new RateMeter();
    for (let second = 0; second <= 10; second++) {
      meter.add("a", second * 1_000, counts(second < 5 ? 0 : (second - 5) * 100));
      meter.add("b", second * 1_000, counts(second * 10));
    }
    expect(meter.read(["a", "b"]).route).toEqual({ rateIn: 110, rates: { de: 55 } });
  });

  it("begin anew after a restart and with another version, and never fall below zero", () => {
    const meter = new RateMeter();
    meter.add("a", 0, counts(5_000));
    meter.add("a", 1_000, counts(10));
    expect(meter.read(["a"])).toEqual({});
    meter.add("a", 2_000, counts(30));
    expect(meter.read(["a"]).route?.rateIn).toBe(20);
    meter.add("a", 3_000, counts(40, 2));
    expect(meter.read(["a"])).toEqual({});
  });

  it("do not change when the same report is seen twice, and forget who left", () => {
    const meter = new RateMeter();
    meter.add("a", 0, counts(0));
    meter.add("a", 1_000, counts(10));
    meter.add("a", 1_000, counts(10));
    expect(meter.read(["a"]).route?.rateIn).toBe(10);
    meter.keepOnly(new Set());
    expect(meter.read(["a"])).toEqual({});
  });
});
