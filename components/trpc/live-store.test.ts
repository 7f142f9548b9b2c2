import { describe, expect, it } from "vitest";
import type { LiveView, RunSummary } from "@/server/views";
import { emptyLive, keptRuns, mergeLive, mergeRuns } from "./live-store";

const run = (id: string, second: number): RunSummary => ({
  id,
  flow: "orders",
  version: 1,
  state: "done",
  key: null,
  source: "in",
  lane: "orders/0",
  position: "1",
  startedAt: new Date(second * 1000),
  durationMs: 1,
  attempts: 1,
  traceId: "t",
  workerId: "w",
  errorNode: null,
  error: null,
});
const flow = (name: string, version = 1): LiveView => ({
  flow: name,
  state: "running",
  desired: "running",
  label: null,
  version,
  revision: 1,
  nodes: {},
  lanes: [],
  workers: [],
  deadLetters: 0,
  tracesDropped: 0,
});

describe("runs", () => {
  it("puts new ones before the known, each once", () => {
    const known = [run("b", 2), run("a", 1)];
    const merged = mergeRuns(known, [run("d", 4), run("b", 2), run("c", 3)]);
    expect(merged.map(({ id }) => id)).toEqual(["d", "c", "b", "a"]);
  });
  it("sorts late arrivals by their start", () => {
    expect(mergeRuns([run("b", 5)], [run("late", 3)]).map(({ id }) => id)).toEqual(["b", "late"]);
  });
  it("keeps its identity when nothing is new", () => {
    const known = [run("a", 1)];
    expect(mergeRuns(known, [run("a", 1)])).toBe(known);
  });
  it("is bounded", () => {
    const many = Array.from({ length: keptRuns + 50 }, (_, index) => run(`r${index}`, index));
    const merged = mergeRuns([], many);
    expect(merged).toHaveLength(keptRuns);
    expect(merged[0]?.id).toBe(`r${keptRuns + 49}`);
  });
});

describe("flows, workers and notices", () => {
  it("keeps a flow's identity while it stays the same and drops one that is gone", () => {
    const first = mergeLive(emptyLive, { type: "live", flows: [flow("a"), flow("b")], workers: [], at: 1 });
    const second = mergeLive(first, { type: "live", flows: [flow("a"), flow("c", 2)], workers: [], at: 2 });
    expect(second.flows.a).toBe(first.flows.a);
    expect(Object.keys(second.flows)).toEqual(["a", "c"]);
    expect(second.at).toBe(2);
  });
  it("tells no workers from not known", () => {
    expect(emptyLive.workers).toBeNull();
    expect(mergeLive(emptyLive, { type: "live", flows: [], workers: [], at: 1 }).workers).toEqual([]);
  });
  it("leaves the state alone for a notice that says nothing new", () => {
    const first = mergeLive(emptyLive, { type: "notice", kafka: "missing", queueBackend: "redis" });
    expect(first.notice).toEqual({ kafka: "missing", queueBackend: "redis" });
    expect(mergeLive(first, { type: "notice", kafka: "missing", queueBackend: "redis" })).toBe(first);
    expect(mergeLive(first, { type: "notice", kafka: "ok", queueBackend: "redis" }).notice?.kafka).toBe("ok");
  });
});
