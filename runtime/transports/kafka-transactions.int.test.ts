import { randomUUID } from "node:crypto";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Transaction } from "../../flow/behaviour";
import { jsonCodec } from "../../flow/codecs/json";
import type { KafkaRecord } from "../../flow/connection-ports";
import { createTopic } from "../system/topics";
import { makeNumbered, pause, Receiver, readNumber, until } from "./conformance";
import { openKafka } from "./kafka";
import { TcpProxy } from "./tcp-proxy";
import { TransactionalCopy } from "./transactional-copy";

const brokers = process.env.KAFKA_BROKERS;
if (brokers === undefined) throw new Error("KAFKA_BROKERS is not set: these tests need a real Kafka");
const [host = "", port = ""] = (brokers.split(",")[0] ?? "").split(":");
const never = new AbortController().signal;
const endTransaction = 26;

const plain = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING });
const admin = plain.admin();
const made: string[] = [];
const closers: (() => Promise<unknown>)[] = [];
beforeAll(() => admin.connect());
afterAll(async () => {
  for (const close of closers) await close();
  await admin.deleteTopics({ topics: made }).catch(() => {});
  await admin.disconnect();
});

function openWorker(proxy?: TcpProxy, name = "kafka") {
  const transport = openKafka({
    name,
    config: proxy === undefined ? {} : { brokers: `127.0.0.1:${proxy.port}` },
    secrets: {},
    environment: { kafkaBrokers: brokers, redisUrl: undefined, databaseUrl: "" },
    log: () => {},
  });
  closers.push(() => transport.close());
  return transport;
}

async function makeTopics(partitions: number): Promise<{ from: string; to: string }> {
  const topics = { from: `test-${randomUUID()}`, to: `test-${randomUUID()}` };
  for (const topic of Object.values(topics)) {
    await createTopic(admin, { topic, numPartitions: partitions });
    made.push(topic);
  }
  return topics;
}

type Worker = ReturnType<typeof openWorker>;
const outsider = openWorker();

function optionsOf(from: string) {
  return {
    node: "in",
    topic: from,
    groupId: `g-${from}`,
    fallback: "earliest",
    start: { from: "kind" },
    onGap: "halt",
    delivery: "exactly-once",
    codec: jsonCodec,
    signal: never,
  } as const;
}

async function startCopy(worker: Worker, { from, to }: { from: string; to: string }): Promise<TransactionalCopy> {
  const copy = new TransactionalCopy(worker.port, to);
  copy.source = await worker.port.consume(optionsOf(from), copy);
  closers.unshift(() => copy.stop());
  return copy;
}

/** A lane held by hand: nothing of it is worked but by the test. */
async function openByHand(worker: Worker, from: string) {
  const receiver = new Receiver();
  receiver.settling = false;
  receiver.source = await worker.port.consume(optionsOf(from), receiver);
  const { source } = receiver;
  closers.unshift(() => source.stop());
  const lane = `${from}/0`;
  return {
    receiver,
    source,
    lane,
    transact: () => source.transact!(lane, receiver.epochs.get(lane) ?? 0),
  };
}

const toRecords = (topic: string, from: number, count: number): KafkaRecord[] =>
  makeNumbered(from, count).map(({ key, value, headers }) => ({ topic, key, value, headers }));

async function feed(topic: string, from: number, count: number): Promise<void> {
  const verdicts = await outsider.port.produce(toRecords(topic, from, count), never);
  expect(verdicts.filter(({ verdict }) => verdict !== "done")).toEqual([]);
}

async function writeIn(worker: Worker, transaction: Transaction, records: KafkaRecord[]): Promise<void> {
  const verdicts = await worker.port.produce(records, never, transaction);
  expect(verdicts.filter(({ verdict }) => verdict !== "done")).toEqual([]);
}

/** Everything that a reader of committed messages finds, once nothing more comes. */
async function readBack(topic: string, atLeast: number): Promise<number[]> {
  const receiver = new Receiver();
  const options = { ...optionsOf(topic), groupId: randomUUID(), delivery: "at-least-once" } as const;
  const source = await outsider.port.consume(options, receiver);
  receiver.source = source;
  await until(() => receiver.received.length >= atLeast, 60_000);
  await pause(500);
  await source.stop();
  for (const messages of receiver.byLane.values()) {
    const newest = new Map<string, number>();
    for (const message of messages) {
      const key = Buffer.from(message.key!).toString();
      expect(readNumber(message)).toBeGreaterThan(newest.get(key) ?? -1);
      newest.set(key, readNumber(message));
    }
  }
  return receiver.received.map(readNumber).sort((a, b) => a - b);
}

async function committedOf(topic: string): Promise<number> {
  const [offsets] = await admin.fetchOffsets({ groupId: `g-${topic}`, topics: [topic] });
  return offsets!.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
}

/** A commit is decided before its markers are written: what it shows comes some milliseconds later. */
async function untilCommitted(topic: string, position: number): Promise<void> {
  const end = Date.now() + 60_000;
  while ((await committedOf(topic)) < position && Date.now() < end) await pause(20);
  expect(await committedOf(topic)).toBe(position);
}

const upTo = (count: number) => [...Array(count).keys()];

describe("kafka in transactions", () => {
  it("copies a topic: each message once, in order of its key, with the group's positions", async () => {
    const topics = await makeTopics(4);
    await feed(topics.from, 0, 4_000);
    const copy = await startCopy(openWorker(), topics);
    await until(() => copy.committed === 4_000);
    expect(copy.failures).toEqual([]);
    expect(await readBack(topics.to, 4_000)).toEqual(upTo(4_000));
    await untilCommitted(topics.from, 4_000);
    await feed(topics.from, 4_000, 10);
    await until(() => copy.committed === 4_010);
    const progress = await copy.source!.progress();
    expect(progress.map(({ lag }) => lag)).toEqual([0, 0, 0, 0]);
    expect(progress.reduce((sum, { position }) => sum + (position === null ? 0 : Number(position) + 1), 0)).toBe(4_010);
    await copy.stop();

    // What it left behind is where the next one begins.
    const next = await startCopy(openWorker(), topics);
    await feed(topics.from, 4_010, 10);
    await until(() => next.committed >= 10);
    expect(await readBack(topics.to, 4_020)).toHaveLength(4_020);
    await next.stop();
  });

  it("shows nothing before the commit, and nothing of what was aborted", async () => {
    const topics = await makeTopics(1);
    await feed(topics.from, 0, 10);
    const worker = openWorker();
    const { receiver, transact } = await openByHand(worker, topics.from);
    await until(() => receiver.received.length === 10);

    const aborted = await transact();
    await writeIn(worker, aborted, toRecords(topics.to, 100, 5));
    await aborted.abort();
    await expect(aborted.commit("4")).rejects.toThrow();

    const committed = await transact();
    await writeIn(worker, committed, toRecords(topics.to, 0, 3));
    await writeIn(worker, committed, toRecords(topics.to, 3, 2));
    expect(await outsider.newest(topics.to, 10, 100)).toEqual([]);
    expect(await committedOf(topics.from)).toBe(0);
    await committed.commit("4");
    expect(await readBack(topics.to, 5)).toEqual(upTo(5));
    await untilCommitted(topics.from, 5);

    // All of a batch may be dropped: its position moves all the same.
    await (await transact()).commit("9");
    await untilCommitted(topics.from, 10);
    const late = await worker.port.produce(toRecords(topics.to, 0, 1), never, committed);
    expect(late).toMatchObject([{ verdict: "retry", of: "dependency", cause: { code: "transaction-over" } }]);
  });

  it("refuses a record that is too large, and commits the others in order", async () => {
    const topics = await makeTopics(1);
    await feed(topics.from, 0, 1);
    const worker = openWorker();
    const { receiver, transact } = await openByHand(worker, topics.from);
    await until(() => receiver.received.length === 1);
    const transaction = await transact();
    const large = { topic: topics.to, key: null, headers: [], value: Buffer.alloc(1_500_000, "x") };
    const records = [...toRecords(topics.to, 0, 5), large, ...toRecords(topics.to, 5, 5)];
    const verdicts = await worker.port.produce(records, never, transaction);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([
      ...Array(5).fill("done"),
      "reject",
      ...Array(5).fill("done"),
    ]);
    expect(verdicts[5]).toMatchObject({ cause: { code: "message-too-large" } });
    await transaction.commit("0");
    expect(await readBack(topics.to, 10)).toEqual(upTo(10));
  });

  it("leaves nothing of an owner that died between writing and committing, and fences it when it comes back", async () => {
    const topics = await makeTopics(1);
    await feed(topics.from, 0, 20);
    const proxy = new TcpProxy({ host, port: Number(port) }, true);
    await proxy.listen();
    const worker = openWorker(proxy);
    const zombie = await openByHand(worker, topics.from);
    await until(() => zombie.receiver.received.length === 20, 30_000);
    const transaction = await zombie.transact();
    await writeIn(worker, transaction, toRecords(topics.to, 0, 20));
    // To the broker it is a worker that was killed.
    await proxy.cut();
    expect(await committedOf(topics.from)).toBe(0);
    expect(await outsider.newest(topics.to, 10, 100)).toEqual([]);
    // Long before Kafka itself would end what the dead one left open.
    const heir = await startCopy(openWorker(), topics);
    await until(() => heir.committed === 20, 30_000);
    await proxy.listen();
    await expect(transaction.commit("19")).rejects.toThrow();
    expect(await readBack(topics.to, 20)).toEqual(upTo(20));
    await untilCommitted(topics.from, 20);
    await zombie.source.stop();
    await feed(topics.from, 20, 20);
    await until(() => heir.committed === 40, 30_000);
    expect(await readBack(topics.to, 40)).toEqual(upTo(40));
    await heir.stop();
  });

  it("looks again where it stands when its transactional id was taken", async () => {
    const topics = await makeTopics(1);
    await feed(topics.from, 0, 10);
    const worker = openWorker();
    const { receiver, source, lane, transact } = await openByHand(worker, topics.from);
    await until(() => receiver.received.length === 10);
    const epoch = receiver.epochs.get(lane)!;
    const transaction = await transact();
    await writeIn(worker, transaction, toRecords(topics.to, 0, 10));

    const thief = plain.producer({
      transactionalId: `g-${topics.from}/${lane}`,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await thief.connect();
    const stolen = await thief.transaction();
    await stolen.sendOffsets({
      consumerGroupId: `g-${topics.from}`,
      topics: [{ topic: topics.from, partitions: [{ partition: 0, offset: "5" }] }],
    });
    await stolen.commit();
    await thief.disconnect();

    await expect(transaction.commit("9")).rejects.toMatchObject({ reason: { code: "lease-lost" } });
    expect(await outsider.newest(topics.to, 10, 100)).toEqual([]);
    await until(() => receiver.epochs.get(lane)! > epoch, 30_000);
    expect(receiver.lanesRevoked).toContain(lane);
    await expect(source.transact!(lane, epoch)).rejects.toMatchObject({ reason: { code: "lease-lost" } });
    await until(() => receiver.received.length === 15);
    expect(receiver.received.slice(10).map(readNumber)).toEqual([5, 6, 7, 8, 9]);
    expect(receiver.states.filter((state) => state !== "running")).toEqual([]);
    await (await transact()).commit("9");
    await untilCommitted(topics.from, 10);
  });

  it("takes a commit whose answer was lost for what it is, and does its work once", async () => {
    const topics = await makeTopics(1);
    const proxy = new TcpProxy({ host, port: Number(port) }, true);
    await proxy.listen();
    const copy = await startCopy(openWorker(proxy), topics);
    await feed(topics.from, 0, 500);
    await until(() => copy.committed === 500, 30_000);
    for (let round = 1; round <= 5; round++) {
      proxy.loseAnswerTo = endTransaction;
      await feed(topics.from, round * 500, 500);
      await until(() => copy.committed === (round + 1) * 500, 30_000);
      expect(proxy.loseAnswerTo).toBeUndefined();
    }
    expect(copy.failures).toEqual([]);
    expect(await readBack(topics.to, 3_000)).toEqual(upTo(3_000));
    await copy.stop();
    await proxy.cut();
  });

  it("goes on after its connections broke, at any moment of a transaction", async () => {
    const topics = await makeTopics(4);
    const proxy = new TcpProxy({ host, port: Number(port) }, true);
    await proxy.listen();
    const copy = await startCopy(openWorker(proxy), topics);
    let fed = 0;
    const feedSome = async () => {
      await feed(topics.from, fed, 1_000);
      fed += 1_000;
    };
    await feedSome();
    await until(() => copy.committed > 0, 30_000);
    for (let round = 0; round < 4; round++) {
      const feeding = feedSome();
      await pause(Math.random() * 60);
      await proxy.cut();
      await pause(round === 3 ? 5_500 : Math.random() * 1_000);
      await proxy.listen();
      await feeding;
      const before = copy.committed;
      await until(() => copy.committed > before || copy.committed >= fed, 60_000);
    }
    await until(() => copy.committed >= fed, 60_000);
    expect(await readBack(topics.to, fed)).toEqual(upTo(fed));
    await untilCommitted(topics.from, fed);
    await copy.stop();
    await proxy.cut();
  });

  it("hands lanes over while they are worked, and does everything once", async () => {
    const topics = await makeTopics(4);
    let fed = 0;
    let feeding = true;
    const load = (async () => {
      for (; feeding; fed += 200) await Promise.all([feed(topics.from, fed, 200), pause(100)]);
    })();
    const first = await startCopy(openWorker(), topics);
    await until(() => first.committed > 0, 30_000);
    // One that is slow holds its transaction open when its lane is taken.
    first.beforeCommit = () => pause(Math.random() * 300);
    for (let round = 0; round < 2; round++) {
      const other = await startCopy(openWorker(), topics);
      await until(() => other.committed > 0, 30_000);
      await other.stop();
    }
    first.beforeCommit = () => {};
    feeding = false;
    await load;
    await untilCommitted(topics.from, fed);
    expect(await readBack(topics.to, fed)).toEqual(upTo(fed));
    await first.stop();
  });

  it("takes a transaction of another connection to the same cluster, and refuses what is none of Kafka's", async () => {
    const topics = await makeTopics(1);
    await feed(topics.from, 0, 1);
    const { receiver, transact } = await openByHand(openWorker(), topics.from);
    await until(() => receiver.received.length === 1);
    const other = openWorker(undefined, "by-another-name");
    const transaction = await transact();
    await writeIn(other, transaction, toRecords(topics.to, 0, 3));
    await transaction.commit("0");
    expect(await readBack(topics.to, 3)).toEqual(upTo(3));
    const foreign: Transaction = { commit: async () => {}, abort: async () => {} };
    expect(await other.port.produce(toRecords(topics.to, 0, 1), never, foreign)).toMatchObject([
      { verdict: "retry", of: "dependency", cause: { code: "transaction-foreign" } },
    ]);
  });
});
