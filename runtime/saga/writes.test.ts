import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { KafkaPort, KafkaRecord, QueuePort } from "../../flow/connection-ports";
import type { FlowDocument } from "../../flow/document";
import type { HeldStore } from "../../flow/holding";
import { MemoryHeldStore } from "../../flow/testing/held-store";
import { done } from "../../flow/verdict";
import { sagaLeaseMs } from "./saga-row";
import {
  end,
  fakeTimers,
  idOf,
  json,
  makeFlow,
  makeMessage,
  pass,
  rowOf,
  settle,
  step,
  TestWorker,
} from "./testing/worker";

beforeEach(fakeTimers);
afterEach(() => {
  vi.useRealTimers();
});

/** What a saga asks of its store, by kind of question: `docs/sagas.md` tells these numbers. */
async function count(flow: FlowDocument, drive: (worker: TestWorker, id: string) => Promise<void>) {
  const asked: Record<string, number> = {};
  const store = new MemoryHeldStore();
  const counted = new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        const isSweep = name === "takeDue" || (name === "setDue" && (args[0] as unknown[]).length === 0);
        if (!isSweep) asked[String(name)] = (asked[String(name)] ?? 0) + 1;
        return (value as (...args: unknown[]) => unknown).apply(target, args);
      };
    },
  }) as HeldStore;
  const records: KafkaRecord[] = [];
  const kafka = {
    produce: async (more: readonly KafkaRecord[]) => {
      records.push(...more);
      return more.map(() => done);
    },
  } as unknown as KafkaPort;
  const queue = {
    add: async (_: string, jobs: readonly unknown[]) => jobs.map(() => done),
    awaitResult: async () => ({ is: "completed", result: {} }),
  } as unknown as QueuePort;
  const worker = new TestWorker({ flow, store: counted, ports: { kafka, queue } });
  await worker.start("o-1", { id: "o-1" });
  await settle(60);
  await drive(worker, idOf("o-1"));
  await settle(60);
  expect(rowOf(store, idOf("o-1")).status).toBe("completed");
  return asked;
}

const nothing = async () => {};

it("writes once a step by HTTP, and once more at its beginning and for the message at its end", async () => {
  expect(await count(makeFlow([step("a"), step("b"), step("c"), end]), nothing)).toEqual({ write: 4 });
  const saying = makeFlow([step("a"), step("b"), step("c"), end, { id: "said", kind: "log", config: {} }]);
  expect(await count(saying, nothing)).toEqual({ write: 5 });
});

it("writes twice a step by topic or queue: that its command was sent, and what came of it", async () => {
  const topic = step("a", { action: { call: "topic", connection: "kafka", topic: "commands", url: undefined } });
  const answering = count(makeFlow([topic, end]), async (worker, id) => {
    await worker.executor.answer({ node: "a", version: 1 }, [
      { message: makeMessage({}), part: "0", correlationId: `${id}.a` },
    ]);
  });
  expect(await answering).toEqual({ write: 3, read: 1 });
  const queue = step("a", { action: { call: "queue", connection: "queue", queue: "commands", jobName: "a" } });
  expect(await count(makeFlow([queue, end]), nothing)).toEqual({ write: 3, read: 1 });
});

it("looks for what came before when it begins to wait, and says when it is due by itself", async () => {
  const wait = { id: "paid", kind: "saga-wait", config: { awaits: "key" } };
  const waiting = count(makeFlow([wait, end]), async (worker) => {
    await worker.executor.arrive({ node: "paid", version: 1 }, [
      { message: makeMessage({}), part: "0", value: "o-1", keepMs: 1_000 },
    ]);
  });
  expect(await waiting).toEqual({ write: 2, findArrivals: 1, setDue: 1, findAwaiting: 1, read: 1 });
});

it("leaves the time of a lease as it is while it has half of it left: a write that changes it costs twice as much", async () => {
  const store = new MemoryHeldStore();
  const afterMs: Record<string, number> = { "/a": 1_000, "/b": 3_000, "/c": 1_500 };
  const service = async ({ url }: { url: string }) => {
    await new Promise((resolve) => setTimeout(resolve, afterMs[url]));
    return json(200, {});
  };
  const action = { timeoutMs: 20_000 };
  const flow = makeFlow([step("a", { action }), step("b", { action }), step("c", { action }), end]);
  const worker = new TestWorker({ flow, store, service });
  await worker.start("o-1", { id: "o-1" });
  const leases: [number, number][] = [];
  for (const url of Object.keys(afterMs)) {
    const { revision, dueAt } = rowOf(store, idOf("o-1"));
    leases.push([revision, dueAt! - Date.now()]);
    vi.advanceTimersByTime(afterMs[url]!);
    await settle(60);
  }
  expect(leases).toEqual([
    [1, sagaLeaseMs],
    [2, sagaLeaseMs - 1_000],
    [3, sagaLeaseMs - 4_000],
  ]);
  expect(rowOf(store, idOf("o-1"))).toMatchObject({ status: "completed", dueAt: null });
});

it("puts a lease off with a write when less than half of it is left", async () => {
  const store = new MemoryHeldStore();
  const service = async () => {
    await new Promise((resolve) => setTimeout(resolve, sagaLeaseMs / 2));
    return json(200, {});
  };
  const action = { timeoutMs: 20_000 };
  const worker = new TestWorker({
    flow: makeFlow([step("a", { action }), step("b", { action }), end]),
    store,
    service,
  });
  await worker.start("o-1", { id: "o-1" });
  vi.advanceTimersByTime(sagaLeaseMs / 2);
  await settle(60);
  const { revision, dueAt } = rowOf(store, idOf("o-1"));
  expect([revision, dueAt! - Date.now()]).toEqual([2, sagaLeaseMs]);
});

it("writes a timer with the step before it", async () => {
  const timer = { id: "later", kind: "saga-timer", config: { for: "1s" } };
  expect(await count(makeFlow([step("a"), timer, end]), (worker) => pass(2_000, worker))).toEqual({ write: 3 });
});
