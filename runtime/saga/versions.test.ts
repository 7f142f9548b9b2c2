import { afterEach, beforeEach, expect, it, vi } from "vitest";
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
  step,
  TestWorker,
} from "./testing/worker";

beforeEach(fakeTimers);
afterEach(() => {
  vi.useRealTimers();
});

const wait = { id: "paid", kind: "saga-wait", config: { awaits: "key" } };
const first = makeFlow([step("reserve"), wait, step("book"), end, { id: "said", kind: "log", config: {} }]);
const second = makeFlow([step("reserve"), wait, step("carry"), end]);

function open(versions: Record<number, typeof first>, store = new MemoryHeldStore()) {
  const calls: string[] = [];
  const service = async ({ url }: { url: string }) => {
    calls.push(url);
    return json(200, {});
  };
  return { calls, store, worker: new TestWorker({ flow: first, versions, store, service }) };
}

const payment = (value: string) => ({ message: makeMessage({}), part: "0", value, keepMs: 60_000 });

it("a saga ends on the version on which it began, beside one of the next", async () => {
  const { calls, store, worker } = open({ 1: first, 2: second });
  await worker.start("o-1");
  await worker.executor.start({ ...at, version: 2 }, [startOf("o-2")]);
  await settle(40);
  expect([rowOf(store, idOf("o-1")).version, rowOf(store, idOf("o-2")).version]).toEqual([1, 2]);
  // The source of version 2 brings the events of both.
  await worker.executor.arrive({ node: "paid", version: 2 }, [payment("o-1"), payment("o-2")]);
  await settle(60);
  expect(calls.slice(2).sort()).toEqual(["/book", "/carry"]);
  expect(worker.left).toMatchObject([{ node: "end", version: 1 }]);
  expect(rowOf(store, idOf("o-2"))).toMatchObject({ status: "completed", dueAt: null });
});

it("a saga whose version cannot be opened here rests, and goes on where it can", async () => {
  const { store, worker } = open({ 1: first });
  await worker.start("o-1");
  await settle(40);
  const other = open({ 2: second }, store);
  expect(await other.worker.executor.arrive({ node: "paid", version: 2 }, [payment("o-1")])).toMatchObject([
    { verdict: "retry", of: "dependency", cause: { code: "saga-version-closed" } },
  ]);
  expect(await other.worker.executor.act(idOf("o-1"), { is: "cancel", by: "Ada", reason: "x" })).toMatchObject({
    done: false,
    words: expect.stringContaining("There is no version 1."),
  });
  await worker.executor.arrive({ node: "paid", version: 1 }, [payment("o-1")]);
  await pass(sagaLeaseMs, worker, other.worker);
  expect(rowOf(store, idOf("o-1")).status).toBe("completed");
});
