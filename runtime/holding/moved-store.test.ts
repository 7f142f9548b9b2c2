import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HeldStore } from "../../flow/holding";
import type { Message } from "../../flow/message";
import { MemoryHeldStore } from "../../flow/testing/held-store";
import {
  end,
  idOf,
  json,
  makeFlow,
  rowOf,
  scope,
  settle,
  at as startAt,
  startOf,
  step,
  TestWorker,
} from "../saga/testing/worker";
import { collect, makeMessages, silent } from "../testing";
import type { Holder } from "./holder";
import { MovedStore } from "./moved-store";
import { openHolding } from "./testing";

beforeEach(() => {
  const toFake = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"] as const;
  vi.useFakeTimers({ toFake: [...toFake], now: 1_700_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Time passes, also for what is done without a timer. */
async function pass(ms: number, ...workers: readonly TestWorker[]): Promise<void> {
  for (let left = ms; left > 0; left -= 100) {
    await vi.advanceTimersByTimeAsync(Math.min(100, left));
    await settle(4);
    await Promise.all(workers.map((worker) => worker.turn()));
    await settle(4);
  }
}

/** A store that holds here, and moved here from `old`. */
function move(old: HeldStore, here: HeldStore = new MemoryHeldStore(), exists = () => true): MovedStore {
  const moved = new MovedStore(here, { log: silent });
  moved.leave([{ store: old, exists }]);
  return moved;
}

describe("messages of a delay and a wait", () => {
  async function start(store: HeldStore, awaits: boolean) {
    const left: unknown[] = [];
    const late: unknown[] = [];
    const hold = (holder: () => Holder) => (messages: readonly Message[]) =>
      holder()
        .holdingOf({ node: "delay", version: 1 })
        .hold(
          messages.map((message) => ({
            message,
            part: "",
            port: awaits ? "timeout" : "out",
            dueAt: Date.now() + 10_000,
            ...(awaits ? { awaits: String(message.body) } : {}),
          })),
        );
    const release = (holder: () => Holder) => (messages: readonly Message[]) =>
      holder()
        .holdingOf({ node: "delay", version: 1 })
        .release(messages.map((message) => ({ message, part: "", value: String(message.body), keepMs: 60_000 })));
    const holding = await openHolding(
      (holder) => ({
        in: { targets: { out: ["delay"] } },
        delay: { sink: hold(holder), exits: { out: ["sink"], timeout: ["late"] } },
        sink: { sink: collect(left) },
        late: { sink: collect(late) },
      }),
      { store },
    );
    holding.holder.start();
    const stop = async () => {
      const stopping = holding.holder.stop(100);
      await vi.advanceTimersByTimeAsync(1_000);
      await stopping;
    };
    const event = (messages: readonly Message[]) => release(() => holding.holder)(messages);
    return { ...holding, left, late, stop, event };
  }

  it("leave from where they are, at their time, until nothing is left there; what is new is held here", async () => {
    const old = new MemoryHeldStore();
    const before = await start(old, false);
    await before.send(...makeMessages(3));
    await before.stop();
    const here = new MemoryHeldStore();
    const after = await start(move(old, here), false);
    await pass(4_000);
    await after.send(
      ...makeMessages(2).map((message) =>
        message.with({ meta: { ...message.meta, position: `new ${message.meta.position}` } }),
      ),
    );
    expect([old.rows.size, here.rows.size, after.left.length]).toEqual([3, 2, 0]);
    expect(after.holder.standing.get("delay")?.count).toBe(3);
    await pass(7_000);
    expect([old.rows.size, here.rows.size, after.left.length]).toEqual([0, 2, 3]);
    await pass(6_000);
    expect([old.rows.size, here.rows.size, after.left.length]).toEqual([0, 0, 5]);
    await after.stop();
  });

  it("go when what they wait for comes, or their time is over, wherever they are", async () => {
    const old = new MemoryHeldStore();
    const before = await start(old, true);
    await before.send(...makeMessages(2));
    await before.stop();
    const after = await start(move(old), true);
    await pass(1_000);
    await after.event(makeMessages(1));
    await pass(1_000);
    expect([after.left, after.late]).toEqual([[0], []]);
    await pass(10_000);
    expect([after.left, after.late]).toEqual([[0], [1]]);
    expect(old.rows.size).toBe(0);
    await after.stop();
  });
});

describe("sagas", () => {
  const flow = makeFlow([
    step("reserve"),
    { id: "paid", kind: "saga-wait", config: { awaits: "key" } },
    step("book"),
    end,
  ]);
  const service = async () => json(200, {});
  const event = (value: string) => ({ message: startOf(value).message, part: "0", value, keepMs: 60_000 });
  const paid = { node: "paid", version: 1 };

  async function startInOld(old: MemoryHeldStore): Promise<void> {
    const before = new TestWorker({ flow, store: old, service });
    await before.start("o-1");
    await settle(60);
    expect(rowOf(old, idOf("o-1")).status).toBe("waiting");
    before.isGone = true;
  }

  it("go on from there with their events, and a second start with the same key is the same saga", async () => {
    const old = new MemoryHeldStore();
    await startInOld(old);
    const here = new MemoryHeldStore();
    const worker = new TestWorker({ flow, store: move(old, here), service });
    expect(await worker.executor.start(startAt, [startOf("o-1"), startOf("o-2")])).toMatchObject([
      { verdict: "done", note: { known: true } },
      { verdict: "done" },
    ]);
    await pass(1_000, worker);
    expect([...here.rows.values()].map(({ key }) => key)).toEqual(["o-2"]);
    await worker.executor.arrive(paid, [event("o-1"), event("o-2")]);
    await pass(1_000, worker);
    expect(rowOf(old, idOf("o-1")).status).toBe("completed");
    expect(rowOf(here, idOf("o-2")).status).toBe("completed");
  });

  it("are acted on where they are, and find what came for them before the move", async () => {
    const old = new MemoryHeldStore();
    await startInOld(old);
    const early = new TestWorker({ flow, store: old, service });
    await early.executor.arrive(paid, [event("o-3")]);
    expect(old.arrivals.size).toBe(1);
    const worker = new TestWorker({ flow, store: move(old), service });
    const skipped = await worker.executor.act(idOf("o-1"), { is: "skip", node: "paid", by: "Ada", reason: "cash" });
    expect(skipped).toMatchObject({ done: true });
    await worker.start("o-3");
    await pass(2_000, worker);
    expect(rowOf(old, idOf("o-1")).status).toBe("completed");
    expect((await worker.store.read([idOf("o-3")]))[0]).toMatchObject({ status: "completed" });
    expect(old.arrivals.size).toBe(0);
  });

  it("wait while that place is away, as they may be there; without its connection it is no place any more", async () => {
    const old = new MemoryHeldStore();
    old.away = true;
    let exists = true;
    const here = new MemoryHeldStore();
    const worker = new TestWorker({ flow, store: move(old, here, () => exists), service });
    expect(await worker.start("o-1")).toMatchObject([{ verdict: "retry", of: "dependency" }]);
    exists = false;
    expect(await worker.start("o-1")).toMatchObject([{ verdict: "done" }]);
    await pass(1_000, worker);
    expect(rowOf(here, idOf("o-1")).status).toBe("waiting");
  });

  it("are not looked for any more where nothing was left, until it is looked again", async () => {
    const old = new MemoryHeldStore();
    const worker = new TestWorker({ flow, store: move(old), service });
    await pass(1_000, worker);
    await worker.store.takeDue(scope, { kind: "message", now: Date.now(), limit: 1, leaseMs: 1 });
    old.away = true;
    expect(await worker.start("o-1")).toMatchObject([{ verdict: "done" }]);
    old.away = false;
    // A worker that still runs the version before has begun one there.
    await startInOld(old);
    await worker.executor.arrive(paid, [event("o-9")]);
    await pass(31_000, worker);
    expect(await worker.executor.act(idOf("o-1"), { is: "cancel", by: "Ada", reason: "so" })).toMatchObject({
      done: true,
    });
  });
});
