import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HttpAnswer, HttpUnreachable } from "../../flow/connection-ports";
import { MemoryHeldStore } from "../../flow/testing/held-store";
import { sagaLeaseMs } from "./saga-row";
import {
  at,
  end,
  fakeTimers,
  idOf,
  json,
  makeFlow,
  makeMessage,
  pass,
  rowOf,
  settle,
  startOf,
  stateOf,
  step,
  TestWorker,
  textHeaders,
} from "./testing/worker";

beforeEach(fakeTimers);
afterEach(() => {
  vi.useRealTimers();
});

const threeSteps = makeFlow([step("reserve"), step("charge"), step("book"), end]);

interface Call {
  readonly path: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
}

function openService(
  answer: (path: string, calls: number) => Promise<HttpAnswer | HttpUnreachable> = async () => json(200, {}),
) {
  const calls: Call[] = [];
  const service = async ({ url, headers }: { url: string; headers: Readonly<Record<string, string>> }) => {
    calls.push({ path: url, key: headers["idempotency-key"]!, headers });
    return answer(url, calls.filter(({ path }) => path === url).length);
  };
  return { calls, service };
}

describe("a saga of three HTTP steps", () => {
  it("goes its way, one write a step, and its message leaves by its end", async () => {
    const { calls, service } = openService(async (path) => json(200, { by: path }));
    const store = new MemoryHeldStore();
    const flow = makeFlow([step("reserve", { into: "reserved" }), step("charge"), step("book"), end, logAfterEnd()]);
    const worker = new TestWorker({ flow, store, service });
    expect(await worker.start("o-1", { id: "o-1" })).toMatchObject([{ verdict: "done" }]);
    await settle(60);
    const id = idOf("o-1");
    expect(rowOf(store, id)).toMatchObject({ status: "completed", dueAt: null, key: "o-1", steps: [] });
    expect(rowOf(store, id).expiresAt).toBe(Date.now() + 30 * 24 * 3_600_000);
    expect(calls.map(({ path, key }) => [path, key])).toEqual([
      ["/reserve", `${id}.reserve`],
      ["/charge", `${id}.charge`],
      ["/book", `${id}.book`],
    ]);
    // Begun, three outcomes of which the last ends it, its message handed on.
    expect(rowOf(store, id).revision).toBe(5);
    expect(worker.left).toMatchObject([{ node: "end", port: "out", version: 1, place: { position: id } }]);
    expect(worker.left[0]!.message.body).toEqual({ id: "o-1", reserved: { by: "/reserve" } });
    expect(worker.left[0]!.message.header("saga-outcome")).toBe("completed");
    expect(worker.executor.room).toBe(2_000);
  });

  it("carries one trace through all of its commands", async () => {
    const { calls, service } = openService();
    const worker = new TestWorker({ flow: threeSteps, service });
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await worker.executor.start(at, [startOf("o-1", {}, textHeaders({ traceparent }))]);
    await settle(60);
    const traces = calls.map(({ headers }) => headers.traceparent!);
    expect(new Set(traces.map((text) => text.split("-")[1]))).toEqual(new Set(["0af7651916cd43dd8448eb211c80319c"]));
    expect(new Set(traces).size).toBe(3);
    expect(rowOf(worker.store, idOf("o-1")).traceId).toBe("0af7651916cd43dd8448eb211c80319c");
  });

  it("undoes what was done when a step fails for good, last first", async () => {
    const { calls, service } = openService(async (path) => json(path === "/book" ? 422 : 200, { reason: "full" }));
    const store = new MemoryHeldStore();
    const worker = new TestWorker({ flow: threeSteps, store, service });
    await worker.start("o-1");
    await settle(80);
    expect(rowOf(store, idOf("o-1"))).toMatchObject({
      status: "compensated",
      error: { node: "book", code: "http-status" },
    });
    expect(calls.map(({ path }) => path)).toEqual(["/reserve", "/charge", "/book", "/charge/undo", "/reserve/undo"]);
    expect(calls.map(({ key }) => key).slice(3)).toEqual([`${idOf("o-1")}.charge.undo`, `${idOf("o-1")}.reserve.undo`]);
  });

  it("undoes a step whose answer did not come, too", async () => {
    const { calls, service } = openService(async (path) =>
      path === "/charge" ? { unreachable: { code: "http-timeout", message: "late" } } : json(200, {}),
    );
    const worker = new TestWorker({ flow: threeSteps, service });
    await worker.start("o-1");
    await pass(5_000, worker);
    expect(rowOf(worker.store, idOf("o-1")).status).toBe("compensated");
    expect(calls.map(({ path }) => path)).toEqual([
      "/reserve",
      "/charge",
      "/charge",
      "/charge",
      "/charge/undo",
      "/reserve/undo",
    ]);
    expect(new Set(calls.slice(1, 4).map(({ key }) => key)).size).toBe(1);
  });

  it("does not undo a step that surely did nothing", async () => {
    const { calls, service } = openService(async (path) => json(path === "/charge" ? 425 : 200, {}));
    const worker = new TestWorker({ flow: threeSteps, service });
    await worker.start("o-1");
    await pass(5_000, worker);
    expect(rowOf(worker.store, idOf("o-1")).status).toBe("compensated");
    expect(calls.map(({ path }) => path)).toEqual(["/reserve", "/charge", "/charge", "/charge", "/reserve/undo"]);
  });

  it("takes an answer of more than 1 MiB for a failure that may have taken effect", async () => {
    const { calls, service } = openService(async (path) =>
      path === "/charge" ? { ...json(200, "x"), truncated: true } : json(200, {}),
    );
    const worker = new TestWorker({ flow: threeSteps, service });
    await worker.start("o-1");
    await settle(80);
    expect(rowOf(worker.store, idOf("o-1"))).toMatchObject({
      status: "compensated",
      error: { node: "charge", code: "http-answer-invalid" },
    });
    expect(calls.map(({ path }) => path)).toEqual(["/reserve", "/charge", "/charge/undo", "/reserve/undo"]);
  });

  it("is the same saga when it is started again, and none without a key", async () => {
    const { calls, service } = openService();
    const worker = new TestWorker({ flow: threeSteps, service });
    const verdicts = await worker.executor.start(at, [startOf("o-1"), startOf("o-1"), startOf(" ")]);
    expect(verdicts).toMatchObject([
      { verdict: "done" },
      { verdict: "done", note: { known: true, begunAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) } },
      { verdict: "reject", cause: { code: "saga-key-empty" } },
    ]);
    await settle(60);
    expect(await worker.start("o-1")).toMatchObject([{ verdict: "done", note: { known: true } }]);
    await settle(60);
    expect(calls).toHaveLength(3);
    expect(worker.countersOf(at.node)!.ports).toEqual({ out: 1 });
  });

  it("asks a person when a compensation does not succeed, who has it tried again", async () => {
    let isBroken = true;
    const { calls, service } = openService(async (path) => {
      if (path === "/book") return json(422, {});
      return json(path === "/charge/undo" && isBroken ? 400 : 200, {});
    });
    const worker = new TestWorker({ flow: threeSteps, service });
    await worker.start("o-1");
    await settle(80);
    const id = idOf("o-1");
    expect(rowOf(worker.store, id)).toMatchObject({ status: "stuck", error: { node: "charge" } });
    expect(await worker.executor.act(id, { is: "retry", node: "book", by: "Ada" })).toMatchObject({ done: false });
    expect(
      await worker.executor.act("b2a7d0e4-0000-8000-8000-000000000000", { is: "retry", node: "x", by: "Ada" }),
    ).toMatchObject({
      done: false,
      why: "unknown-saga",
    });
    isBroken = false;
    expect(await worker.executor.act(id, { is: "retry", node: "charge", by: "Ada" })).toMatchObject({ done: true });
    await settle(60);
    expect(rowOf(worker.store, id).status).toBe("compensated");
    expect(calls.at(-1)!.path).toBe("/reserve/undo");
  });

  it("is cancelled by a person: what is under way is awaited, then undone", async () => {
    let answer = (_: HttpAnswer) => {};
    const { calls, service } = openService(async (path) =>
      path === "/charge" ? new Promise<HttpAnswer>((resolve) => (answer = resolve)) : json(200, {}),
    );
    const worker = new TestWorker({ flow: threeSteps, service });
    await worker.start("o-1");
    await settle(40);
    const id = idOf("o-1");
    expect(await worker.executor.act(id, { is: "cancel", by: "Ada", reason: "no longer wanted" })).toMatchObject({
      done: true,
      status: "compensating",
    });
    answer(json(200, {}));
    await settle(60);
    expect(rowOf(worker.store, id).status).toBe("compensated");
    expect(calls.map(({ path }) => path)).toEqual(["/reserve", "/charge", "/charge/undo", "/reserve/undo"]);
    expect(await worker.executor.act(id, { is: "cancel", by: "Ada", reason: "again" })).toMatchObject({
      done: false,
      why: "ended",
    });
  });

  it("keeps its outcome while the store is away, and writes it then", async () => {
    const store = new MemoryHeldStore();
    const { calls, service } = openService(async () => {
      store.away = true;
      return json(200, {});
    });
    const worker = new TestWorker({ flow: threeSteps, store, service });
    await worker.start("o-1");
    await pass(7_000, worker);
    expect(calls).toHaveLength(1);
    expect(await worker.start("o-2")).toMatchObject([{ verdict: "retry", cause: { code: "store-unreachable" } }]);
    expect(await worker.executor.act(idOf("o-1"), { is: "cancel", by: "Ada", reason: "x" })).toMatchObject({
      done: false,
      why: "store-unreachable",
    });
    for (let round = 0; round < 3; round++) {
      store.away = false;
      await pass(6_000, worker);
    }
    expect(rowOf(store, idOf("o-1")).status).toBe("completed");
    expect(calls).toHaveLength(3);
  });
});

describe("bounds", () => {
  it("stores what there is no room for, and begins it when there is", async () => {
    const answers: (() => void)[] = [];
    const { calls, service } = openService(
      () => new Promise<HttpAnswer>((resolve) => answers.push(() => resolve(json(200, {})))),
    );
    const flow = makeFlow([step("reserve", { action: { timeoutMs: 60_000 } }), end]);
    const worker = new TestWorker({ flow, service, limits: { inHand: 4, started: 3 } });
    const keys = Array.from({ length: 10 }, (_, index) => `o-${index}`);
    const starting = worker.executor.start(
      at,
      keys.map((key) => startOf(key)),
    );
    await pass(3_000, worker);
    expect(await starting).toHaveLength(10);
    expect(calls.length).toBeLessThanOrEqual(10);
    for (let round = 0; round < 10; round++) {
      for (const answer of answers.splice(0)) answer();
      await pass(1_000, worker);
    }
    expect(calls).toHaveLength(10);
    expect(keys.map((key) => rowOf(worker.store, idOf(key)).status)).toEqual(keys.map(() => "completed"));
    expect(worker.executor.room).toBe(4);
  });

  it("sends a step's requests in a line of its own, so many at once", async () => {
    const answers: (() => void)[] = [];
    const { calls, service } = openService((path) =>
      path === "/reserve"
        ? new Promise<HttpAnswer>((resolve) => answers.push(() => resolve(json(200, {}))))
        : Promise.resolve(json(200, {})),
    );
    const worker = new TestWorker({ flow: threeSteps, service });
    await worker.executor.start(
      at,
      Array.from({ length: 100 }, (_, index) => startOf(`o-${index}`)),
    );
    await settle(40);
    expect(calls).toHaveLength(64);
    for (const answer of answers.splice(0)) answer();
    await settle(100);
    expect(calls.filter(({ path }) => path === "/reserve")).toHaveLength(100);
    expect(calls.filter(({ path }) => path === "/book")).toHaveLength(64);
  });

  it("says its end again when that was cut, until it is safe", async () => {
    let isCut = true;
    const flow = makeFlow([step("reserve"), end, logAfterEnd()]);
    const worker = new TestWorker({ flow, emit: async () => !isCut });
    await worker.start("o-1");
    await pass(2_500, worker);
    expect(rowOf(worker.store, idOf("o-1"))).toMatchObject({ status: "completed", expiresAt: null });
    isCut = false;
    await pass(1_500, worker);
    expect(worker.left).toHaveLength(1);
    expect(rowOf(worker.store, idOf("o-1"))).toMatchObject({ dueAt: null, expiresAt: expect.any(Number) });
  });
});

describe("two workers over one store", () => {
  it("one takes over what the other had in hand, with the same key and attempt", async () => {
    const store = new MemoryHeldStore();
    const lost = openService(() => new Promise(() => {}));
    const { calls, service } = openService();
    const first = new TestWorker({ flow: threeSteps, store, service: lost.service });
    const second = new TestWorker({ flow: threeSteps, store, service });
    await first.start("o-1");
    await settle(40);
    expect(lost.calls).toHaveLength(1);
    first.isGone = true;
    await pass(sagaLeaseMs - 1_000, second);
    expect(calls).toHaveLength(0);
    await pass(2_500, second);
    expect(rowOf(store, idOf("o-1")).status).toBe("completed");
    expect(calls[0]!.key).toBe(lost.calls[0]!.key);
    const [reserve] = stateOf(store, idOf("o-1")).visits;
    expect(reserve).toMatchObject({ attempt: 1, attempts: [{ number: 1, resent: 1 }] });
  });

  it("leaves alone what the other still has in hand, however long", async () => {
    const store = new MemoryHeldStore();
    let answer = (_: HttpAnswer) => {};
    const slow = openService(() => new Promise<HttpAnswer>((resolve) => (answer = resolve)));
    const { calls, service } = openService();
    const flow = makeFlow([step("reserve", { action: { timeoutMs: 60_000 } }), end]);
    const first = new TestWorker({ flow, store, service: slow.service });
    const second = new TestWorker({ flow, store, service });
    await first.start("o-1");
    await pass(45_000, first, second);
    expect(calls).toHaveLength(0);
    answer(json(200, {}));
    await settle(40);
    expect(rowOf(store, idOf("o-1")).status).toBe("completed");
  });

  it("both change the same saga: whoever comes second reads again", async () => {
    const store = new MemoryHeldStore();
    const flow = makeFlow([{ id: "paid", kind: "saga-wait", config: { awaits: "key" } }, step("book"), end]);
    const first = new TestWorker({ flow, store });
    const second = new TestWorker({ flow, store });
    await first.start("o-1");
    await settle(40);
    const event = { message: makeMessage({ sum: 7 }), part: "0", value: "o-1", keepMs: 60_000 };
    const paid = { node: "paid", version: 1 };
    const id = idOf("o-1");
    const [arrived, acted] = await Promise.all([
      first.executor.arrive(paid, [event]),
      second.executor.act(id, { is: "skip", node: "paid", by: "Ada", reason: "paid in cash" }),
    ]);
    expect(arrived).toMatchObject([{ verdict: "done" }]);
    await settle(60);
    expect(rowOf(store, id).status).toBe("completed");
    // One of them was first; the other made no difference, and nothing was lost or done twice.
    expect(stateOf(store, id).visits.filter(({ node }) => node === "book")).toHaveLength(1);
    expect(acted.done || store.arrivals.size === 0).toBe(true);
  });

  it("a stop hands everything back: the other goes on", async () => {
    const store = new MemoryHeldStore();
    const { calls, service } = openService();
    const stuck = openService(() => new Promise(() => {}));
    const first = new TestWorker({ flow: threeSteps, store, service: stuck.service });
    const second = new TestWorker({ flow: threeSteps, store, service });
    await first.start("o-1");
    await settle(40);
    const stopping = first.executor.stop(500);
    for (let turn = 0; turn < 60; turn++) await pass(50);
    await stopping;
    first.isGone = true;
    expect(rowOf(store, idOf("o-1")).dueAt).toBeLessThanOrEqual(Date.now());
    await pass(sagaLeaseMs + 1_000, second);
    expect(rowOf(store, idOf("o-1")).status).toBe("completed");
    expect(calls).toHaveLength(3);
  });

  it("hands back a command that does not end in time: the next worker sends it again at once, with the same key", async () => {
    const store = new MemoryHeldStore();
    const hangs = openService((path) => (path === "/charge" ? new Promise(() => {}) : Promise.resolve(json(200, {}))));
    const first = new TestWorker({ flow: threeSteps, store, service: hangs.service });
    const { calls, service } = openService();
    const second = new TestWorker({ flow: threeSteps, store, service });
    await first.start("o-1");
    await settle(40);
    const stopping = first.executor.stop(500);
    for (let turn = 0; turn < 60; turn++) await pass(50);
    await stopping;
    first.isGone = true;
    await pass(1_000, second);
    expect(rowOf(store, idOf("o-1")).status).toBe("completed");
    expect(calls.map(({ path }) => path)).toEqual(["/charge", "/book"]);
    expect(calls[0]!.key).toBe(hangs.calls[1]!.key);
    expect(stateOf(store, idOf("o-1")).visits[1]).toMatchObject({ attempt: 1, attempts: [{ resent: 1 }] });
  });
});

function logAfterEnd() {
  return { id: "said", kind: "log", config: {} };
}
