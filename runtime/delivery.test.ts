import { describe, expect, test } from "vitest";
import { CodecError } from "../flow/codec";
import { jsonCodec } from "../flow/codecs/json";
import { headerText, Message } from "../flow/message";
import { done, rejected, retryDependency, retryMessage, type Verdict } from "../flow/verdict";
import { decide } from "./delivery";
import { readOutcome } from "./lane";
import type { Pipeline } from "./pipeline";
import { drawRun } from "./run-record";
import { collect, eventually, fastRetry, makeMessage, makeMessages, openDelivery, openPipeline, pass } from "./testing";

const deliver = async (pipeline: Pipeline, messages: Message[], opened = openDelivery()) => {
  const flight = pipeline.begin("in", messages);
  const safe = await opened.delivery.deliver(flight);
  return { flight, safe, ...opened };
};

describe("the way through a flow", () => {
  test("keeps the order through branches that meet again", async () => {
    const out: unknown[] = [];
    const pipeline = await openPipeline({
      in: { targets: { out: ["route"] } },
      route: {
        step: (message) => ({ emit: [{ port: Number(message.body) % 2 ? "odd" : "even", message }] }),
        targets: { odd: ["slow"], even: ["sink"] },
      },
      slow: {
        mode: "async",
        step: async (message) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          return { emit: [{ port: "out", message }] };
        },
        targets: { out: ["sink"] },
      },
      sink: { sink: collect(out) },
    });
    const { safe } = await deliver(pipeline, makeMessages(100));
    expect(safe).toBe(true);
    expect(out).toEqual(makeMessages(100).map((message) => message.body));
    expect(pipeline.counters.get("route")).toMatchObject({ in: 100, ports: { odd: 50, even: 50 }, inFlight: 0 });
  });

  test("gives a batch to independent sinks side by side", async () => {
    const order: string[] = [];
    const wait = (name: string, ms: number) => async (messages: readonly Message[]) => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      order.push(`${name} ends`);
      return messages.map(() => done);
    };
    const pipeline = await openPipeline({
      in: { targets: { out: ["a", "b"] } },
      a: { sink: wait("a", 20) },
      b: { sink: wait("b", 1) },
    });
    await deliver(pipeline, makeMessages(3));
    expect(order).toEqual(["a begins", "b begins", "b ends", "a ends"]);
  });

  test("an expensive step gives others their turn, keeps the order, and ends early when it is cut", async () => {
    const out: unknown[] = [];
    const pipeline = await openPipeline({
      in: { targets: { out: ["heavy"] } },
      heavy: {
        step: (message) => {
          for (const until = performance.now() + 3; performance.now() < until; );
          return { emit: [{ port: "out", message }] };
        },
        targets: { out: ["sink"] },
      },
      sink: { sink: collect(out) },
    });
    let turns = 0;
    let isOver = false;
    const turn = () => {
      turns++;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    await deliver(pipeline, makeMessages(80));
    isOver = true;
    expect(out).toEqual(makeMessages(80).map((message) => message.body));
    // One slice of 32, and then of about 3.
    expect(turns).toBeGreaterThan(8);

    const { delivery } = openDelivery();
    const flight = pipeline.begin("in", makeMessages(80));
    setImmediate(() => flight.cut());
    expect(await delivery.deliver(flight)).toBe(false);
    expect(out).toHaveLength(80);
  });

  test("tells done from dropped: at a sink, at an end, filtered", async () => {
    const nodes = {
      in: { targets: { out: ["filter"] } },
      filter: {
        step: (message: Message) => ({ emit: [{ port: message.body === 1 ? "pass" : "rest", message }] }),
        targets: { pass: ["end"], rest: [] },
      },
      end: { step: pass(), targets: { out: [] } },
    };
    const { flight } = await deliver(await openPipeline(nodes), [makeMessage(1), makeMessage(2, "1")]);
    expect([...flight.marks].map(readOutcome)).toEqual(["done", "dropped"]);
  });
});

describe("failures", () => {
  test("only the failed messages are tried again, and those behind them wait", async () => {
    const written: unknown[][] = [];
    let refused = false;
    const out: unknown[] = [];
    const pipeline = await openPipeline({
      in: { targets: { out: ["call"] } },
      call: {
        mode: "async",
        step: async (message) => {
          if (message.body === 2 && !refused) {
            refused = true;
            return retryMessage("http-status", "The endpoint answered 500.");
          }
          written.push([message.body]);
          return { emit: [{ port: "out", message }] };
        },
        targets: { out: ["sink"] },
      },
      sink: { sink: collect(out) },
    });
    const { letters } = await deliver(pipeline, makeMessages(5));
    expect(written.flat()).toEqual([0, 1, 3, 4, 2]);
    expect(out).toEqual([0, 1, 2, 3, 4]);
    expect(letters).toEqual([]);
    expect(pipeline.counters.get("call")).toMatchObject({ retried: 1, failed: 0 });
  });

  test("a message is given up after its attempts and becomes a dead letter with its cause and bytes", async () => {
    let tries = 0;
    const out: unknown[] = [];
    const pipeline = await openPipeline({
      in: { targets: { out: ["map"] } },
      map: {
        step: (message) => ({ emit: [{ port: "out", message: message.withBody({ n: message.body }) }] }),
        targets: { out: ["call"] },
      },
      call: {
        mode: "async",
        retry: { attempts: 4 },
        step: async (message) => {
          if ((message.body as { n: number }).n !== 1) return { emit: [{ port: "out", message }] };
          tries++;
          return retryMessage("http-status", `The endpoint answered 500 on try ${tries}.`);
        },
        targets: { out: ["sink"] },
      },
      sink: { sink: collect(out) },
    });
    const { letters, flight } = await deliver(pipeline, makeMessages(3, 0, "orders/2"));
    expect(tries).toBe(4);
    expect(out).toEqual([{ n: 0 }, { n: 2 }]);
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({
      node: "call",
      source: "in",
      lane: "orders/2",
      position: "1",
      part: "0",
      attempts: 4,
      cause: { code: "http-status" },
      codec: "json",
    });
    expect(new TextDecoder().decode(letters[0]!.value!)).toBe('{"n":1}');
    expect(new TextDecoder().decode(letters[0]!.original!.value!)).toBe("1");
    expect(readOutcome(flight.marks[1]!)).toBe("dead");
    const run = drawRun(flight, 1);
    expect(run).toMatchObject({
      state: "dead",
      attempts: 4,
      errorNode: "call",
      errorCode: "http-status",
      id: letters[0]!.runId,
    });
    expect(run.detail.steps.map(({ node, state, attempt }) => [node, state, attempt])).toEqual([
      ["in", "done", 1],
      ["map", "done", 1],
      ["call", "retry", 1],
      ["call", "retry", 2],
      ["call", "retry", 3],
      ["call", "dead", 4],
    ]);
  });

  test("a wired error port takes it, with code, words and node in its headers", async () => {
    const failed: Message[] = [];
    const pipeline = await openPipeline({
      in: { targets: { out: ["check"] } },
      check: { step: () => rejected("body-invalid", "No id."), targets: { error: ["sink"] } },
      sink: {
        sink: async (messages) => {
          failed.push(...messages);
          return messages.map(() => done);
        },
      },
    });
    const { letters, flight } = await deliver(pipeline, [makeMessage({ a: 1 })]);
    expect(letters).toEqual([]);
    expect(failed[0]!.body).toEqual({ a: 1 });
    const read = (name: string) => headerText(failed[0]!.headers, name);
    expect([read("millrace-error-code"), read("millrace-error-message"), read("millrace-error-node")]).toEqual([
      "body-invalid",
      "No id.",
      "check",
    ]);
    expect(drawRun(flight, 0).state).toBe("failed");
  });

  test("a dependency that is away holds the lane, spends no attempt and shows as degraded", async () => {
    let away = true;
    const out: unknown[] = [];
    const pipeline = await openPipeline({
      in: { targets: { out: ["sink"] } },
      sink: {
        retry: { attempts: 1 },
        sink: async (messages, signal) =>
          away
            ? messages.map((): Verdict => retryDependency("broker-unreachable", "Kafka is away."))
            : collect(out)(messages, signal),
      },
    });
    const running = deliver(pipeline, makeMessages(2));
    const counters = pipeline.counters.get("sink")!;
    await eventually(() => counters.retried > 2);
    expect(counters.read(0)).toMatchObject({ state: "degraded", cause: { code: "broker-unreachable" } });
    away = false;
    const { letters, safe } = await running;
    expect(safe).toBe(true);
    expect(letters).toEqual([]);
    expect(out).toEqual([0, 1]);
    expect(counters.read(0).state).toBe("running");
  });

  test("a message that cannot be decoded is set aside and the ones behind it go on", async () => {
    const out: unknown[] = [];
    const pipeline = await openPipeline({
      in: { targets: { out: ["map"] } },
      map: {
        step: (message) => ({ emit: [{ port: "out", message: message.withBody(message.body) }] }),
        targets: { out: ["sink"] },
      },
      sink: { sink: collect(out) },
    });
    const { meta } = makeMessage(0, "1");
    const broken = new Message({
      key: null,
      value: new TextEncoder().encode("{"),
      headers: [],
      codec: jsonCodec,
      meta,
    });
    const { letters } = await deliver(pipeline, [makeMessage(0), broken, makeMessage(2, "2")]);
    expect(out).toEqual([0, 2]);
    expect(letters).toMatchObject([{ position: "1", cause: { code: "codec-decode" } }]);
    expect(new TextDecoder().decode(letters[0]!.value!)).toBe("{");
  });

  test("a node that throws fails its message alone, never the worker, and tells no payload", async () => {
    const out: unknown[] = [];
    const pipeline = await openPipeline({
      in: { targets: { out: ["bad"] } },
      bad: {
        step: (message) => {
          if (message.body === 1) throw new TypeError("secret payload");
          return { emit: [{ port: "out", message }] };
        },
        targets: { out: ["sink"] },
      },
      sink: { sink: collect(out) },
    });
    const { letters } = await deliver(pipeline, makeMessages(3));
    expect(out).toEqual([0, 2]);
    expect(letters).toMatchObject([{ cause: { code: "node-crashed" }, attempts: fastRetry.attempts }]);
    expect(letters[0]!.cause.message).not.toContain("secret");
  });

  test("a node that answers for too few messages fails, and loses none", async () => {
    const pipeline = await openPipeline({
      in: { targets: { out: ["sink"] } },
      sink: { sink: async () => [] },
    });
    const { letters } = await deliver(pipeline, makeMessages(2));
    expect(letters.map((letter) => letter.position)).toEqual(["0", "1"]);
  });

  test("dead letters wait for their store, and nothing is settled before", async () => {
    const pipeline = await openPipeline({
      in: { targets: { out: ["check"] } },
      check: { step: () => rejected("body-invalid", "No id."), targets: {} },
    });
    const opened = openDelivery();
    opened.storeAway = true;
    const running = deliver(pipeline, [makeMessage(0)], opened);
    const counters = pipeline.counters.get("check")!;
    await eventually(() => counters.read(0).cause?.code === "store-unreachable");
    expect(counters.read(0).state).toBe("degraded");
    opened.storeAway = false;
    const { safe, letters } = await running;
    expect(safe).toBe(true);
    expect(letters).toHaveLength(1);
    expect(counters.dead).toBe(1);
  });

  test("parts of a split are dead letters of their own, named alike each time", async () => {
    const nodes = {
      in: { targets: { out: ["split"] } },
      split: {
        step: (message: Message) => ({
          emit: (message.body as number[]).map((n) => ({ port: "out", message: message.withBody(n) })),
        }),
        targets: { out: ["check"] },
      },
      check: {
        step: (message: Message) => (Number(message.body) > 1 ? rejected("body-invalid", "Too large.") : { emit: [] }),
        targets: {},
      },
    };
    const first = await deliver(await openPipeline(nodes), [makeMessage([1, 2, 3], "7")]);
    const again = await deliver(await openPipeline(nodes), [makeMessage([1, 2, 3], "7")]);
    expect(first.letters.map(({ position, part }) => [position, part])).toEqual([
      ["7", "0.1"],
      ["7", "0.2"],
    ]);
    expect(again.letters.map(({ part }) => part)).toEqual(first.letters.map(({ part }) => part));
  });
});

describe("a letter that is sent again", () => {
  const nodes = (fails: () => boolean) => ({
    in: { targets: { out: ["map"] } },
    map: { step: pass(), targets: { out: ["check"] } },
    check: {
      step: (message: Message) =>
        fails() ? rejected("body-invalid", "Still wrong.") : { emit: [{ port: "out", message }] },
      targets: { out: [] },
    },
  });
  const resent = {
    as: "letter",
    id: "letter-1",
    place: { source: "in", lane: "orders/0", position: "9", part: "0" },
    attempts: 3,
  } as const;

  test("enters at its node and passes", async () => {
    const pipeline = await openPipeline(nodes(() => false));
    const opened = openDelivery();
    const flight = pipeline.beginAgain("check", makeMessage(1, "letter-1", "redrive"), resent);
    expect(await opened.delivery.deliver(flight)).toBe(true);
    expect(pipeline.counters.get("map")!.in).toBe(0);
    expect(pipeline.counters.get("check")!.in).toBe(1);
    expect(opened.letters).toEqual([]);
  });

  test("that fails again keeps the place it is known by, and counts on", async () => {
    const pipeline = await openPipeline(nodes(() => true));
    const opened = openDelivery();
    await opened.delivery.deliver(pipeline.beginAgain("check", makeMessage(1, "letter-1", "redrive"), resent));
    expect(opened.letters).toMatchObject([
      { source: "in", lane: "orders/0", position: "9", part: "0", attempts: 4, resentFrom: "letter-1" },
    ]);
  });
});

test("decide: attempts, dependencies, rejections", () => {
  const retry = { ...fastRetry, attempts: 2 };
  expect(decide(rejected("x", "x"), 1, 0, retry)).toEqual({ again: false });
  expect(decide(retryMessage("x", "x"), 1, 0, retry)).toMatchObject({ again: true });
  expect(decide(retryMessage("x", "x"), 2, 0, retry)).toEqual({ again: false });
  expect(decide(retryDependency("x", "x"), 0, 1_000, retry)).toMatchObject({ again: true });
  expect(decide(retryDependency("x", "x", 3_000), 0, 1, retry)).toEqual({ again: true, afterMs: 3_000 });
});

test("a codec error of a sink is a rejection, not a crash", async () => {
  const pipeline = await openPipeline({
    in: { targets: { out: ["sink"] } },
    sink: {
      sink: async (messages) => {
        if (messages.some((message) => message.body === 1)) throw new CodecError("codec-encode", "No bytes for it.");
        return messages.map(() => done);
      },
    },
  });
  const { letters } = await deliver(pipeline, makeMessages(3));
  expect(letters).toMatchObject([{ position: "1", cause: { code: "codec-encode" }, attempts: 1 }]);
});

test("what its source gives up becomes a dead letter there, and the rest goes on", async () => {
  const out: unknown[] = [];
  const pipeline = await openPipeline({ in: { targets: { out: ["sink"] } }, sink: { sink: collect(out) } });
  const cause = { code: "poison-message", message: "It killed its workers." };
  const messages = makeMessages(3).map((message, at) =>
    at === 1 ? message.with({ meta: { ...message.meta, attempt: 4 }, givenUp: cause }) : message,
  );
  const { flight, safe, letters } = await deliver(pipeline, messages);
  expect(safe).toBe(true);
  expect(out).toEqual([messages[0]!.body, messages[2]!.body]);
  expect(letters).toMatchObject([{ node: "in", cause, attempts: 4, position: messages[1]!.meta.position }]);
  expect([...flight.marks].map(readOutcome)).toEqual(["done", "dead", "done"]);
  expect(pipeline.counters.get("in")?.dead).toBe(1);
});
