import { randomUUID } from "node:crypto";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SourceHandlers, StartingPlace } from "../../flow/behaviour";
import { jsonCodec } from "../../flow/codecs/json";
import { ownNameOf } from "../../flow/distribution";
import { createTopic } from "../system/topics";
import {
  describeConformance,
  makeMessage,
  makeNumbered,
  pause,
  Receiver,
  readNumber,
  type Subject,
  until,
} from "./conformance";
import { openKafka } from "./kafka";
import { TcpProxy } from "./tcp-proxy";

const brokers = process.env.KAFKA_BROKERS;
if (brokers === undefined) throw new Error("KAFKA_BROKERS is not set: these tests need a real Kafka");
const [host = "", port = ""] = (brokers.split(",")[0] ?? "").split(":");
const made: string[] = [];
const never = new AbortController().signal;

function openSubject(proxy?: TcpProxy) {
  const transport = openKafka({
    name: "kafka",
    config: proxy === undefined ? {} : { brokers: `127.0.0.1:${proxy.port}` },
    secrets: {},
    environment: { kafkaBrokers: brokers, redisUrl: undefined, databaseUrl: "" },
    log: () => {},
  });
  const consume = (topic: string, ownName: string, handlers: SourceHandlers, signal: AbortSignal) =>
    transport.port.consume(
      {
        node: "in",
        topic,
        groupId: `g-${topic}${ownName}`,
        ownName,
        fallback: "earliest",
        start: { from: "kind" },
        onGap: "halt",
        delivery: "at-least-once",
        codec: jsonCodec,
        signal,
      },
      handlers,
    );
  const subject: Subject = {
    transport,
    makePlace: () => makeTopic(4),
    consume: (topic, handlers, signal) => consume(topic, "", handlers, signal),
    consumeEach: (topic, worker, handlers, signal) => consume(topic, ownNameOf("each", worker), handlers, signal),
    write: (topic, messages, signal) =>
      transport.port.produce(
        messages.map(({ key, value, headers }) => ({ topic, key, value, headers })),
        signal,
      ),
    close: () => transport.close(),
  };
  return { ...subject, transport };
}

async function makeTopic(partitions: number, configs: Record<string, string> = {}): Promise<string> {
  const topic = `test-${randomUUID()}`;
  made.push(topic);
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
  await createTopic(admin, { topic, numPartitions: partitions, configEntries });
  return topic;
}

const plain = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING });
const admin = plain.admin();
beforeAll(() => admin.connect());
afterAll(async () => {
  await admin.deleteTopics({ topics: made }).catch(() => {});
  await admin.disconnect();
});

describeConformance({
  name: "kafka",
  settles: "contiguous",
  makeProxy: () => new TcpProxy({ host, port: Number(port) }, true),
  open: openSubject,
});

describe("kafka", () => {
  const { transport } = openSubject();
  afterAll(() => transport.close());

  function open(
    topic: string,
    handlers: SourceHandlers,
    options: {
      start?: StartingPlace;
      onGap?: "halt" | "earliest" | "latest";
      signal?: AbortSignal;
      fallback?: "latest";
    } = {},
  ) {
    return transport.port.consume(
      {
        node: "in",
        topic,
        groupId: `g-${topic}`,
        fallback: options.fallback ?? "earliest",
        start: options.start ?? { from: "kind" },
        onGap: options.onGap ?? "halt",
        delivery: "at-least-once",
        codec: jsonCodec,
        signal: options.signal ?? never,
      },
      handlers,
    );
  }

  async function write(topic: string, from: number, count: number, key?: string) {
    const records = makeNumbered(from, count).map(({ key: own, value, headers }) => ({
      topic,
      key: key === undefined ? own : new TextEncoder().encode(key),
      value,
      headers,
    }));
    const verdicts = await transport.port.produce(records, never);
    expect(verdicts.every(({ verdict }) => verdict === "done")).toBe(true);
    return verdicts;
  }

  it("lets the other lanes go on while one is held", async () => {
    const topic = await makeTopic(4);
    const receiver = new Receiver();
    let heldLane: string | undefined;
    receiver.held = (lane) => {
      heldLane ??= lane;
      return lane === heldLane;
    };
    receiver.source = await open(topic, receiver);
    for (let from = 0; from < 20_000; from += 2_000) await write(topic, from, 2_000);
    await until(() => heldLane !== undefined);
    const inHeld = () => receiver.byLane.get(heldLane ?? "")?.length ?? 0;
    const partitions = await admin.fetchTopicOffsets(topic);
    const others = partitions
      .filter(({ partition }) => `${topic}/${partition}` !== heldLane)
      .reduce((sum, { high }) => sum + Number(high), 0);
    await until(() => receiver.received.length - inHeld() === others);
    expect(inHeld()).toBeLessThanOrEqual(1_000);
    // Longer than the group's session: a held lane must not cost the membership.
    await pause(14_000);
    await write(topic, 20_000, 2_000);
    receiver.letGo();
    await until(() => receiver.numbers.size === 22_000);
    expect(receiver.received.length).toBe(22_000);
    expect(receiver.states).toEqual(["running"]);
    await receiver.source.stop();
  });

  it("pins where it begins: `latest` keeps what arrives while it is stopped", async () => {
    const topic = await makeTopic(2);
    await write(topic, 0, 20);
    const first = new Receiver();
    first.source = await open(topic, first, { fallback: "latest" });
    await until(() => first.states.includes("running"));
    await first.source.stop();
    await write(topic, 20, 20);
    const second = new Receiver();
    second.source = await open(topic, second, { fallback: "latest" });
    await until(() => second.numbers.size === 20);
    expect(Math.min(...second.numbers)).toBe(20);
    await second.source.stop();
  });

  it("begins at a time, and after the end when nothing is newer", async () => {
    const topic = await makeTopic(1);
    const at = Date.now() - 60_000;
    const records = makeNumbered(0, 10).map(({ key, value, headers }, n) => ({
      topic,
      key,
      value,
      headers,
      timestamp: at + n * 1_000,
    }));
    await transport.port.produce(records, never);
    const receiver = new Receiver();
    receiver.source = await open(topic, receiver, { start: { from: "time", at: at + 6_500 } });
    await until(() => receiver.received.length === 3);
    expect(receiver.received.map(readNumber)).toEqual([7, 8, 9]);
    await receiver.source.stop();
  });

  it("takes partitions that appear later from their beginning", async () => {
    const topic = await makeTopic(1);
    const receiver = new Receiver();
    receiver.source = await open(topic, receiver, { fallback: "latest" });
    await until(() => receiver.states.includes("running"));
    await receiver.source.stop();
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    await pause(500);
    const fresh = openSubject();
    await fresh.write(topic, makeNumbered(0, 60), never);
    await fresh.close();
    const second = new Receiver();
    second.source = await open(topic, second, { fallback: "latest" });
    await until(() => second.numbers.size === 60);
    await second.source.stop();
  });

  it("halts a lane whose position retention removed, and says how many are gone", async () => {
    const topic = await makeTopic(1);
    const first = new Receiver();
    first.source = await open(topic, first);
    await write(topic, 0, 10);
    await until(() => first.received.length === 10);
    await first.source.stop();
    await write(topic, 10, 30);
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "25" }] });
    const halted = new Receiver();
    halted.source = await open(topic, halted);
    await until(() => halted.states.includes("halted"));
    expect(halted.causes).toEqual(["position-gone"]);
    await pause(1_000);
    expect(halted.received).toEqual([]);
    await halted.source.stop();
    const going = new Receiver();
    going.source = await open(topic, going, { onGap: "earliest" });
    await until(() => going.received.length === 15);
    expect(Math.min(...going.numbers)).toBe(25);
    await going.source.stop();
  });

  it("says that its topic is missing, and begins when it appears", async () => {
    const topic = `test-${randomUUID()}`;
    made.push(topic);
    const receiver = new Receiver();
    receiver.source = await open(topic, receiver);
    await until(() => receiver.causes.includes("topic-missing"));
    expect(await transport.port.produce([{ topic, key: null, value: null, headers: [] }], never)).toMatchObject([
      { verdict: "retry", of: "dependency", cause: { code: "topic-missing" } },
    ]);
    expect(await transport.createPlace?.("topic", topic, { partitions: 2 })).toMatchObject({
      created: true,
      place: { partitions: 2 },
    });
    expect(await transport.createPlace?.("topic", topic, { partitions: 2 })).toMatchObject({ created: false });
    await write(topic, 0, 10);
    await until(() => receiver.numbers.size === 10);
    await receiver.source.stop();
  });

  it("says how many messages a group has not read, that nobody runs", async () => {
    const topic = await makeTopic(2);
    const groupId = `g-${topic}`;
    for (const number of [1, 2, 3])
      await transport.send(topic, { key: null, headers: [], value: `${number}`, encoding: "text" });
    expect(await transport.waiting!(topic, groupId)).toBeNull();
    const marks = await admin.fetchTopicOffsets(topic);
    const first = marks.find(({ high }) => Number(high) > 0)!;
    await admin.setOffsets({ groupId, topic, partitions: [{ partition: first.partition, offset: "1" }] });
    // The other partition was never read: all of it waits.
    expect(await transport.waiting!(topic, groupId)).toBe(2);
  });

  it("says what a topic keeps, as the cluster has it", async () => {
    const topic = await makeTopic(1, { "retention.ms": "3600000", "cleanup.policy": "compact,delete" });
    expect(await transport.describe([topic, `${topic}-none`])).toEqual([
      expect.objectContaining({
        name: topic,
        keeps: {
          brokers: 1,
          replication: 1,
          minInSync: 1,
          retentionMs: 3_600_000,
          retentionBytes: -1,
          compacted: true,
        },
      }),
    ]);
  });

  it("shares the partitions among members, and nothing is lost when one comes or goes", async () => {
    const topic = await makeTopic(4);
    const first = new Receiver();
    first.source = await open(topic, first);
    await until(() => first.epochs.size === 4);
    await write(topic, 0, 1_000);
    const { transport: other, close } = openSubject();
    const second = new Receiver();
    second.source = await other.port.consume(
      {
        node: "in",
        topic,
        groupId: `g-${topic}`,
        fallback: "earliest",
        start: { from: "kind" },
        onGap: "halt",
        delivery: "at-least-once",
        codec: jsonCodec,
        signal: never,
      },
      second,
    );
    await until(() => second.epochs.size > 0);
    await write(topic, 1_000, 2_000);
    await until(() => new Set([...first.numbers, ...second.numbers]).size === 3_000);
    expect(second.received.length).toBeGreaterThan(0);
    await second.source.stop();
    await write(topic, 3_000, 1_000);
    await until(() => new Set([...first.numbers, ...second.numbers]).size === 4_000);
    // Both gave up and took over between commits: what is settled is handed on exactly.
    expect(first.received.length + second.received.length).toBe(4_000);
    await first.source.stop();
    await close();
  });

  it("passes over control records of transactions, and has no lag for them", async () => {
    const topic = await makeTopic(1);
    const producer = plain.producer({
      transactionalId: `t-${topic}`,
      maxInFlightRequests: 1,
      idempotent: true,
      retry: { initialRetryTime: 20 },
    });
    await producer.connect();
    for (const commits of [true, false, true]) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ key: "k", value: `{"n":${commits ? 1 : 2}}` }] });
      await (commits ? transaction.commit() : transaction.abort());
    }
    await producer.disconnect();
    const receiver = new Receiver();
    receiver.source = await open(topic, receiver);
    await until(() => receiver.received.length === 2);
    await pause(1_500);
    expect(receiver.received.map(readNumber)).toEqual([1, 1]);
    expect(await receiver.source.progress()).toMatchObject([{ lag: 0 }]);
    await receiver.source.stop();
  });

  // With `compression.type` on the topic, the broker stores what we write in that compression.
  it.each(["gzip", "snappy", "lz4", "zstd"])("reads a topic in %s", async (type) => {
    const topic = await makeTopic(1, { "compression.type": type });
    await write(topic, 0, 3_000);
    const long = makeMessage({
      key: "k",
      value: JSON.stringify({ n: 3_000, long: "abcdefgh".repeat(50_000) }),
      headers: [],
    });
    const { key, value, headers } = long;
    await transport.port.produce([{ topic, key, value, headers }], never);
    const receiver = new Receiver();
    receiver.source = await open(topic, receiver);
    await until(() => receiver.received.length === 3_001);
    expect(receiver.received.map(readNumber)).toEqual([...Array(3_001).keys()]);
    expect(Buffer.compare(receiver.received.at(-1)!.value!, value!)).toBe(0);
    await receiver.source.stop();
  });

  it("refuses only the record that is too large, and keeps the rest in order", async () => {
    const topic = await makeTopic(1);
    const large = makeMessage({
      key: "k",
      value: JSON.stringify({ n: -1, large: "x".repeat(1_500_000) }),
      headers: [],
    });
    const messages = [...makeNumbered(0, 3), large, ...makeNumbered(3, 3)];
    const verdicts = await transport.port.produce(
      messages.map(({ key, value, headers }) => ({ topic, key, value, headers })),
      never,
    );
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(["done", "done", "done", "reject", "done", "done", "done"]);
    expect(verdicts[3]).toMatchObject({ cause: { code: "message-too-large" } });
    const receiver = new Receiver();
    receiver.source = await open(topic, receiver);
    await until(() => receiver.received.length === 6);
    expect(receiver.received.map(readNumber)).toEqual([0, 1, 2, 3, 4, 5]);
    await receiver.source.stop();
  });

  it("puts a key where Java's default partitioner puts it, and keeps a key's order across calls", async () => {
    const topic = await makeTopic(6);
    const calls = Array.from({ length: 20 }, (_, call) => write(topic, call * 100, 100, "foobar"));
    const verdicts = (await Promise.all(calls)).flat();
    // (murmur2("foobar") = -790332482) & 0x7fffffff, of 6
    const expected = (-790332482 & 0x7fffffff) % 6;
    for (const verdict of verdicts) expect(verdict).toMatchObject({ note: { partition: expected } });
    const receiver = new Receiver();
    receiver.source = await open(topic, receiver);
    await until(() => receiver.received.length === 2_000);
    expect(receiver.received.map(readNumber)).toEqual([...Array(2_000).keys()]);
    await receiver.source.stop();
  });

  it("refuses a name that is none, and leaves no group behind when it browses", async () => {
    expect(
      await transport.port.produce([{ topic: "no such/name", key: null, value: null, headers: [] }], never),
    ).toMatchObject([{ verdict: "reject" }]);
    const topic = await makeTopic(3);
    await write(topic, 0, 10);
    const before = (await admin.listGroups()).groups.map(({ groupId }) => groupId);
    expect((await transport.newest(topic, 5, 100)).length).toBe(5);
    const after = (await admin.listGroups()).groups.map(({ groupId }) => groupId);
    expect(after.filter((group) => !before.includes(group) && group.includes(topic))).toEqual([]);
  });

  it("says in words that no broker is known", async () => {
    const bare = openKafka({
      name: "kafka",
      config: {},
      secrets: {},
      environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "" },
      log: () => {},
    });
    await expect(bare.test()).rejects.toMatchObject({ reason: { code: "connection-incomplete" } });
  });
});
