import { describe, expect, it } from "vitest";
import type { LiveView, WorkerView } from "@/server/views";
import { readReached, shortenLanes } from "./reached";
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
  it("tells of workers that ended without signing off, and what became of their lanes", () => {
    const gone = [worker({}, false), { ...worker({}, false), id: "w2", heartbeatAt: new Date(1) }];
    const [trouble] = findTroubles({ workers: [worker(), ...gone], flows: [], notice, now: 60_000 });
    expect(trouble).toMatchObject({
      tone: "warn",
      title: "w2 ended without signing off, and 1 other in a quarter of an hour",
    });
    expect(trouble!.words).toContain("Its lanes went to the workers that are left.");
    expect(findTroubles({ workers: gone, flows: [], notice, now: 60_000 })[0]!.words).toContain(
      "Nothing runs until one is started.",
    );
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

describe("brokers", () => {
  const found = (name: string, kind: string, rest: object = {}) => ({ name, kind, state: "ok", ...rest });
  const noDisk = { keeping: { server: "redis", appendOnly: false } };
  const away = { state: "unreachable", cause: { code: "rabbitmq-unreachable", message: "Nobody answers." } };
  const read = (connections: readonly object[], usedBy: string[] = ["orders"]) =>
    readReached(
      [worker({ connections })],
      [flow(), flow({ flow: "rest", desired: "stopped" })],
      connections.map((each) => ({ name: (each as { name: string }).name, usedBy })),
    );

  it("are wrong when a flow that runs needs one that cannot be reached", () => {
    const reached = read([found("rabbitmq", "rabbitmq", away)]);
    expect(findTroubles({ workers: [worker()], flows: [], notice, reached })).toMatchObject([
      { tone: "bad", code: "rabbitmq-unreachable", words: expect.stringContaining("`orders` needs it") },
    ]);
    const idle = read([found("rabbitmq", "rabbitmq", away)], ["rest"]);
    expect(codes({ workers: [worker()], flows: [], notice, reached: idle })).toEqual([]);
  });
  it("are told once when several connections lead to a Redis that writes nothing to its disk", () => {
    const reached = read([found("queue", "queue", noDisk), found("redis", "redis", noDisk)]);
    const troubles = findTroubles({ workers: [worker()], flows: [], notice, reached });
    expect(new Set(troubles.map(({ code }) => code))).toEqual(new Set(["redis-keeps-nothing"]));
    expect(troubles[0]!.words).toContain("appendonly yes");
    const safe = read([found("redis", "redis", { keeping: { server: "redis", appendOnly: true, fsync: "always" } })]);
    expect(codes({ workers: [worker()], flows: [], notice, reached: safe })).toEqual([]);
  });
  it("are as the worst of the workers finds them", () => {
    const [one, other] = [
      worker({ connections: [found("kafka", "kafka")] }),
      worker({ connections: [found("kafka", "kafka", away)] }),
    ];
    const [kafka] = readReached([one, { ...other, id: "w2" }], [], []);
    expect(kafka).toMatchObject({ state: "unreachable", missedBy: ["w2"] });
  });
});

describe("what is known of the messages", () => {
  const lane = { node: "in", lane: "orders/0", position: "5", lastProgressAt: 0, inFlight: 0, full: false, owners: [] };
  const behind = (lag: number, lagBefore?: number) =>
    flow({
      lanes: [{ ...lane, state: "flowing", since: 0, lag, ...(lagBefore === undefined ? {} : { lagBefore }) }],
    });
  it.each([
    ["grows", behind(900, 500), ["lag-grows"]],
    ["shrinks", behind(500, 900), []],
    ["is about the same", behind(10_100, 10_000), []],
    ["is small", behind(90, 0), []],
    ["is not known for five minutes", behind(900), []],
  ])("a lag that %s", (_, view, told) => expect(codes({ workers: [worker()], flows: [view], notice })).toEqual(told));

  it("counts dead letters that wait, of stopped flows too, and leads to them", () => {
    const flows = [flow({ deadLetters: 2 }), flow({ flow: "other", desired: "stopped", deadLetters: 80 })];
    expect(findTroubles({ workers: [worker()], flows, notice })).toMatchObject([
      { code: "dead-letters-waiting", title: "82 dead letters wait", href: { to: "/dead-letters" } },
    ]);
    const [one] = findTroubles({ workers: [worker()], flows: [flows[0]!], notice });
    expect(one!.href!.to).toBe("/dead-letters?flow=orders");
  });
  it("names the node that fails most of its messages", () => {
    const failing = [{ flow: "orders", node: "total", title: "Add the total", version: 2, messages: 30, failed: 29 }];
    expect(findTroubles({ workers: [worker()], flows: [flow()], notice, failing })).toMatchObject([
      { tone: "bad", title: "“Add the total” of orders fails most of its messages" },
    ]);
  });
});

describe("lanes in a row", () => {
  it("name their place once", () => expect(shortenLanes(["orders/0", "orders/1", "jobs"])).toBe("orders/0, 1 · jobs"));
});
