import { describe, expect, it } from "vitest";
import type { LiveView, WorkerView } from "@/server/views";
import { findTroubles } from "./troubles";

const worker = (health: Record<string, unknown> = {}, alive = true): WorkerView => ({
  id: "w1",
  host: "h",
  pid: 1,
  label: null,
  version: "1",
  startedAt: new Date(0),
  heartbeatAt: new Date(0),
  alive,
  health,
});
const flow = (change: Partial<LiveView> = {}): LiveView => ({
  flow: "orders",
  state: "running",
  desired: "running",
  label: null,
  version: 1,
  revision: 1,
  nodes: {},
  lanes: [],
  workers: [],
  deadLetters: 0,
  tracesDropped: 0,
  ...change,
});
const codes = (input: Parameters<typeof findTroubles>[0]) => findTroubles(input).map(({ code }) => code);
const notice = { kafka: "ok", queueBackend: "redis" } as const;

describe("what is wrong", () => {
  it("is nothing when all is well", () =>
    expect(codes({ workers: [worker({ eventLoopDelayMs: 2, memoryBytes: 2e8 })], flows: [flow()], notice })).toEqual(
      [],
    ));
  it("tells of sagas that go on only when somebody decides", () => {
    const error = { node: "charge", title: "Charge card", code: "http-status", message: "402" };
    const stuckLongest = { key: "o-3", error, updatedAt: new Date() };
    const told = { sagasAsking: 3, sagasStuck: 1, stuckLongest };
    const [stuck, trouble] = findTroubles({ workers: [worker()], flows: [], notice, ...told });
    expect(stuck!.words).toContain("Longest waits `o-3` at Charge card, since ");
    expect(stuck).toMatchObject({ tone: "bad", title: "1 saga is stuck", href: { to: "/sagas?status=stuck" } });
    expect(trouble).toMatchObject({
      code: "sagas-asking",
      title: "3 sagas ask a person",
      href: { to: "/sagas?status=asking" },
    });
  });
  it("names a slow loop and much memory of living workers only", () => {
    const health = { eventLoopDelayMs: 400, memoryBytes: 9e8 };
    expect(codes({ workers: [worker(health)], flows: [], notice })).toEqual(["event-loop-slow", "memory-high"]);
    expect(codes({ workers: [worker(health, false)], flows: [], notice })).toEqual([]);
  });
  it("puts what waits for a person before what mends itself", () => {
    const flows = [
      flow({ state: "degraded", cause: { code: "http-unreachable", message: "m" } }),
      flow({ state: "halted", cause: { code: "position-gone", message: "m" } }),
    ];
    expect(codes({ workers: [worker()], flows, notice })).toEqual(["position-gone", "http-unreachable"]);
  });
  it("sees a lane that stands still with work waiting", () => {
    const at = { node: "in", lane: "orders/0", position: "5", lastProgressAt: 0 };
    const cause = { code: "lane-stalled", message: "Nothing was settled for 12 s." };
    const lane = { ...at, lag: 10, inFlight: 0, full: false, owners: [], state: "stalled" as const, since: 0, cause };
    const still = flow({ state: "degraded", cause, lanes: [lane] });
    expect(findTroubles({ workers: [worker()], flows: [still], notice })).toMatchObject([
      { tone: "bad", code: "lane-stalled", title: expect.stringContaining("stands still on orders/0") },
    ]);
    const goesOn = { ...lane, state: "flowing" as const };
    expect(codes({ workers: [worker()], flows: [flow({ lanes: [goesOn] })], notice })).toEqual([]);
  });
  it("says which flow waits for workers of a label, not that all wait for one", () => {
    const waiting = flow({ state: "waiting-for-worker", label: "heavy" });
    const cause = { code: "worker-label-missing", message: "m" };
    expect(codes({ workers: [worker()], flows: [{ ...waiting, cause }], notice })).toEqual(["worker-label-missing"]);
    expect(codes({ workers: [], flows: [flow({ state: "waiting-for-worker" })], notice })).toEqual([]);
  });
  it("says nothing of a flow that is stopped on purpose", () => {
    expect(codes({ workers: [worker()], flows: [flow({ desired: "stopped", state: "halted" })], notice })).toEqual([]);
  });
});
