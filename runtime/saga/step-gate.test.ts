import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  end,
  fakeTimers,
  idOf,
  json,
  makeFlow,
  pass,
  rowOf,
  settle,
  stateOf,
  step,
  TestWorker,
} from "./testing/worker";

beforeEach(fakeTimers);
afterEach(() => {
  vi.useRealTimers();
});

const read = (worker: TestWorker) => worker.countersOf("charge")!.read(Date.now());

it("holds while the service says that it is away, which is told on the step, and goes on when it is back", async () => {
  let away = true;
  const began: number[] = [];
  const worker = new TestWorker({
    flow: makeFlow([step("charge", { action: { attempts: 1 } }), end]),
    service: async () => {
      began.push(Date.now());
      return away ? json(503, {}, { "retry-after": "7" }) : json(200, {});
    },
  });
  await worker.start("o-1");
  await pass(30_000, worker);
  expect(stateOf(worker.store, idOf("o-1")).visits[0]).toMatchObject({ state: "retrying", attempt: 1 });
  expect(rowOf(worker.store, idOf("o-1"))).toMatchObject({ status: "running", error: { node: "charge" } });
  expect(began.length).toBeGreaterThan(3);
  expect(began.length).toBeLessThan(7);
  expect(read(worker)).toMatchObject({
    state: "degraded",
    cause: { code: "http-status", message: "The service answered 503. Sagas hold; no attempt is spent." },
  });
  away = false;
  await pass(8_000, worker);
  expect(rowOf(worker.store, idOf("o-1"))).toMatchObject({ status: "completed", error: null });
  expect(read(worker).state).toBe("running");
});

it("counts attempts when the service is away for longer than the step says", async () => {
  const worker = new TestWorker({
    flow: makeFlow([step("charge", { action: { attempts: 2, holdFor: "20s" } }), end]),
    service: async () => json(429, {}),
  });
  await worker.start("o-1");
  await pass(15_000, worker);
  expect(stateOf(worker.store, idOf("o-1")).visits[0]).toMatchObject({ state: "retrying", attempt: 1 });
  await pass(8_000, worker);
  expect(rowOf(worker.store, idOf("o-1"))).toMatchObject({ status: "compensated", error: { node: "charge" } });
  expect(read(worker).state).toBe("running");
});

it("opens the circuit after failures of several sagas in a row: one call at a time asks whether the service is back", async () => {
  let broken = true;
  let calls = 0;
  const worker = new TestWorker({
    flow: makeFlow([step("charge", { action: { attempts: 2, breakAfter: 3, breakMs: 5_000 } }), end]),
    service: async () => {
      calls++;
      return json(broken ? 500 : 200, {});
    },
  });
  for (let n = 0; n < 20; n++) {
    await worker.start(`o-${n}`);
    await settle(30);
  }
  // The third opens it; the first two have one more attempt, which the circuit holds back by then.
  expect(calls).toBe(3);
  expect(read(worker).circuit).toBe("open");
  await pass(20_000, worker);
  expect(calls).toBeLessThan(8);
  expect(read(worker)).toMatchObject({ state: "degraded", cause: { code: "circuit-open" } });
  broken = false;
  await pass(10_000, worker);
  for (let n = 0; n < 20; n++) expect(rowOf(worker.store, idOf(`o-${n}`)).status).toBe("completed");
  expect(read(worker).circuit).toBeUndefined();
  expect(read(worker).state).toBe("running");
});

it("one saga that fails again and again opens none", async () => {
  const worker = new TestWorker({
    flow: makeFlow([step("charge", { action: { attempts: 8, breakAfter: 3 } }), end]),
    service: async ({ url }) => json(url === "/charge" ? 500 : 200, {}),
  });
  await worker.start("o-1");
  await pass(15_000, worker);
  expect(rowOf(worker.store, idOf("o-1")).status).toBe("compensated");
  expect(stateOf(worker.store, idOf("o-1")).visits[0]).toMatchObject({ attempt: 8 });
  expect(read(worker).circuit).toBeUndefined();
});

it("calls no more often in a second than the step says, over all sagas", async () => {
  const began: number[] = [];
  const worker = new TestWorker({
    flow: makeFlow([step("charge", { action: { perSecond: 4 } }), end]),
    service: async () => {
      began.push(Date.now());
      return json(200, {});
    },
  });
  for (let n = 0; n < 12; n++) await worker.start(`o-${n}`);
  await pass(4_000, worker);
  expect(began).toHaveLength(12);
  for (let n = 1; n < began.length; n++) expect(began[n]! - began[n - 1]!).toBeGreaterThanOrEqual(200);
});
