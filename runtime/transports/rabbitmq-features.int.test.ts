import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Connection } from "rabbitmq-client";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { rabbitSink } from "../../flow/nodes/rabbitmq-sink";
import { rabbitSinkBehaviour } from "../../flow/nodes/rabbitmq-sink.behaviour";
import { rabbitSource } from "../../flow/nodes/rabbitmq-source";
import { rabbitSourceBehaviour } from "../../flow/nodes/rabbitmq-source.behaviour";
import { makeContext, makeMessage, makeSourceContext } from "../../flow/testing/node-context";
import type { Verdict } from "../../flow/verdict";
import { findAnyPort } from "../../scripts/network.mjs";
import { type RabbitServer, startRabbit } from "../../scripts/services/rabbitmq.mjs";
import { pause, Receiver, readNumber, until } from "./conformance";
import { openRabbitmq } from "./rabbitmq";
import { TcpProxy } from "./tcp-proxy";

/** What RabbitMQ does by the fields of the nodes, on a node of its own: with the plugin of consistent hashes, and small messages only. */
const maxMessageBytes = 100_000;
let dir: string;
let rabbit: RabbitServer;
let plain: Connection;
let closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "millrace-rabbit-features-"));
  rabbit = await startRabbit({
    dir,
    port: await findAnyPort(),
    plugins: ["rabbitmq_consistent_hash_exchange"],
    settings: [`max_message_size = ${maxMessageBytes}`],
  });
  plain = new Connection(rabbit.url);
  plain.on("error", () => {});
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});
afterAll(async () => {
  await plain?.close();
  await rabbit?.stop();
  await rm(dir, { recursive: true, force: true });
});

function open(url = rabbit.url) {
  const transport = openRabbitmq({
    name: "rabbitmq",
    config: { url },
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "" },
    log: () => {},
  });
  closing.push(() => transport.close());
  return transport;
}

/** A source as its config says, by the connection of a worker. */
async function startSource(config: Record<string, unknown>, receiver = new Receiver(), through = open()) {
  const context = makeSourceContext({ node: "in", signal: receiver.abort.signal }, { rabbitmq: through.port });
  receiver.source = await rabbitSourceBehaviour.open(rabbitSource.config.parse(config), context, receiver);
  const stop = async () => {
    receiver.abort.abort();
    await receiver.source?.stop();
  };
  closing.push(stop);
  return Object.assign(receiver, { stop });
}

async function startRunning(...how: Parameters<typeof startSource>) {
  const started = await startSource(...how);
  await until(() => started.states.at(-1) === "running");
  return started;
}

/** Writes as a sink's config says. */
function write(config: Record<string, unknown>, messages: readonly ReturnType<typeof makeMessage>[]) {
  const sink = rabbitSinkBehaviour.open(rabbitSink.config.parse(config), makeContext({ rabbitmq: open().port }));
  closing.push(async () => sink.close?.());
  return sink.write([...messages], { signal: new AbortController().signal, attempt: 1 });
}

const codeOf = (verdict: Verdict) =>
  verdict.verdict === "done" ? "done" : `${verdict.verdict} ${"cause" in verdict ? verdict.cause.code : ""}`;
const isDone = (verdict: Verdict) => verdict.verdict === "done";

/** Takes what a queue has, as a plain client does. */
async function take(queue: string) {
  let got = await plain.basicGet({ queue, noAck: true });
  for (const end = Date.now() + 10_000; got === undefined && Date.now() < end; ) {
    await pause(100);
    got = await plain.basicGet({ queue, noAck: true });
  }
  return got;
}

/** A queue where a dead-letter exchange of that name leads. */
async function makeDeadLetters(exchange: string): Promise<string> {
  const queue = `${exchange}.letters`;
  await plain.exchangeDeclare({ exchange, type: "fanout", durable: true });
  await plain.queueDeclare({ queue, durable: true });
  await plain.queueBind({ exchange, queue });
  return queue;
}

describe("exchanges", () => {
  it("spread keys over queues by a consistent hash, each key in order in one of them", async () => {
    const exchange = { exchange: "hashed", exchangeType: "x-consistent-hash" };
    const bound = { declare: true, ...exchange, bindingKeys: "1" };
    const queues = [
      await startRunning({ queue: "hashed.a", ...bound }),
      await startRunning({ queue: "hashed.b", ...bound }),
    ];
    const messages = Array.from({ length: 500 }, (_, n) => makeMessage({ n }, { key: `k${n % 50}` }));
    expect((await write({ to: "exchange", ...exchange }, messages)).every(isDone)).toBe(true);
    await until(() => queues.reduce((sum, { received }) => sum + received.length, 0) === 500);
    const keys = queues.map(({ received }) => new Set(received.map(({ keyText }) => keyText)));
    for (const each of keys) expect(each.size).toBeGreaterThan(0);
    expect(keys[0]!.size + keys[1]!.size).toBe(50);
    for (const { received } of queues) {
      const last = new Map<unknown, number>();
      for (const message of received) {
        expect(readNumber(message)).toBeGreaterThan(last.get(message.keyText) ?? -1);
        last.set(message.keyText, readNumber(message));
      }
    }
  });

  it("route by the whole key where they are direct", async () => {
    const exchange = { exchange: "by-key", exchangeType: "direct" };
    const source = await startRunning({ queue: "by-key.a", declare: true, ...exchange, bindingKeys: "new paid" });
    const messages = ["new", "paid", "new.not", "gone"].map((state, n) => makeMessage({ n, state }));
    const verdicts = await write({ to: "exchange", ...exchange, routingKey: "${body.state}" }, messages);
    expect(verdicts.map(codeOf)).toEqual(["done", "done", "reject message-unroutable", "reject message-unroutable"]);
    await until(() => source.received.length === 2);
    expect(source.received.map(readNumber)).toEqual([0, 1]);
  });

  it("route by headers: by all that are bound, or by any", async () => {
    const exchange = { exchange: "by-headers", exchangeType: "headers" };
    const bound = (match: string) => {
      const bindingHeaders = { "x-match": match, country: "DE", kind: "order" };
      return { queue: `by-headers.${match}`, declare: true, ...exchange, bindingHeaders };
    };
    const all = await startRunning(bound("all"));
    const any = await startRunning(bound("any"));
    const messages = ["DE order", "DE bill", "FR order", "FR bill"].map((text, n) => {
      const [country, kind] = text.split(" ");
      return makeMessage({ n, country, kind });
    });
    const headers = { country: "${body.country}", kind: "${body.kind}" };
    const verdicts = await write({ to: "exchange", ...exchange, headers }, messages);
    expect(verdicts.map(codeOf)).toEqual(["done", "done", "done", "reject message-unroutable"]);
    await until(() => all.received.length === 1 && any.received.length === 3);
    await pause(200);
    expect([all, any].map(({ received }) => received.map(readNumber))).toEqual([[0], [0, 1, 2]]);
  });

  it("that are there with another type are left so, and both nodes say the way out", async () => {
    await plain.exchangeDeclare({ exchange: "of-old", type: "direct", durable: true });
    const exchange = { exchange: "of-old", exchangeType: "topic" };
    const [verdict] = await write({ to: "exchange", ...exchange }, [makeMessage({ n: 1 })]);
    expect(verdict).toMatchObject({ verdict: "retry", of: "dependency", cause: { code: "declared-otherwise" } });
    const words = /`type` is direct, and the node asks for topic.*\*Exchange type\* → \*as it is\*/;
    expect(JSON.stringify(verdict)).toMatch(words);
    const source = await startSource({ queue: "of-old.a", declare: true, ...exchange, bindingKeys: "#" });
    await until(() => source.causes.includes("declared-otherwise"));
    expect(source.words.at(-1)).toMatch(words);
    // What the words advise.
    const asItIs = { ...exchange, exchangeType: "as-it-is" };
    const bound = await startRunning({ queue: "of-old.b", declare: true, ...asItIs, bindingKeys: "key" });
    const sent = await write({ to: "exchange", ...asItIs }, [makeMessage({ n: 1 }, { key: "key" })]);
    expect(sent.map(codeOf)).toEqual(["done"]);
    await until(() => bound.received.length === 1);
  });
});

describe.each(["classic", "quorum"])("a %s queue", (queueType) => {
  it("hands what lived too long to its dead-letter exchange, by its own time or by the message's", async () => {
    const exchange = `dead-${queueType}`;
    const letters = await makeDeadLetters(exchange);
    const declared = { declare: true, queueType, deadLetterExchange: exchange };
    const byQueue = { queue: `aging-${queueType}`, ...declared, messageTtl: "1s" };
    const byMessage = { queue: `patient-${queueType}`, ...declared, expiration: "1s" };
    for (const [config, n] of [
      [byQueue, 1],
      [byMessage, 2],
    ] as const) {
      expect((await write(config, [makeMessage({ n }, { key: "k" })])).map(codeOf)).toEqual(["done"]);
      const letter = await take(letters);
      expect(letter?.body).toEqual({ n });
      expect(letter?.headers).toMatchObject({
        "millrace-key": "k",
        "x-death": [{ reason: "expired", queue: config.queue, count: 1 }],
      });
    }
    expect(await plain.basicGet({ queue: letters, noAck: true })).toBeUndefined();
  });

  it("with a single active consumer goes on in order when the one that had it stops", async () => {
    const queue = `single-${queueType}`;
    const config = { queue, declare: true, queueType, singleActiveConsumer: true, prefetch: 20 };
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    const holding = new Receiver();
    holding.settling = false;
    const first = await startRunning(config, holding);
    const second = await startRunning(config);
    const verdicts = await write(
      { queue },
      numbers.map((n) => makeMessage({ n })),
    );
    expect(verdicts.every(isDone)).toBe(true);
    await until(() => first.received.length === 20);
    // As a worker stops: it takes no more, finishes some of what it has, and goes. Until then nobody else has the queue.
    first.abort.abort();
    await pause(300);
    first.settle(first.received[4]!);
    await pause(300);
    expect([first.received.length, second.received.length]).toEqual([20, 0]);
    await first.stop();
    await until(() => second.received.length === 95);
    await pause(200);
    expect(second.received.map(readNumber)).toEqual(numbers.slice(5));
  });

  it("with a single active consumer goes on in order when the connection of the one that had it is lost", async () => {
    const queue = `lost-${queueType}`;
    const config = { queue, declare: true, queueType, singleActiveConsumer: true, prefetch: 20 };
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    const holding = new Receiver();
    holding.settling = false;
    const proxy = new TcpProxy({ host: "127.0.0.1", port: rabbit.port });
    await proxy.listen();
    const first = await startRunning(config, holding, open(`amqp://127.0.0.1:${proxy.port}`));
    const second = await startRunning(config);
    await write(
      { queue },
      numbers.map((n) => makeMessage({ n })),
    );
    await until(() => first.received.length === 20);
    await proxy.cut();
    await until(() => second.received.length === 100);
    expect(second.received.map(readNumber)).toEqual(numbers);
  });
});

it("hands over what is urgent first, where a classic queue tells priorities apart", async () => {
  const queue = "ranked";
  const config = { queue, declare: true, queueType: "classic", maxPriority: 5, priority: "body.rank" };
  const messages = [0, 5, 1, 5, 3].map((rank, n) => makeMessage({ n, rank }));
  expect((await write(config, messages)).every(isDone)).toBe(true);
  const source = await startRunning({ queue, prefetch: 1 });
  await until(() => source.received.length === 5);
  expect(source.received.map(readNumber)).toEqual([1, 3, 4, 2, 0]);
});

it("rejects a message that is larger than the broker takes, and writes those around it", async () => {
  const queue = "small-only";
  const text = "x".repeat(2 * maxMessageBytes);
  const messages = [makeMessage({ n: 0 }), makeMessage({ n: 1, text }), makeMessage({ n: 2 })];
  const verdicts = await write({ queue, declare: true }, messages);
  expect(verdicts.map(codeOf)).toEqual(["done", "reject message-too-large", "done"]);
  expect(JSON.stringify(verdicts[1])).toContain(`takes: ${maxMessageBytes} bytes`);
  const source = await startRunning({ queue });
  await until(() => source.numbers.has(2));
  expect(source.numbers).toEqual(new Set([0, 2]));
});
