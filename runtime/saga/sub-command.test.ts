import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HttpAnswer } from "../../flow/connection-ports";
import { MemoryHeldStore } from "../../flow/testing/held-store";
import { end, fakeTimers, idOf, json, makeFlow, pass, rowOf, step, TestWorker } from "./testing/worker";

beforeEach(fakeTimers);
afterEach(() => {
  vi.useRealTimers();
});

const shipping = makeFlow([step("pick", { into: "picked" }), step("book"), end], undefined, "ship-order");
const sub = { id: "ship", kind: "sub-saga", config: { flow: "ship-order", key: "key + '-shipping'", into: "shipped" } };
const ordering = makeFlow([step("charge"), sub, step("tell"), end]);

function open(answer: (path: string) => HttpAnswer = () => json(200, {})) {
  const store = new MemoryHeldStore();
  const calls: string[] = [];
  const service = async ({ url }: { url: string }) => {
    calls.push(url);
    return answer(url);
  };
  const workers: TestWorker[] = [];
  const neighbours = () => workers;
  workers.push(new TestWorker({ flow: ordering, store, service, neighbours }));
  workers.push(new TestWorker({ flow: shipping, flowId: "flow-2", store, service, neighbours }));
  const [parent, child] = workers as [TestWorker, TestWorker];
  const children = () => [...store.rows.values()].filter(({ flowId }) => flowId === "flow-2");
  return { store, calls, parent, child, workers, children };
}

describe("a sub-saga", () => {
  it("is carried out by its own flow, and its data is the answer", async () => {
    const { store, calls, parent, workers, children } = open();
    await parent.start("o-1", { id: "o-1" });
    await pass(2_000, ...workers);
    expect(calls).toEqual(["/charge", "/pick", "/book", "/tell"]);
    expect(children()).toMatchObject([
      { key: "o-1-shipping", status: "completed", version: 1, node: "begin", dueAt: null },
    ]);
    expect(rowOf(store, idOf("o-1")).status).toBe("completed");
    expect(parent.left).toEqual([]);
  });

  it("that was undone has failed without effect", async () => {
    const { store, calls, parent, workers, children } = open((path) => json(path === "/book" ? 422 : 200, {}));
    await parent.start("o-1", { id: "o-1" });
    await pass(2_000, ...workers);
    expect(children()).toMatchObject([{ status: "compensated" }]);
    expect(rowOf(store, idOf("o-1"))).toMatchObject({
      status: "compensated",
      error: { node: "ship", code: "saga-compensated" },
    });
    expect(calls).toEqual(["/charge", "/pick", "/book", "/pick/undo", "/charge/undo"]);
  });

  it("that is complete is undone with its parent", async () => {
    const { store, calls, parent, workers, children } = open((path) => json(path === "/tell" ? 422 : 200, {}));
    await parent.start("o-1", { id: "o-1" });
    await pass(3_000, ...workers);
    expect(calls).toEqual(["/charge", "/pick", "/book", "/tell", "/book/undo", "/pick/undo", "/charge/undo"]);
    expect(children()).toMatchObject([{ status: "compensated" }]);
    expect(rowOf(store, idOf("o-1")).status).toBe("compensated");
  });

  it("that runs is cancelled with its parent", async () => {
    const waiting = makeFlow(
      [step("pick"), { id: "paid", kind: "saga-wait", config: { awaits: "key" } }, end],
      undefined,
      "ship-order",
    );
    const store = new MemoryHeldStore();
    const calls: string[] = [];
    const service = async ({ url }: { url: string }) => {
      calls.push(url);
      return json(200, {});
    };
    const workers: TestWorker[] = [];
    workers.push(new TestWorker({ flow: ordering, store, service, neighbours: () => workers }));
    workers.push(new TestWorker({ flow: waiting, flowId: "flow-2", store, service, neighbours: () => workers }));
    await workers[0]!.start("o-1", { id: "o-1" });
    await pass(2_000, ...workers);
    expect(rowOf(store, idOf("o-1")).status).toBe("running");
    expect(await workers[0]!.executor.act(idOf("o-1"), { is: "cancel", by: "Ada", reason: "no more" })).toMatchObject({
      done: true,
    });
    await pass(3_000, ...workers);
    expect(calls).toEqual(["/charge", "/pick", "/pick/undo", "/charge/undo"]);
    expect(rowOf(store, idOf("o-1")).status).toBe("compensated");
  });

  it("waits while its flow is not deployed", async () => {
    const store = new MemoryHeldStore();
    const workers: TestWorker[] = [];
    workers.push(new TestWorker({ flow: ordering, store, neighbours: () => workers }));
    await workers[0]!.start("o-1", { id: "o-1" });
    await pass(2_000, ...workers);
    workers.push(new TestWorker({ flow: shipping, flowId: "flow-2", store, neighbours: () => workers }));
    await pass(10_000, ...workers);
    expect(rowOf(store, idOf("o-1")).status).toBe("completed");
  });

  it("has failed when its flow is not deployed in time", async () => {
    const store = new MemoryHeldStore();
    const hasty = makeFlow([step("charge"), { ...sub, config: { ...sub.config, within: "30s" } }, end]);
    const parent: TestWorker = new TestWorker({ flow: hasty, store, neighbours: () => [parent] });
    await parent.start("o-1", { id: "o-1" });
    await pass(2_000, parent);
    expect(rowOf(store, idOf("o-1"))).toMatchObject({
      status: "compensated",
      error: { node: "ship", code: "saga-flow-missing" },
    });
  });

  it("that refers to itself ends where sagas would go too deep", async () => {
    const store = new MemoryHeldStore();
    const circle = makeFlow([step("charge"), { ...sub, config: { flow: "place-order", key: "key + 'x'" } }, end]);
    const worker = new TestWorker({ flow: circle, store });
    await worker.start("o", { id: "o" });
    await pass(20_000, worker);
    const rows = [...store.rows.values()];
    expect(rows).toHaveLength(9);
    expect(rows.every(({ status }) => status === "compensated")).toBe(true);
    expect(rows.find(({ key }) => key === "oxxxxxxxx")).toMatchObject({ error: { code: "saga-too-deep" } });
  });
});
