import { randomUUID } from "node:crypto";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { Kafka, logLevel } from "kafkajs";
import { Connection } from "rabbitmq-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenSource } from "../../flow/behaviour";
import { jsonCodec } from "../../flow/codecs/json";
import type { BrokerRequest } from "../../flow/request-reply";
import { headersOf } from "../../flow/testing/node-context";
import { createTopic } from "../system/topics";
import { pause, Receiver, until } from "./conformance";
import { openKafka } from "./kafka";
import { openQueue } from "./queue";
import { openRabbitmq } from "./rabbitmq";
import { openRedis } from "./redis";
import { answerWith, bodyOf, makeRequest } from "./request-samples";

const { KAFKA_BROKERS: brokers, REDIS_URL: redisUrl, RABBITMQ_URL: rabbitmqUrl } = process.env;
if (brokers === undefined || redisUrl === undefined || rabbitmqUrl === undefined)
  throw new Error("These tests need a real Kafka, Redis and RabbitMQ.");
const never = new AbortController().signal;
const options = {
  config: {},
  secrets: {},
  environment: { kafkaBrokers: brokers, redisUrl, rabbitmqUrl, databaseUrl: "" },
  log: () => {},
};

describe("over Kafka", () => {
  const plain = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING });
  const admin = plain.admin();
  const producer = plain.producer();
  const one = openKafka({ ...options, name: "one" });
  const other = openKafka({ ...options, name: "other" });
  const requests = `requests-${randomUUID()}`;
  const replyTo = `replies-${randomUUID()}`;
  const receiver = new Receiver();
  let source: OpenSource;
  const ask = (port: typeof one.port, change: Partial<BrokerRequest> = {}) => {
    const request = makeRequest(requests, { replyTo, timeoutMs: 60_000, ...change });
    return { request, end: port.request(request, never) };
  };
  /** The message of a request, as it came to whoever answers. */
  const receive = async (id: string) => {
    const find = () =>
      receiver.received.find(({ headers }) => headers.some(([, value]) => Buffer.from(value).toString() === id));
    await until(() => find() !== undefined, 60_000);
    return find()!;
  };

  beforeAll(async () => {
    await Promise.all([admin.connect(), producer.connect()]);
    await createTopic(admin, { topic: requests, numPartitions: 2 });
    source = await other.port.consume(
      {
        node: "in",
        topic: requests,
        groupId: `g-${requests}`,
        fallback: "earliest",
        start: { from: "kind" },
        onGap: "halt",
        delivery: "at-least-once",
        codec: jsonCodec,
        signal: never,
      },
      receiver,
    );
  });
  afterAll(async () => {
    await source.stop();
    await Promise.all([one.close(), other.close(), producer.disconnect()]);
    await admin.deleteTopics({ topics: [requests, replyTo] }).catch(() => {});
    await admin.disconnect();
  });

  it("an answer comes back to the worker that asked, on a reply topic that is made", async () => {
    const asked = [ask(one.port), ask(other.port)];
    for (const { request } of asked) {
      const message = await receive(request.id);
      expect(headersOf(message)).toEqual({ origin: "shop", "reply-to": replyTo, "correlation-id": request.id });
      expect([message.keyText, message.body]).toEqual(["c-7", { id: "o-1" }]);
      expect(await source.reply!(message, answerWith({ to: request.id }, 201), never)).toEqual({ is: "answered" });
      expect(await source.reply!(message, answerWith({}), never)).toEqual({ is: "before" });
    }
    for (const { request, end } of asked) {
      expect(await end).toMatchObject({ is: "answered", answer: { status: 201 } });
      expect(bodyOf(await end)).toEqual({ to: request.id });
    }
    const [topic] = (await admin.fetchTopicMetadata({ topics: [replyTo] })).topics;
    expect(topic?.partitions).toHaveLength(1);
  });

  it("a plain client answers by the headers, in Spring's words too", async () => {
    const { request, end } = ask(one.port, { headerNames: "spring" });
    const headers = headersOf(await receive(request.id));
    expect(headers).toMatchObject({ kafka_replyTopic: replyTo, kafka_correlationId: request.id });
    const message = { value: '{"price":3}', headers: { kafka_correlationId: request.id } };
    await producer.send({ topic: headers.kafka_replyTopic!, messages: [message] });
    expect(bodyOf(await end)).toEqual({ price: 3 });
  });

  it("a plain client is answered, at the partition that it names", async () => {
    const topic = `spring-${randomUUID()}`;
    await createTopic(admin, { topic, numPartitions: 4 });
    const id = Buffer.from([0, 255, 16]);
    const headers = {
      kafka_replyTopic: topic,
      kafka_correlationId: id,
      kafka_replyPartition: Buffer.from([0, 0, 0, 3]),
    };
    await producer.send({ topic: requests, messages: [{ key: "spring", value: "{}", headers }] });
    await until(() => receiver.received.some(({ keyText }) => keyText === "spring"), 15_000);
    const message = receiver.received.find(({ keyText }) => keyText === "spring")!;
    expect(await source.reply!(message, answerWith({ price: 3 }), never)).toEqual({ is: "answered" });
    const [seen] = await one.newest(topic, 1, 1_000);
    expect(seen).toMatchObject({ lane: `${topic}/3`, value: '{"price":3}' });
    expect(await source.reply!(message.with({ headers: [] }), answerWith({}), never)).toEqual({ is: "unasked" });
    await admin.deleteTopics({ topics: [topic] });
  });

  it("no answer in time, and what comes later or twice, are told of", async () => {
    const { request, end } = ask(one.port, { timeoutMs: 1_500 });
    const message = await receive(request.id);
    expect(await end).toEqual({ is: "silent" });
    const send = (id: string) =>
      producer.send({ topic: replyTo, messages: [{ value: "{}", headers: { "correlation-id": id } }] });
    await send(request.id);
    await until(() => request.strays.length === 1, 10_000);
    expect(request.strays).toEqual(["late"]);
    // The same request once more: its first answer ends it, the second is dropped, and one that nobody asked for says nothing.
    const again = makeRequest(requests, { replyTo, id: request.id, timeoutMs: 60_000 });
    const second = one.port.request(again, never);
    await pause(200);
    await send("unknown");
    expect(await source.reply!(message, answerWith({ n: 1 }), never)).toEqual({ is: "answered" });
    expect(bodyOf(await second)).toEqual({ n: 1 });
    await send(request.id);
    await until(() => again.strays.length === 1, 10_000);
    expect(again.strays).toEqual(["repeated"]);
  });

  it("a topic that is missing is a dependency that is away", async () => {
    const end = await one.port.request(makeRequest(`missing-${randomUUID()}`, { replyTo, timeoutMs: 5_000 }), never);
    expect(end).toMatchObject({ verdict: "retry", of: "dependency", cause: { code: "topic-missing" } });
    const lost = await other.port.request(makeRequest(requests, { replyTo: "no topic" }), never);
    expect(lost).toMatchObject({ verdict: "retry", of: "dependency" });
  });
});

describe("over BullMQ", () => {
  const transport = openQueue({ ...options, name: "queue" });
  const connection = { url: redisUrl };
  const names: string[] = [];
  const name = () => {
    const queue = `requests-${randomUUID()}`;
    names.push(queue);
    return queue;
  };
  afterAll(async () => {
    await transport.close();
    for (const each of names) {
      const queue = new Queue(each, { connection });
      await queue.obliterate({ force: true });
      await queue.close();
    }
  });

  async function consume(queue: string, responds = true) {
    const receiver = new Receiver();
    const source = await transport.port.consume(
      { node: "in", queue, concurrency: 5, codec: jsonCodec, signal: never, responds: () => responds },
      receiver,
    );
    const next = async (nth = 0) => {
      await until(() => receiver.received.length > nth, 15_000);
      const message = receiver.received[nth]!;
      const { lane, position } = message.meta;
      const end = (outcome: "done" | "dead") => source.settle(lane, receiver.epochs.get(lane)!, position, outcome);
      return { message, end };
    };
    return { source, next };
  }

  it("a plain worker's result is the answer, and its failure is one", async () => {
    const queue = name();
    const worker = new Worker(
      queue,
      async ({ name, data }) => {
        if (name === "fail") throw new Error("sold out");
        return { price: 3, for: data.id };
      },
      { connection },
    );
    expect(bodyOf(await transport.port.request(makeRequest(queue, { name: "price" }), never))).toEqual({
      price: 3,
      for: "o-1",
    });
    const failed = await transport.port.request(makeRequest(queue, { name: "fail" }), never);
    expect(failed).toMatchObject({ is: "answered", answer: { status: 500 } });
    expect(bodyOf(failed)).toBe("sold out");
    await worker.close();
  });

  it("a flow's answer is the job's result, the first one; all tries of a request are one job", async () => {
    const queue = name();
    const { source, next } = await consume(queue);
    const request = makeRequest(queue);
    const both = [transport.port.request(request, never), transport.port.request(request, never)];
    const { message, end } = await next();
    expect(await source.reply!(message, answerWith({ price: 3 }), never)).toEqual({ is: "answered" });
    expect(await source.reply!(message, answerWith({ price: 4 }), never)).toEqual({ is: "before" });
    end("done");
    for (const each of both) expect(bodyOf(await each)).toEqual({ price: 3 });
    expect(await source.reply!(message, answerWith({}), never)).toEqual({ is: "gone" });
    // The worker that asked was killed, and another asks again: the work is not done twice.
    expect(bodyOf(await transport.port.request(request, never))).toEqual({ price: 3 });
    await source.stop();
  });

  it("a status from 400 on fails the job, as does a flow that would have answered and failed", async () => {
    const queue = name();
    const { source, next } = await consume(queue);
    const refused = transport.port.request(makeRequest(queue), never);
    const first = await next();
    await source.reply!(first.message, answerWith({ reason: "sold-out" }, 422), never);
    first.end("done");
    expect(await refused).toMatchObject({ is: "answered", answer: { status: 422 } });
    expect(bodyOf(await refused)).toEqual({ reason: "sold-out" });
    const dead = transport.port.request(makeRequest(queue), never);
    const second = await next(1);
    second.end("dead");
    expect(await dead).toMatchObject({ is: "answered", answer: { status: 500 } });
    await source.stop();
  });

  it("no answer in time leaves the job to be worked, and an answer of 2 MB is cut and told of", async () => {
    const queue = name();
    const request = makeRequest(queue, { timeoutMs: 500 });
    expect(await transport.port.request(request, never)).toEqual({ is: "silent" });
    const worker = new Worker(queue, async () => "x".repeat(2_000_000), { connection });
    const end = await transport.port.request({ ...request, timeoutMs: 15_000 }, never);
    expect(end).toMatchObject({ is: "answered", answer: { truncated: true } });
    await worker.close();
  });
});

describe("over Redis Streams", () => {
  const logged: unknown[] = [];
  const log = (_: string, message: string, fields?: object) => void logged.push([message, fields]);
  const one = openRedis({ ...options, name: "one", log });
  const other = openRedis({ ...options, name: "other" });
  const plain = new Redis(redisUrl);
  const stream = `requests-${randomUUID()}`;
  const receiver = new Receiver();
  let source: OpenSource;
  const receive = async (id: string) => {
    const find = () => receiver.received.find(({ headers }) => headersOf({ headers })["correlation-id"] === id);
    await until(() => find() !== undefined, 15_000);
    return find()!;
  };

  beforeAll(async () => {
    source = await other.port.consume(
      {
        node: "in",
        stream,
        partitions: 1,
        sharing: "workers",
        group: "g",
        fallback: "earliest",
        start: { from: "kind" },
        onGap: "halt",
        maxDeliveries: 10,
        layout: "message",
        codec: jsonCodec,
        signal: never,
      },
      receiver,
    );
  });
  afterAll(async () => {
    await source.stop();
    await Promise.all([one.close(), other.close()]);
    await plain.unlink(stream);
    plain.disconnect();
  });

  it("an answer comes back on the stream of the worker that asked, which is trimmed and expires", async () => {
    const request = makeRequest(stream);
    const end = one.port.request(request, never);
    const message = await receive(request.id);
    expect([message.keyText, message.body]).toEqual(["c-7", { id: "o-1" }]);
    const replyTo = headersOf(message)["reply-to"]!;
    expect(await source.reply!(message, answerWith({ price: 3 }, 201), never)).toEqual({ is: "answered" });
    expect(await source.reply!(message, answerWith({}), never)).toEqual({ is: "before" });
    expect(await end).toMatchObject({ is: "answered", answer: { status: 201 } });
    expect(bodyOf(await end)).toEqual({ price: 3 });
    const ttl = await plain.ttl(replyTo);
    expect(ttl).toBeGreaterThan(3_000);
    for (let n = 0; n < 500; n++) await plain.xadd(replyTo, "*", "header:correlation-id", "unknown", "value", "{}");
    await until(() => logged.length > 0, 10_000);
    expect(logged[0]).toEqual([expect.stringContaining("nobody here has asked with"), { dropped: 1 }]);
    await expect.poll(() => plain.xlen(replyTo), { timeout: 10_000 }).toBeLessThanOrEqual(200);
  });

  it("a plain client answers; what comes late or twice is told of", async () => {
    const request = makeRequest(stream, { timeoutMs: 1_000 });
    expect(await one.port.request(request, never)).toEqual({ is: "silent" });
    const replyTo = headersOf(await receive(request.id))["reply-to"]!;
    const answer = (value: string) =>
      plain.xadd(replyTo, "*", "value", value, "header:correlation-id", request.id, "header:reply-status", "422");
    await answer("{}");
    await until(() => request.strays.length === 1, 10_000);
    expect(request.strays).toEqual(["late"]);
    const again = makeRequest(stream, { id: request.id });
    const second = one.port.request(again, never);
    await pause(100);
    await answer('{"reason":"sold-out"}');
    expect(await second).toMatchObject({ is: "answered", answer: { status: 422 } });
    expect(bodyOf(await second)).toEqual({ reason: "sold-out" });
    await answer("{}");
    await until(() => again.strays.length === 1, 10_000);
    expect(again.strays).toEqual(["repeated"]);
  });

  it("the stream is gone with its worker; an answer to it expires", async () => {
    const asking = openRedis({ ...options, name: "asking" });
    const request = makeRequest(stream, { timeoutMs: 300 });
    await asking.port.request(request, never);
    const message = await receive(request.id);
    const replyTo = headersOf(message)["reply-to"]!;
    expect(await plain.exists(replyTo)).toBe(1);
    await asking.close();
    expect(await plain.exists(replyTo)).toBe(0);
    expect(await source.reply!(message, answerWith({}), never)).toEqual({ is: "answered" });
    expect(await plain.ttl(replyTo)).toBeGreaterThan(3_000);
    await plain.unlink(replyTo);
  });
});

describe("over RabbitMQ", () => {
  const one = openRabbitmq({ ...options, name: "one" });
  const other = openRabbitmq({ ...options, name: "other" });
  const plain = new Connection(rabbitmqUrl);
  plain.on("error", () => {});
  const queue = `requests-${randomUUID()}`;
  const receiver = new Receiver();
  let source: OpenSource;
  const receive = async (id: string) => {
    const find = () => receiver.received.find(({ headers }) => headersOf({ headers })["correlation-id"] === id);
    await until(() => find() !== undefined, 15_000);
    return find()!;
  };

  beforeAll(async () => {
    await plain.queueDeclare({ queue, durable: true });
    source = await other.port.consume(
      { node: "in", queue: { name: queue }, prefetch: 10, codec: jsonCodec, signal: never },
      receiver,
    );
  });
  afterAll(async () => {
    await source.stop();
    await Promise.all([one.close(), other.close()]);
    await plain.queueDelete({ queue });
    await plain.close();
  });

  it("an answer comes back in the queue of the worker that asked", async () => {
    const request = makeRequest(queue);
    const end = one.port.request(request, never);
    const message = await receive(request.id);
    expect([message.keyText, message.body]).toEqual(["c-7", { id: "o-1" }]);
    expect(await source.reply!(message, answerWith({ price: 3 }, 201), never)).toEqual({ is: "answered" });
    expect(await source.reply!(message, answerWith({}), never)).toEqual({ is: "before" });
    expect(await end).toMatchObject({ is: "answered", answer: { status: 201 } });
    expect(bodyOf(await end)).toEqual({ price: 3 });
  });

  it("a plain client answers by the properties, and is answered; what comes late is told of", async () => {
    const request = makeRequest(queue, { timeoutMs: 1_000 });
    expect(await one.port.request(request, never)).toEqual({ is: "silent" });
    const routingKey = headersOf(await receive(request.id))["reply-to"]!;
    const publisher = plain.createPublisher();
    await publisher.send({ routingKey, correlationId: request.id }, { price: 3 });
    await until(() => request.strays.length === 1, 10_000);
    const again = makeRequest(queue, { id: request.id });
    const second = one.port.request(again, never);
    await pause(100);
    await publisher.send({ routingKey, correlationId: request.id }, { price: 4 });
    expect(bodyOf(await second)).toEqual({ price: 4 });
    await publisher.close();
    const client = plain.createRPCClient({ confirm: true });
    const asked = client.send({ routingKey: queue, headers: { origin: "client" } }, { id: "o-9" });
    const find = () => receiver.received.find(({ headers }) => headersOf({ headers }).origin === "client");
    await until(() => find() !== undefined, 15_000);
    expect(await source.reply!(find()!, answerWith({ price: 9 }), never)).toEqual({ is: "answered" });
    expect((await asked).body).toEqual({ price: 9 });
    await client.close();
  });

  it("an answer to a worker that is gone is dropped, and a queue that is missing is told of", async () => {
    const asking = openRabbitmq({ ...options, name: "asking" });
    const request = makeRequest(queue, { timeoutMs: 500 });
    await asking.port.request(request, never);
    const message = await receive(request.id);
    await asking.close();
    expect(await source.reply!(message, answerWith({}), never)).toEqual({ is: "answered" });
    const end = await one.port.request(makeRequest(`missing-${randomUUID()}`), never);
    expect(end).toMatchObject({ verdict: "reject" });
  });
});
