import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { Kafka, logLevel, type Message } from "kafkajs";
import { Connection } from "rabbitmq-client";
import { readWithJava } from "../system/java-reader";
import type { SeenRecord } from "../system/topics";

/** What stands in topics and queues, read with plain clients, past the proxies. */

export interface BookRecord extends SeenRecord {
  /** Milliseconds since the epoch: of the append where the topic says so, else its maker's. */
  readonly timestamp: number;
}

const endMark = "end of the books";
const readTimeoutMs = 60_000;

/**
 * All committed records of a topic, in order of each partition. Writes a mark at each partition's end and reads up to it: transactions
 * leave offsets behind at which there is nothing to read.
 */
export async function readTopic(brokers: string, topic: string, partitions = 4): Promise<BookRecord[]> {
  const kafka = new Kafka({ clientId: "books", brokers: brokers.split(","), logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  const marks = Array.from({ length: partitions }, (_, partition): Message => ({ partition, value: endMark }));
  await producer.send({ topic, messages: marks, acks: -1 });
  await producer.disconnect();
  const consumer = kafka.consumer({ groupId: `books-${topic}-${Date.now()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const records: BookRecord[] = [];
  const open = new Set(marks.map(({ partition }) => partition));
  try {
    await new Promise<void>((resolve, reject) => {
      const refuse = () => reject(new Error(`${topic} could not be read to its end: ${[...open]} are open.`));
      setTimeout(refuse, readTimeoutMs).unref();
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) return reject(payload.error);
        // A broker that has just started still loads its groups: the consumer begins anew.
        records.length = 0;
        for (const { partition } of marks) open.add(partition);
      });
      void consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch: { partition, messages } }) => {
          for (const { key, value, headers = {}, offset, timestamp } of messages) {
            if (String(value) === endMark) open.delete(partition);
            else records.push({ partition, offset: BigInt(offset), key, value, headers, timestamp: Number(timestamp) });
          }
          if (open.size === 0) resolve();
        },
      });
    });
  } finally {
    await consumer.disconnect();
  }
  return records.sort((a, b) => a.partition - b.partition || Number(a.offset - b.offset));
}

/** As `readTopic`, for what was written in transactions: Kafka's own client knows which of them were aborted. */
export async function readCommitted(brokers: string, topic: string): Promise<SeenRecord[]> {
  return (await readWithJava(brokers, topic)).map(({ partition, offset, key, value }) => ({
    partition,
    offset: BigInt(offset),
    key: Buffer.from(key),
    value: Buffer.from(value),
    headers: {},
  }));
}

/** Its records carry the time of their append: what happened between two of them is seen by their times. */
export const timedTopic = { "message.timestamp.type": "LogAppendTime" };

/** Makes a topic with settings of its own. */
export async function createTopic(
  brokers: string,
  topic: string,
  settings: Record<string, string>,
  partitions = 4,
): Promise<void> {
  const kafka = new Kafka({ clientId: "books", brokers: brokers.split(","), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }], waitForLeaders: false });
  await admin.disconnect();
}

/** Data and key of all jobs that wait in a queue, oldest first. */
export async function readQueue(redisUrl: string, name: string): Promise<{ data: unknown; key: string }[]> {
  return withQueue(redisUrl, name, async (queue) => {
    const jobs = await queue.getJobs(["waiting", "prioritized", "delayed"], 0, -1, true);
    return jobs.map(({ data, opts }) => {
      const { key = "" } = JSON.parse(opts.telemetry?.metadata ?? "{}") as { key?: string };
      return { data: data as unknown, key };
    });
  });
}

/** Jobs that wait or are being worked. One that BullMQ gave up is none of them: the books miss it. */
export async function countJobs(redisUrl: string, name: string): Promise<number> {
  return withQueue(redisUrl, name, (queue) => queue.getJobCountByTypes("waiting", "active", "delayed", "prioritized"));
}

async function withQueue<T>(redisUrl: string, name: string, work: (queue: Queue) => Promise<T>): Promise<T> {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: 1, retryStrategy: () => 200 });
  connection.on("error", () => {});
  const queue = new Queue(name, { connection });
  queue.on("error", () => {});
  try {
    return await work(queue);
  } finally {
    await queue.close().catch(() => {});
    connection.disconnect();
  }
}

/** Has the group committed everything that stands in the topic? */
export async function isConsumed(brokers: string, groupId: string, topic: string): Promise<boolean> {
  const admin = new Kafka({
    clientId: "books",
    brokers: brokers.split(","),
    logLevel: logLevel.NOTHING,
    retry: { retries: 1 },
  }).admin();
  try {
    await admin.connect();
    const [ends, [group]] = await Promise.all([
      admin.fetchTopicOffsets(topic),
      admin.fetchOffsets({ groupId, topics: [topic] }),
    ]);
    const committed = new Map(group?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    return ends.every(({ partition, high, low }) =>
      Number(high) === Number(low) ? true : (committed.get(partition) ?? -1) >= Number(high),
    );
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** Does nothing wait in the queue? What a consumer has in hand is not seen here. */
export async function isQueueEmpty(url: string, queue: string): Promise<boolean> {
  const connection = new Connection({ url, retryLow: 60_000 });
  connection.on("error", () => {});
  try {
    await connection.onConnect(5_000);
    const { messageCount } = await connection.queueDeclare({ queue, passive: true });
    return messageCount === 0;
  } finally {
    await connection.close().catch(() => {});
  }
}

/** Has each group read and acknowledged all of the stream? */
export async function isStreamRead(url: string, stream: string): Promise<boolean> {
  const { last, groups } = await readStream(url, stream);
  // By where they stand: what Redis counts as their lag may be wrong after it was killed.
  return groups.every((group) => group.get("pending") === 0 && group.get("last-delivered-id") === last);
}

/** Entries that no group has acknowledged. */
export async function countUnread(url: string, stream: string): Promise<number> {
  const { length, groups } = await readStream(url, stream);
  return groups.reduce(
    (least, group) => Math.min(least, Number(group.get("lag")) + Number(group.get("pending"))),
    length,
  );
}

async function readStream(url: string, stream: string) {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: () => 200 });
  redis.on("error", () => {});
  const toMap = (fields: unknown) =>
    new Map((fields as unknown[]).flatMap((name, at, all) => (at % 2 === 0 ? [[name, all[at + 1]] as const] : [])));
  try {
    const info = toMap(await redis.xinfo("STREAM", stream));
    const groups = ((await redis.xinfo("GROUPS", stream)) as unknown[]).map(toMap);
    return { last: info.get("last-generated-id"), length: Number(info.get("length")), groups };
  } finally {
    redis.disconnect();
  }
}
