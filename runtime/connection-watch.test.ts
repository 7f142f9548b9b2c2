import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Plan, planOf, type Stage } from "../flow/plan";
import { drawSaga } from "../flow/testing/sagas";
import { ConnectionWatch } from "./connection-watch";
import type { Connections } from "./connections";
import { countersOf, NodeCounters } from "./node-counters";
import { fastRetry, silent } from "./testing";
import { type Transport, TransportError } from "./transport";

const away = new TransportError({ code: "broker-unreachable", message: "Kafka is away." });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Nodes by id with the connection that they name; `tests` answers for each connection. */
function open(nodes: Record<string, unknown>, transports: Record<string, Partial<Transport>>) {
  const stages = Object.entries(nodes).map(([node, config]): Stage => {
    const role = node === "in" ? "source" : "sink";
    const drawn = { node, input: "in" };
    return { node, drawn, kind: role, role, config, retry: fastRetry, targets: {}, errorWired: false };
  });
  const plan: Plan = { segments: [{ id: "main", sources: ["in"], stages }], exits: {}, sagas: [] };
  const counters = new Map(stages.map(({ node }) => [node, new NodeCounters("running", 0)]));
  const use: Connections["use"] = async (ref, work) => {
    const transport = "name" in ref ? transports[ref.name] : undefined;
    if (!transport) throw new TransportError({ code: "connection-missing", message: "There is no such connection." });
    return work(transport as Transport);
  };
  const watch = () => new ConnectionWatch({ connections: { use }, plan, counters, log: silent });
  const states = () => Object.fromEntries([...counters].map(([node, each]) => [node, each.read(0).state]));
  return { watch, states, read: (node: string) => counters.get(node)!.read(0) };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

test("nodes start until the first answer, then degrade with its cause, and run when the broker answers", async () => {
  const ask = vi.fn<() => Promise<string>>().mockRejectedValue(away);
  const nodes = { in: { connection: "kafka" }, a: { connection: "kafka" }, b: { connection: "kafka" }, c: {} };
  const { watch, states, read } = open(nodes, { kafka: { kind: "kafka", test: ask } });
  const watching = watch();
  expect(states()).toEqual({ in: "running", a: "starting", b: "starting", c: "running" });
  await settle();
  expect(states()).toEqual({ in: "running", a: "degraded", b: "degraded", c: "running" });
  expect(read("a").cause).toEqual(away.reason);
  expect(ask).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(ask).toHaveBeenCalledTimes(3);
  ask.mockResolvedValue("Kafka");
  await vi.advanceTimersByTimeAsync(3_000);
  expect(states()).toEqual({ in: "running", a: "running", b: "running", c: "running" });
  // Well, it is asked rarely; a broker that goes away later is found too.
  await vi.advanceTimersByTimeAsync(14_000);
  expect(ask).toHaveBeenCalledTimes(4);
  ask.mockRejectedValue(away);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(states()).toMatchObject({ a: "degraded", b: "degraded" });
  await watching.stop();
});

test("stopped, it takes its word back and leaves no timer", async () => {
  const ask = vi.fn<() => Promise<string>>().mockRejectedValue(away);
  const { watch, states } = open({ out: { connection: "kafka" } }, { kafka: { kind: "kafka", test: ask } });
  const watching = watch();
  await settle();
  expect(states()).toEqual({ out: "degraded" });
  await watching.stop();
  expect(states()).toEqual({ out: "running" });
  expect(vi.getTimerCount()).toBe(0);
});

test("a test that ends after the stop says nothing more", async () => {
  let refuse = (_: unknown) => {};
  const ask = () => new Promise<string>((_, reject) => (refuse = reject));
  const { watch, states } = open({ out: { connection: "kafka" } }, { kafka: { kind: "kafka", test: ask } });
  const watching = watch();
  await settle();
  const stopped = watching.stop();
  refuse(away);
  await stopped;
  expect(states().out).not.toBe("degraded");
  expect(vi.getTimerCount()).toBe(0);
});

test("a slow test is waited for, and shared with another flow that names the connection", async () => {
  const ask = vi.fn(() => new Promise<string>((resolve) => setTimeout(resolve, 60_000, "Kafka")));
  const { watch, states } = open({ out: { connection: "kafka" } }, { kafka: { kind: "kafka", test: ask } });
  const [one, two] = [watch(), watch()];
  await vi.advanceTimersByTimeAsync(59_000);
  expect(ask).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(states()).toEqual({ out: "running" });
  void one.stop();
  void two.stop();
});

test("HTTP is not asked; a missing connection degrades; a transport that cannot be tested is left alone", async () => {
  const ask = vi.fn<() => Promise<string>>();
  const { watch, states, read } = open(
    { call: { connection: "http" }, lost: { connection: "lost" }, dumb: { connection: "dumb" } },
    { http: { kind: "http", test: ask }, dumb: { kind: "queue" } },
  );
  const watching = watch();
  await settle();
  expect(ask).not.toHaveBeenCalled();
  expect(states()).toEqual({ call: "running", lost: "degraded", dumb: "running" });
  expect(read("lost").cause?.code).toBe("connection-missing");
  await watching.stop();
});

test("steps of a saga tell what they call by, on both sides, also where nothing else uses that connection", async () => {
  const flow = drawSaga(
    [
      [
        "order",
        "saga-step",
        { action: { call: "topic", connection: "kafka", topic: "t" }, compensation: { url: "/u" } },
      ],
      ["job", "saga-step", { action: { call: "queue", connection: "jobs", queue: "q" } }],
      ["end", "saga-end"],
    ],
    "start>order",
    "order>job",
    "job>end",
  );
  const plan = planOf(flow);
  const counters = countersOf(plan);
  const transports: Record<string, Partial<Transport>> = {
    kafka: { kind: "kafka", test: () => Promise.reject(away) },
    jobs: { kind: "queue", test: async () => "Redis" },
    http: { kind: "http", test: () => Promise.reject(away) },
  };
  const use: Connections["use"] = async (ref, work) => work(transports[(ref as { name: string }).name] as Transport);
  const watching = new ConnectionWatch({ connections: { use }, plan, counters, log: silent });
  await settle();
  const read = (node: string) => counters.get(node)!.read(0);
  expect(read("order")).toMatchObject({ state: "degraded", cause: away.reason });
  expect(read("job").state).toBe("running");
  expect(read("end").state).toBe("running");
  await watching.stop();
  expect(read("order").state).toBe("running");
});
