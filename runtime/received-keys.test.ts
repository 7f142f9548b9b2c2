import { beforeEach, expect, it } from "vitest";
import { behaviourOf } from "../flow/behaviours";
import type { ConnectionPorts, QueueJob } from "../flow/connection-ports";
import type { Message } from "../flow/message";
import { planOf } from "../flow/plan";
import { drawFlow } from "../flow/testing/drawing";
import { MemoryReceivedKeys } from "../flow/testing/received-keys";
import { done, rejected, type Verdict } from "../flow/verdict";
import { Pipeline } from "./pipeline";
import { eventually, makeContext, makeMessage, openDelivery } from "./testing";

/** An idempotent receiver in the engine: what is confirmed when, and what comes again. */
let store: MemoryReceivedKeys;
let written: unknown[];
let refused: unknown[];
/** What the queue behind the receiver answers. */
let answer: (body: unknown) => Promise<Verdict>;
beforeEach(() => {
  store = new MemoryReceivedKeys();
  written = [];
  refused = [];
  answer = async () => done;
});

const flow = drawFlow(
  [
    ["in", "webhook-source", { path: "in" }],
    ["once", "idempotent-receiver", { key: "body" }],
    ["jobs", "queue-sink", { queue: "out" }],
    ["seen", "queue-sink", { queue: "seen" }],
  ],
  "in>once",
  "once.out>jobs",
  "once.duplicate>seen",
);

const queue: ConnectionPorts["queue"] = {
  consume: () => Promise.reject(new Error("not asked here")),
  request: () => Promise.reject(new Error("not asked here")),
  readResult: () => Promise.reject(new Error("not asked here")),
  awaitResult: () => Promise.reject(new Error("not asked here")),
  add: (name, jobs: readonly QueueJob[]) =>
    Promise.all(
      jobs.map(async ({ message }) => {
        if (name === "seen") refused.push(message.body);
        const verdict = name === "seen" ? done : await answer(message.body);
        if (name !== "seen" && verdict.verdict === "done") written.push(message.body);
        return verdict;
      }),
    ),
};

async function openWorker(id: string) {
  const version = { flowId: "flow-1", flow: "test", environment: "default", version: 1, trace: undefined };
  const pipeline = await Pipeline.open(
    { ...version, delivery: "at-least-once", plan: planOf(flow) },
    (kind) => behaviourOf(kind)!,
    (_, { node }) => ({ ...makeContext(node), connection: () => queue as never, receivedKeys: store.worker(id) }),
  );
  const { delivery, letters } = openDelivery();
  const begin = (...messages: Message[]) => {
    const flight = pipeline.begin("in", messages);
    return { flight, safe: delivery.deliver(flight) };
  };
  return { pipeline, delivery, letters, begin, deliver: (...messages: Message[]) => begin(...messages).safe };
}

it("writes each key once: what was confirmed comes again to no effect, copies are duplicates", async () => {
  const [one, two] = [await openWorker("one"), await openWorker("two")];
  expect(await one.deliver(makeMessage("a", "1"), makeMessage("a", "2"), makeMessage("b", "3"))).toBe(true);
  expect(await two.deliver(makeMessage("a", "1"), makeMessage("b", "3"), makeMessage("b", "4"))).toBe(true);
  expect(written).toEqual(["a", "b"]);
  expect(refused).toEqual(["a", "b"]);
});

it("confirms before it is settled, and holds the lane while that cannot be written down", async () => {
  const one = await openWorker("one");
  answer = async () => {
    store.away = true;
    return done;
  };
  const { safe } = one.begin(makeMessage("a", "1"));
  let isSafe = false;
  void safe.then(() => {
    isSafe = true;
  });
  await eventually(() => one.pipeline.counters.get("once")?.read(Date.now()).state === "degraded");
  expect(isSafe).toBe(false);
  store.away = false;
  expect(await safe).toBe(true);
  answer = async () => done;
  expect(await (await openWorker("two")).deliver(makeMessage("a", "2"))).toBe(true);
  expect([written, refused]).toEqual([["a"], ["a"]]);
});

it("gives a key back when its message is cut off, so that a copy of it goes first", async () => {
  const [one, two] = [await openWorker("one"), await openWorker("two")];
  let cutOff: (verdict: Verdict) => void = () => {};
  answer = () =>
    new Promise((resolve) => {
      cutOff = resolve;
    });
  const { flight, safe } = one.begin(makeMessage("a", "1"));
  await eventually(() => store.rows.size === 1);
  flight.cut();
  cutOff(rejected("broker-refused", "no"));
  expect(await safe).toBe(false);
  answer = async () => done;
  expect(await two.deliver(makeMessage("a", "2"))).toBe(true);
  expect(await one.deliver(makeMessage("a", "1"))).toBe(true);
  expect([written, refused]).toEqual([["a"], ["a"]]);
});

it("lets a dead letter keep its key: a copy is a duplicate, the letter goes through again", async () => {
  const one = await openWorker("one");
  answer = async () => rejected("broker-refused", "no");
  expect(await one.deliver(makeMessage("a", "1"))).toBe(true);
  expect(one.letters).toMatchObject([{ node: "jobs", position: "1" }]);
  answer = async () => done;
  await one.deliver(makeMessage("a", "2"));
  expect([written, refused]).toEqual([[], ["a"]]);
  const place = { source: "in", lane: "lane", position: "1", part: "0" };
  const message = makeMessage("a", "letter-1", "redrive");
  const resent = message.with({ meta: { ...message.meta, origin: { ...place, resent: true } } });
  await one.delivery.deliver(
    one.pipeline.beginAgain("in", resent, { as: "letter", id: "letter-1", place, attempts: 1 }),
  );
  expect(written).toEqual(["a"]);
});

it("does not lock up when two lanes bring the same events in another order", async () => {
  const [one, two] = [await openWorker("one"), await openWorker("two")];
  answer = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return done;
  };
  const names = ["a", "b", "c", "d"];
  const lane = (worker: typeof one, name: string, order: readonly string[]) =>
    worker.deliver(...order.map((body, index) => makeMessage(body, String(index), name)));
  const safe = await Promise.all([
    lane(one, "left", names),
    lane(two, "right", [...names].reverse()),
    lane(one, "other", ["c", "a", "d", "b"]),
  ]);
  expect(safe).toEqual([true, true, true]);
  expect([...written].sort()).toEqual(names);
  expect(refused.length).toBe(8);
});
