import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HttpAnswer, KafkaPort, KafkaRecord } from "../../flow/connection-ports";
import { MemoryHeldStore } from "../../flow/testing/held-store";
import { done, retryDependency, type Verdict } from "../../flow/verdict";
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
  stateOf,
  step,
  TestWorker,
  textHeaders,
} from "./testing/worker";

beforeEach(fakeTimers);
afterEach(() => {
  vi.useRealTimers();
});

const byTopic = (topic: string) => ({ call: "topic", connection: "kafka", topic, url: undefined });

function openTopics(write: (record: KafkaRecord) => Verdict = () => done) {
  const records: KafkaRecord[] = [];
  const kafka = {
    produce: async (more: readonly KafkaRecord[]) =>
      more.map((record) => {
        const verdict = write(record);
        if (verdict.verdict === "done") records.push(record);
        return verdict;
      }),
  } as unknown as KafkaPort;
  const header = (record: KafkaRecord, name: string) =>
    new TextDecoder().decode(record.headers.find(([each]) => each === name)?.[1]);
  return { records, kafka, header };
}

const reserveByTopic = makeFlow([
  step("reserve", { action: byTopic("stock.commands"), compensation: byTopic("stock.commands"), into: "reserved" }),
  step("charge"),
  end,
]);
const reply = { node: "reserve", version: 1 };

function answerOf(correlationId: string | null, body: unknown = {}, headers: Record<string, string> = {}) {
  return { message: makeMessage(body, textHeaders(headers)), part: "0", correlationId };
}

describe("a step by topic", () => {
  it("sends a command with its correlation id, and goes on with the answer that carries it", async () => {
    const { records, kafka, header } = openTopics();
    const worker = new TestWorker({ flow: reserveByTopic, ports: { kafka } });
    await worker.start("o-1");
    await settle(40);
    const id = idOf("o-1");
    expect(records).toHaveLength(1);
    expect(header(records[0]!, "correlation-id")).toBe(`${id}.reserve`);
    expect(header(records[0]!, "traceparent")).toMatch(/^00-/);
    // Nobody has it in hand while the answer is on its way.
    expect(worker.executor.room).toBe(2_000);
    expect([...worker.executor.inHand()]).toEqual([]);
    expect(await worker.executor.answer(reply, [answerOf(`${id}.reserve`, { shelf: 7 })])).toEqual([done]);
    await settle(40);
    expect(rowOf(worker.store, id).status).toBe("completed");
    expect(stateOf(worker.store, id).body).toEqual({ reserved: { shelf: 7 } });
  });

  it("is done with a second answer, and with one that comes after it was undone", async () => {
    const { records, kafka } = openTopics();
    const worker = new TestWorker({ flow: reserveByTopic, ports: { kafka } });
    await worker.start("o-1");
    await settle(40);
    const id = idOf("o-1");
    await pass(7_500, worker);
    expect(records).toHaveLength(4);
    expect(rowOf(worker.store, id).status).toBe("compensating");
    await worker.executor.answer(reply, [answerOf(`${id}.reserve.undo`)]);
    await settle(40);
    expect(rowOf(worker.store, id).status).toBe("compensated");
    expect(await worker.executor.answer(reply, [answerOf(`${id}.reserve`), answerOf(`${id}.reserve`)])).toEqual([
      done,
      done,
    ]);
    expect(stateOf(worker.store, id).notes).toMatchObject([{ what: "late-answer", node: "reserve", times: 2 }]);

    await worker.start("o-2");
    await settle(40);
    const other = idOf("o-2");
    const twice = [answerOf(`${other}.reserve`), answerOf(`${other}.reserve`)];
    expect(await worker.executor.answer(reply, twice)).toEqual([done, done]);
    await settle(40);
    expect(rowOf(worker.store, other).status).toBe("completed");
    expect(stateOf(worker.store, other).notes).toMatchObject([{ what: "second-answer" }]);
  });

  it("leaves its end to the worker that hands it on, when an answer comes to another", async () => {
    const store = new MemoryHeldStore();
    const { kafka } = openTopics();
    const said = { id: "said", kind: "log", config: {} };
    const flow = makeFlow([step("reserve", { action: byTopic("stock.commands") }), end, said]);
    let finish = (_: boolean) => {};
    const slow = () => new Promise<boolean>((resolve) => (finish = resolve));
    const first = new TestWorker({ flow, store, ports: { kafka }, emit: slow });
    const second = new TestWorker({ flow, store, ports: { kafka } });
    await first.start("o-1");
    await settle(40);
    const id = idOf("o-1");
    await first.executor.answer(reply, [answerOf(`${id}.reserve`)]);
    await settle(40);
    expect(await second.executor.answer(reply, [answerOf(`${id}.reserve`)])).toEqual([done]);
    await pass(30_000, second, first);
    expect(second.left).toEqual([]);
    finish(true);
    await settle(60);
    expect(first.left).toHaveLength(1);
    expect(rowOf(store, id)).toMatchObject({ status: "completed", dueAt: null });
    expect(stateOf(store, id)).toMatchObject({ emitted: true, notes: [{ what: "second-answer" }] });
  });

  it("takes an answer that says that it failed for a failure", async () => {
    const { kafka } = openTopics();
    const worker = new TestWorker({ flow: reserveByTopic, ports: { kafka } });
    await worker.start("o-1");
    await settle(40);
    const id = idOf("o-1");
    await worker.executor.answer(reply, [
      answerOf(`${id}.reserve`, { reason: "sold out" }, { "saga-outcome": "failed" }),
    ]);
    await settle(40);
    expect(rowOf(worker.store, id)).toMatchObject({ status: "compensated", error: { code: "reply-failed" } });
    expect(stateOf(worker.store, id).visits[0]).toMatchObject({
      effect: "none",
      cause: { detail: '{"reason":"sold out"}' },
    });
  });

  it("rejects answers that belong to no saga", async () => {
    const worker = new TestWorker({ flow: reserveByTopic });
    const elsewhere = "8f14e45f-0000-8000-8000-000000000000.reserve";
    const verdicts = await worker.executor.answer(reply, [answerOf(null), answerOf("what"), answerOf(elsewhere)]);
    expect(verdicts).toMatchObject(verdicts.map(() => ({ verdict: "reject", cause: { code: "saga-unknown" } })));
  });

  it("takes an answer of 10 MB for a failure that may have taken effect", async () => {
    const { kafka, records, header } = openTopics();
    const worker = new TestWorker({ flow: reserveByTopic, ports: { kafka } });
    await worker.start("o-1");
    await settle(40);
    const id = idOf("o-1");
    expect(await worker.executor.answer(reply, [answerOf(`${id}.reserve`, "x".repeat(10_000_000))])).toEqual([done]);
    await settle(40);
    expect(rowOf(worker.store, id)).toMatchObject({ status: "compensating", error: { code: "message-too-large" } });
    expect(header(records.at(-1)!, "correlation-id")).toBe(`${id}.reserve.undo`);
  });

  it("waits for a broker that is away as long as for an answer, and spends no attempt", async () => {
    let isAway = true;
    const { records, kafka } = openTopics(() => (isAway ? retryDependency("broker-unreachable", "away") : done));
    const worker = new TestWorker({ flow: reserveByTopic, ports: { kafka } });
    await worker.start("o-1");
    await pass(1_200, worker);
    isAway = false;
    await pass(600, worker);
    expect(records).toHaveLength(1);
    expect(stateOf(worker.store, idOf("o-1")).visits[0]).toMatchObject({ state: "working", attempt: 1 });
  });

  it("is not sent again by whoever takes the saga for another reason", async () => {
    const { records, kafka } = openTopics();
    const flow = makeFlow(
      [
        { id: "both", kind: "saga-fork", config: { branches: ["a", "b"] } },
        step("reserve", { action: { ...byTopic("stock.commands"), timeoutMs: 60_000 } }),
        { id: "later", kind: "saga-timer", config: { for: "20s" } },
        { id: "met", kind: "saga-join", config: {} },
        end,
      ],
      [
        { from: "in", to: "begin" },
        { from: "begin", to: "both" },
        { from: "both.a", to: "reserve" },
        { from: "both.b", to: "later" },
        { from: "reserve", to: "met" },
        { from: "later", to: "met" },
        { from: "met", to: "end" },
      ],
    );
    const store = new MemoryHeldStore();
    const first = new TestWorker({ flow, store, ports: { kafka } });
    const second = new TestWorker({ flow, store, ports: { kafka } });
    await first.start("o-1");
    await settle(40);
    first.isGone = true;
    await pass(25_000, second);
    expect(stateOf(store, idOf("o-1")).visits.find(({ node }) => node === "later")).toMatchObject({ state: "done" });
    expect(records).toHaveLength(1);
    await second.executor.answer(reply, [answerOf(`${idOf("o-1")}.reserve`)]);
    await settle(40);
    expect(rowOf(store, idOf("o-1")).status).toBe("completed");
  });
});

describe("branches in the hands of two workers", () => {
  it("leave each other's commands alone, and meet at their join", async () => {
    const { kafka } = openTopics();
    const flow = makeFlow(
      [
        { id: "both", kind: "saga-fork", config: { branches: ["a", "b"] } },
        step("reserve", { action: { ...byTopic("stock.commands"), timeoutMs: 60_000 } }),
        step("wrap", { action: { timeoutMs: 60_000 } }),
        step("charge", { action: { timeoutMs: 60_000 } }),
        { id: "met", kind: "saga-join", config: {} },
        end,
      ],
      [
        { from: "in", to: "begin" },
        { from: "begin", to: "both" },
        { from: "both.a", to: "reserve" },
        { from: "reserve", to: "wrap" },
        { from: "both.b", to: "charge" },
        { from: "wrap", to: "met" },
        { from: "charge", to: "met" },
        { from: "met", to: "end" },
      ],
    );
    const store = new MemoryHeldStore();
    const calls: string[] = [];
    const answers = new Map<string, (answer: HttpAnswer) => void>();
    const service = ({ url }: { url: string }) => {
      calls.push(url);
      return new Promise<HttpAnswer>((resolve) => answers.set(url, resolve));
    };
    const first = new TestWorker({ flow, store, ports: { kafka }, service });
    const second = new TestWorker({ flow, store, ports: { kafka }, service });
    await first.start("o-1");
    await settle(40);
    await pass(1_000, second, first);
    await second.executor.answer(reply, [answerOf(`${idOf("o-1")}.reserve`)]);
    await pass(35_000, second, first);
    expect(calls).toEqual(["/charge", "/wrap"]);
    answers.get("/charge")!(json(200, {}));
    await pass(5_000, second, first);
    answers.get("/wrap")!(json(200, {}));
    await settle(60);
    expect(rowOf(store, idOf("o-1"))).toMatchObject({ status: "completed", dueAt: null });
    expect(stateOf(store, idOf("o-1")).notes).toEqual([]);
    expect(calls).toHaveLength(2);
  });
});

describe("a saga that waits for an event", () => {
  const flow = makeFlow([
    step("reserve"),
    { id: "paid", kind: "saga-wait", config: { awaits: "body.id", into: "payment", within: "10m" } },
    end,
  ]);
  const paid = { node: "paid", version: 1 };
  const event = (value: string, body: unknown, position = "0") => ({
    message: makeMessage(body, [], position),
    part: "0",
    value,
    keepMs: 3_600_000,
  });

  it("goes on with one that comes then", async () => {
    const worker = new TestWorker({ flow });
    await worker.start("o-1", { id: "o-1" });
    await settle(40);
    expect(rowOf(worker.store, idOf("o-1"))).toMatchObject({ status: "waiting", awaits: ["paid o-1"] });
    expect(rowOf(worker.store, idOf("o-1")).dueAt).toBe(Date.now() + 600_000);
    expect(await worker.executor.arrive(paid, [event("o-1", { sum: 7 })])).toEqual([done]);
    await settle(40);
    expect(stateOf(worker.store, idOf("o-1")).body).toEqual({ id: "o-1", payment: { sum: 7 } });
    expect((worker.store as MemoryHeldStore).arrivals.size).toBe(0);
  });

  it("goes on with one that came before, the oldest, and once", async () => {
    const worker = new TestWorker({ flow });
    const early = [event("o-1", { sum: 7 }), event("o-1", { sum: 7 }), event("o-2", {}, "1")];
    expect(await worker.executor.arrive(paid, early)).toEqual([done, done, done]);
    expect((worker.store as MemoryHeldStore).arrivals.size).toBe(2);
    await worker.start("o-1", { id: "o-1" });
    await settle(60);
    expect(stateOf(worker.store, idOf("o-1")).body).toEqual({ id: "o-1", payment: { sum: 7 } });
    expect((worker.store as MemoryHeldStore).arrivals.size).toBe(1);
  });

  it("finds it whoever writes first, also after a crash between its two steps", async () => {
    const store = new MemoryHeldStore();
    const find = store.findArrivals.bind(store);
    const first = new TestWorker({ flow, store });
    // Killed when it has written that it waits, before it looks.
    store.findArrivals = async (...args) => {
      first.isGone = true;
      return find(...args);
    };
    const second = new TestWorker({ flow, store });
    await second.executor.arrive(paid, [event("o-1", { sum: 7 })]);
    await first.start("o-1", { id: "o-1" });
    await settle(40);
    expect(rowOf(store, idOf("o-1")).status).toBe("waiting");
    store.findArrivals = find;
    await pass(sagaLeaseMs + 1_000, second);
    expect(rowOf(store, idOf("o-1")).status).toBe("completed");
  });

  it("is too late after its time", async () => {
    const worker = new TestWorker({ flow });
    await worker.start("o-1", { id: "o-1" });
    await pass(60_000, worker);
    vi.setSystemTime(Date.now() + 600_000);
    await pass(1_000, worker);
    expect(rowOf(worker.store, idOf("o-1"))).toMatchObject({
      status: "compensated",
      error: { code: "saga-wait-late" },
    });
    expect(await worker.executor.arrive(paid, [event("o-1", {})])).toEqual([done]);
  });
});
