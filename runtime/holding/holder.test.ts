import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { HoldRequest } from "../../flow/holding";
import type { Message } from "../../flow/message";
import { MemoryHeldStore } from "../../flow/testing/held-store";
import { done, rejected, retryDependency, retryMessage, type Verdict } from "../../flow/verdict";
import { drawRun } from "../run-record";
import { collect, makeMessage, makeMessages, pass, type TestNode } from "../testing";
import type { Holder } from "./holder";
import { openHolding, type TestHolding } from "./testing";

const open: TestHolding[] = [];
beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
});
afterEach(async () => {
  const stopping = Promise.all(open.splice(0).map(({ holder }) => holder.stop(100)));
  await vi.advanceTimersByTimeAsync(1_000);
  await stopping;
  vi.useRealTimers();
});

type Hold = (message: Message) => Partial<HoldRequest>;

/** A sink that holds. */
function hold(holder: () => Holder, how: Hold, node = "delay"): NonNullable<TestNode["sink"]> {
  return (messages) =>
    holder()
      .holdingOf({ node, version: 1 })
      .hold(
        messages.map((message) => ({
          message,
          part: "",
          port: "out",
          dueAt: Date.now() + 2_000,
          ...how(message),
        })),
      );
}

function release(holder: () => Holder, keepMs = 60_000): NonNullable<TestNode["sink"]> {
  return (messages) =>
    holder()
      .holdingOf({ node: "delay", version: 1 })
      .release(messages.map((message) => ({ message, part: "", value: message.header("for") ?? "x", keepMs })));
}

async function start(
  how: Hold = () => ({}),
  sink?: (messages: readonly Message[]) => Promise<Verdict[]>,
  options: Parameters<typeof openHolding>[1] = {},
) {
  const left: unknown[] = [];
  const late: unknown[] = [];
  const holding = await openHolding(
    (holder) => ({
      in: { targets: { out: ["delay"] } },
      delay: { sink: hold(holder, how), exits: { out: ["sink"], timeout: ["late"] } },
      event: { sink: release(holder) },
      sink: { sink: sink ?? collect(left) },
      late: { sink: collect(late) },
    }),
    options,
  );
  holding.holder.start();
  open.push(holding);
  return { ...holding, letters: holding.letters, left, late };
}

describe("a delay", () => {
  test("holds messages until their time, and forgets them when they are safe behind it", async () => {
    const { send, store, left } = await start();
    expect(await send(...makeMessages(3))).toBe(true);
    await vi.advanceTimersByTimeAsync(1_900);
    expect(left).toEqual([]);
    expect(store.rows.size).toBe(3);
    await vi.advanceTimersByTimeAsync(200);
    expect(left.toSorted()).toEqual([0, 1, 2]);
    expect(store.rows.size).toBe(0);
  });

  test("holds a message once that comes twice", async () => {
    const { send, left } = await start();
    await send(makeMessage("a"));
    await send(makeMessage("a"));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(left).toEqual(["a"]);
  });

  test("finds what is due far away, and what another worker has written", async () => {
    const { send, left, store } = await start(() => ({ dueAt: Date.now() + 3_600_000 }));
    await send(makeMessage("far"));
    await vi.advanceTimersByTimeAsync(3_599_000);
    expect(left).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_600);
    expect(left).toEqual(["far"]);
    const other = await start(() => ({ dueAt: Date.now() + 10_000 }), undefined, { store });
    await other.send(makeMessage("near"));
    await other.holder.stop(100);
    await vi.advanceTimersByTimeAsync(10_600);
    expect([...left, ...other.left]).toEqual(["far", "near"]);
  });

  test("two workers let each message leave once", async () => {
    const store = new MemoryHeldStore();
    const one = await start(undefined, undefined, { store });
    const other = await start(undefined, undefined, { store });
    await one.send(...makeMessages(500));
    await vi.advanceTimersByTimeAsync(4_000);
    expect([...one.left, ...other.left].sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 500 }, (_, index) => index),
    );
    expect(store.rows.size).toBe(0);
  });

  test("more than a worker takes at once leave one portion after the other", async () => {
    const { send, left } = await start();
    await send(...makeMessages(2_000));
    await vi.advanceTimersByTimeAsync(2_500);
    expect(left.length).toBe(2_000);
  });

  test("what was taken by a worker that was killed leaves by another when its lease is over", async () => {
    const store = new MemoryHeldStore();
    const shared = { rows: store.rows, arrivals: store.arrivals };
    const own = Object.assign(new MemoryHeldStore(), shared);
    const killed = await start(undefined, () => new Promise(() => {}), { store: own });
    await killed.send(makeMessage("a"));
    await vi.advanceTimersByTimeAsync(2_500);
    own.away = true;
    open.splice(open.indexOf(killed), 1);
    const other = await start(undefined, undefined, { store });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(other.left).toEqual([]);
    await vi.advanceTimersByTimeAsync(7_000);
    expect(other.left).toEqual(["a"]);
    expect(store.rows.size).toBe(0);
  });

  test("a lease goes on as long as the message is on its way", async () => {
    const store = new MemoryHeldStore();
    let finish: (verdicts: Verdict[]) => void = () => {};
    const slow = await start(undefined, () => new Promise((resolve) => (finish = resolve)), { store });
    await slow.send(makeMessage("a"));
    const other = await start(undefined, undefined, { store });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(other.left).toEqual([]);
    finish([done]);
    await vi.advanceTimersByTimeAsync(100);
    expect(store.rows.size).toBe(0);
  });

  test("a stop gives back what has not left, so that another worker goes on at once", async () => {
    const store = new MemoryHeldStore();
    const one = await start(undefined, async () => [retryDependency("away", "Away.")], { store });
    await one.send(makeMessage("a"));
    await vi.advanceTimersByTimeAsync(2_500);
    const stopping = one.holder.stop(5_000);
    await vi.advanceTimersByTimeAsync(100);
    await stopping;
    expect([...store.rows.values()][0]!.dueAt).toBeLessThanOrEqual(Date.now());
    const other = await start(undefined, undefined, { store });
    await vi.advanceTimersByTimeAsync(100);
    expect(other.left).toEqual(["a"]);
  });

  test("while the store is away messages wait before it, and nothing is lost", async () => {
    const { send, left, store } = await start();
    store.away = true;
    const sent = send(makeMessage("a"));
    await vi.advanceTimersByTimeAsync(10_000);
    store.away = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await sent).toBe(true);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(left).toEqual(["a"]);
  });

  test("what cannot be written when it has left is written later, and does not leave again", async () => {
    let away = () => {};
    const { send, store, left } = await start(undefined, async (messages) => {
      for (const message of messages) left.push(message.body);
      away();
      return messages.map(() => done);
    });
    away = () => {
      store.away = true;
    };
    await send(makeMessage("a"));
    await vi.advanceTimersByTimeAsync(8_000);
    expect(store.rows.size).toBe(1);
    store.away = false;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(left).toEqual(["a"]);
    expect(store.rows.size).toBe(0);
  });

  test("tells how many stand where", async () => {
    const { send, holder } = await start(() => ({ dueAt: Date.now() + 4_000 }));
    await send(...makeMessages(3));
    await vi.advanceTimersByTimeAsync(1_000);
    await send(...makeMessages(2, 10));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(holder.standing.get("delay")?.count).toBe(5);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(holder.standing.get("delay")).toBeUndefined();
  });

  test("one that nobody can read is kept", async () => {
    const { send, store, left } = await start();
    await send(makeMessage("a"));
    const [row] = store.rows.values();
    store.rows.set(row!.id, { ...row!, content: new Uint8Array([0, 0, 0, 1, 123]) });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(left).toEqual([]);
    expect(store.rows.size).toBe(1);
  });
});

describe("behind it", () => {
  test("its run begins with the node that held it, which counts it by its port", async () => {
    const { send, flights, lend } = await start();
    await send(makeMessage("a", "17"));
    await vi.advanceTimersByTimeAsync(3_000);
    const run = drawRun(flights.at(-1)!, 0);
    expect(run).toMatchObject({ source: "in", position: "17", state: "done" });
    expect(run.detail.steps).toMatchObject([
      { node: "delay", in: null, out: [{ port: "out" }] },
      { node: "sink", state: "done" },
    ]);
    const version = await lend(1);
    expect(version.countersOf("delay")!.read(0)).toMatchObject({ in: 1, ports: { out: 1 } });
  });

  test("a port that leads nowhere drops it", async () => {
    const { send, store, letters } = await start(() => ({ port: "unwired" }));
    await send(makeMessage("a"));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(letters).toEqual([]);
    expect(store.rows.size).toBe(0);
  });

  test("a message that waits long for a later try waits in this worker, with its lease", async () => {
    let tries = 0;
    const { send, store } = await start(undefined, async (messages) => {
      tries++;
      const wait = { ...retryMessage("slow", "Later."), retryAfterMs: 20_000 };
      return messages.map(() => (tries > 1 ? done : wait));
    });
    await send(makeMessage("a"));
    await vi.advanceTimersByTimeAsync(20_000);
    expect([tries, store.rows.size]).toEqual([1, 1]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect([tries, store.rows.size]).toEqual([2, 0]);
  });

  test("a dead letter is known by the place at the source and the way past the delay", async () => {
    const { send, letters, store } = await start(undefined, async (messages) =>
      messages.map(() => rejected("body-invalid", "Wrong.")),
    );
    await send(makeMessage("a", "17", "orders/0"));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(letters).toMatchObject([
      { node: "sink", source: "in", lane: "orders/0", position: "17", part: "0@delay.out", attempts: 1 },
    ]);
    expect(store.rows.size).toBe(0);
  });

  test("it can still be sent again as it came from its source", async () => {
    const left: unknown[] = [];
    const holding = await openHolding((holder) => ({
      in: { targets: { out: ["map"] } },
      map: {
        step: (message) => ({ emit: [{ port: "out", message: message.withBody({ changed: message.body }) }] }),
        targets: { out: ["delay"] },
      },
      delay: {
        sink: (messages) =>
          hold(holder, () => ({ original: { key: null, value: new TextEncoder().encode('"a"'), headers: [] } }))(
            messages,
            new AbortController().signal,
          ),
        exits: { out: ["more"] },
      },
      more: { step: pass(), targets: { out: ["sink"] } },
      sink: { sink: async (messages) => messages.map(() => rejected("body-invalid", "Wrong.")) },
    }));
    open.push(holding);
    holding.holder.start();
    await holding.send(makeMessage("a"));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(left).toEqual([]);
    const [letter] = holding.letters;
    expect(new TextDecoder().decode(letter!.value!)).toBe('{"changed":"a"}');
    expect(new TextDecoder().decode(letter!.original!.value!)).toBe('"a"');
  });

  test("a dead letter that a person sends again to the delay is held as the message that it was, and known as sent again behind it", async () => {
    const seen: Message[] = [];
    const { send, store } = await start(undefined, async (messages) => {
      seen.push(...messages);
      return messages.map(() => done);
    });
    const message = makeMessage("a", "letter-1", "redrive");
    const origin = { lane: "orders/0", position: "17", part: "0.1", resent: true };
    await send(message.with({ meta: { ...message.meta, origin } }));
    expect([...store.rows.values()].map(({ key }) => key)).toEqual(["in/orders%2F0/17/0.1"]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(seen.map(({ meta }) => meta)).toMatchObject([
      { source: "in", lane: "orders/0", position: "17", origin: { part: "0.1@delay.out", resent: true } },
    ]);
  });

  test("what stands behind two delays is known by both", async () => {
    const holding = await openHolding((holder) => ({
      in: { targets: { out: ["one"] } },
      one: { sink: hold(holder, () => ({}), "one"), exits: { out: ["two"] } },
      two: { sink: hold(holder, () => ({}), "two"), exits: { out: ["sink"] } },
      sink: { sink: async (messages) => messages.map(() => rejected("body-invalid", "Wrong.")) },
    }));
    open.push(holding);
    holding.holder.start();
    await holding.send(makeMessage("a"));
    await vi.advanceTimersByTimeAsync(6_000);
    expect(holding.letters).toMatchObject([{ part: "0@one.out@two.out" }]);
  });
});

describe("a wait", () => {
  const awaiting: Hold = (message) => ({
    port: "timeout",
    dueAt: Date.now() + 5_000,
    awaits: String(message.body),
  });
  const event = (value: string, body: unknown = "event") =>
    makeMessage(body, value).with({ headers: [["for", new TextEncoder().encode(value)]] });
  const put = async ({ holder }: TestHolding, message: Message) =>
    release(() => holder)([message], new AbortController().signal);

  test("lets a message go when what it waits for comes", async () => {
    const holding = await start(awaiting);
    await holding.send(makeMessage("o-1"), makeMessage("o-2", "1"));
    expect(await put(holding, event("o-1"))).toEqual([done]);
    await vi.advanceTimersByTimeAsync(50);
    expect(holding.left).toEqual(["o-1"]);
    await vi.advanceTimersByTimeAsync(5_500);
    expect(holding.left).toEqual(["o-1"]);
    expect(holding.late).toEqual(["o-2"]);
    expect(holding.store.rows.size).toBe(0);
    expect(holding.store.arrivals.size).toBe(0);
  });

  test("what came too early is kept, and lets one go that begins to wait", async () => {
    const holding = await start(awaiting);
    expect(await put(holding, event("o-1"))).toMatchObject([{ verdict: "done", note: { kept: true } }]);
    // The same once more, delivered again.
    await put(holding, event("o-1"));
    expect(holding.store.arrivals.size).toBe(1);
    await holding.send(makeMessage("o-1"), makeMessage("o-1", "1"));
    await vi.advanceTimersByTimeAsync(50);
    expect(holding.left).toEqual(["o-1"]);
    expect(holding.store.arrivals.size).toBe(0);
  });

  test("all go who wait for it", async () => {
    const holding = await start(awaiting);
    await holding.send(makeMessage("o-1"), makeMessage("o-1", "1"));
    await put(holding, event("o-1"));
    await vi.advanceTimersByTimeAsync(50);
    expect(holding.left).toEqual(["o-1", "o-1"]);
  });

  test("its body is put into theirs, and they can be sent again without it", async () => {
    const bodies: unknown[] = [];
    const holding = await start(
      (message) => ({ ...awaiting(message), awaits: "x", into: ["answer"] }),
      async (messages) => {
        for (const message of messages) bodies.push(message.body);
        return messages.map(() => rejected("body-invalid", "Wrong."));
      },
    );
    await holding.send(makeMessage({ id: 1 }));
    await put(holding, event("x", { paid: 12345678901234567890n }));
    await vi.advanceTimersByTimeAsync(50);
    expect(bodies).toEqual([{ id: 1, answer: { paid: 12345678901234567890n } }]);
    expect(new TextDecoder().decode(holding.letters[0]!.original!.value!)).toBe('{"id":1}');
  });

  test("a body that could never take it is refused when it comes", async () => {
    const holding = await start((message) => ({ ...awaiting(message), into: ["answer"] }));
    await holding.send(makeMessage("a text"));
    expect(holding.letters).toMatchObject([{ node: "delay", cause: { code: "body-invalid" } }]);
    expect(holding.store.rows.size).toBe(0);
  });

  test("an event at the same moment as the time is over lets a message leave once", async () => {
    const store = new MemoryHeldStore();
    const slow = await start(awaiting, undefined, { store });
    await slow.send(makeMessage("o-1"));
    const write = store.write.bind(store);
    let isFirst = true;
    vi.spyOn(store, "write").mockImplementation(async (changes) => {
      const isTimeout = isFirst && changes.some((change) => "write" in change && change.write.revision === 2);
      if (isTimeout) {
        isFirst = false;
        await put(slow, event("o-1"));
      }
      return write(changes);
    });
    await vi.advanceTimersByTimeAsync(6_000);
    expect([...slow.left, ...slow.late]).toEqual(["o-1"]);
    expect(store.rows.size).toBe(0);
  });

  test("an event that comes while one begins to wait lets it go", async () => {
    const store = new MemoryHeldStore();
    const holding = await start(awaiting, undefined, { store });
    const find = store.findArrivals.bind(store);
    vi.spyOn(store, "findArrivals").mockImplementation(async (scope, addresses) => {
      const found = await find(scope, addresses);
      await put(holding, event("o-1"));
      return found;
    });
    await holding.send(makeMessage("o-1"));
    await vi.advanceTimersByTimeAsync(50);
    expect(holding.left).toEqual(["o-1"]);
  });

  test("that is held again after the store went away meets what came before", async () => {
    const holding = await start(awaiting);
    const { store } = holding;
    await put(holding, event("o-1"));
    vi.spyOn(store, "findArrivals").mockRejectedValueOnce(new Error("away"));
    const sent = holding.send(makeMessage("o-1"));
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await sent).toBe(true);
    expect(holding.left).toEqual(["o-1"]);
  });

  test("bytes that are no event are refused", async () => {
    const holding = await start(awaiting);
    const broken = makeMessage("x").with({});
    vi.spyOn(broken, "body", "get").mockImplementation(() => {
      throw new Error("no body");
    });
    expect(await put(holding, broken)).toMatchObject([{ verdict: "retry", of: "message" }]);
  });
});
