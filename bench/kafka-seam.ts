/**
 * What our own encoder and decoder save: microseconds a record beside the client's own, and the plain loop consume → produce →
 * commit written by hand, once with stock kafkajs and once with the seam. Alternating rounds, medians. Needs a Kafka
 * (`npm run bench` starts it).
 */
import { createRequire } from "node:module";
import { cpus } from "node:os";
import {
  type Consumer,
  type EachBatchPayload,
  Kafka,
  type Message as KafkaJsMessage,
  logLevel,
  Partitioners,
} from "kafkajs";
import { bytesCodec } from "../flow/codecs/bytes";
import type { KafkaRecord } from "../flow/connection-ports";
import { servicesOfRunner } from "../runtime/system/rig";
import { openOutsider } from "../runtime/system/topics";
import { createClient, readSettings } from "../runtime/transports/kafka/client";
import { type ClientMessage, pinnedVersion, produceKey, requests } from "../runtime/transports/kafka/client-parts";
import { decodeFetch, type FetchedRecords } from "../runtime/transports/kafka/fetch-answer";
import { partitionOf } from "../runtime/transports/kafka/partitioner";
import { frameProduce } from "../runtime/transports/kafka/produce-request";
import { takeAll } from "../runtime/transports/kafka/record-batch";
import { listRecords } from "../runtime/transports/kafka/record-reader";
import { makeMessages } from "../runtime/transports/kafka/records";
import { PartitionRecords, sendRecords } from "../runtime/transports/kafka/seam";

const require = createRequire(import.meta.url);
const frameByClient = require("kafkajs/src/protocol/request") as (content: object) => Promise<{ buffer: Buffer }>;
const ClientBatch = require("kafkajs/src/consumer/batch") as new (
  topic: string,
  from: string,
  partition: object,
) => { messages: ClientMessage[] };

const total = Number(process.env.BENCH_MESSAGES ?? 200_000);
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const services = servicesOfRunner();
const partitions = 4;
const inBatch = 4_000;
const encoder = new TextEncoder();

const records: KafkaRecord[] = Array.from({ length: inBatch }, (_, n) => ({
  topic: "t",
  key: encoder.encode(`customer-${n % 1000}`),
  value: encoder.encode(
    JSON.stringify({ n, customer: `c-${n % 977}`, country: n % 2 ? "DE" : "FR", pad: "x".repeat(140) }),
  ),
  headers: [["traceparent", encoder.encode("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]],
}));
const messages: KafkaJsMessage[] = records.map(({ key, value, headers: [header] }) => ({
  key: Buffer.from(key!),
  value: Buffer.from(value!),
  headers: { [header![0]]: Buffer.from(header![1]) },
}));

const head = { apiKey: produceKey, apiVersion: 7, correlationId: 1, clientId: "bench" };

function contentOf(batch: unknown) {
  return { acks: -1, timeout: 8_000, topicData: [{ topic: "t", partitions: [{ partition: 0, messages: batch }] }] };
}

async function encodeByClient(): Promise<Buffer> {
  const { request } = requests.Produce.protocol({ version: 7 })(contentOf(messages));
  return (await frameByClient({ ...head, request })).buffer;
}

function encodeByUs(): Promise<Buffer> {
  return frameProduce(contentOf(new PartitionRecords(0, records)) as Parameters<typeof frameProduce>[0], head);
}

/** A fetch answer (version 11) with one partition. */
async function makeAnswer(): Promise<Buffer> {
  // After the frame's length and head, and the request's fields up to the batch's length.
  const batch = (await encodeByUs()).subarray(4 + 8 + 7 + 2 + 2 + 4 + 4 + 3 + 4 + 4 + 4);
  const inFront = Buffer.alloc(4 + 2 + 4 + 4 + 3 + 4 + 4 + 2 + 24 + 4 + 4 + 4);
  let at = inFront.writeInt32BE(1, 10);
  at = inFront.writeInt16BE(1, at);
  at += inFront.write("t", at);
  at = inFront.writeInt32BE(1, at) + 6;
  at = inFront.writeBigInt64BE(1_000_000n, at);
  at = inFront.writeBigInt64BE(1_000_000n, at) + 8 + 4;
  at = inFront.writeInt32BE(-1, at);
  inFront.writeInt32BE(batch.length, at);
  return Buffer.concat([inFront, batch]);
}
const content = { topics: [{ topic: "t", partitions: [{ partition: 0, fetchOffset: "0" }] }] };

async function decodeByClient(answer: Buffer): Promise<number> {
  const { response } = requests.Fetch.protocol({ version: 11 })(content);
  const { responses } = (await response.decode(answer)) as { responses: { partitions: object[] }[] };
  return new ClientBatch("t", "0", responses[0]!.partitions[0]!).messages.length;
}

async function decodeByUs(answer: Buffer): Promise<number> {
  const { responses } = await decodeFetch(answer, 11, content);
  return listRecords(responses[0]!.partitions[0]!.messages[0]!.batches).length;
}

const origin = { source: "in", lane: "t/0", codec: bytesCodec };

async function decodeToMessages(answer: Buffer): Promise<number> {
  const { responses } = await decodeFetch(answer, 11, content);
  const { batches } = responses[0]!.partitions[0]!.messages[0]!;
  return takeAll(batches, makeMessages(origin)).map(({ value }) => value).length;
}

/** Microseconds a record. */
async function time(work: () => Promise<unknown>): Promise<number> {
  const times = 25;
  const started = performance.now();
  for (let n = 0; n < times; n++) await work();
  return ((performance.now() - started) * 1000) / (times * inBatch);
}

interface Loop {
  readonly consumer: Consumer;
  take(payload: EachBatchPayload): Promise<{ count: number; last: string }>;
  close(): Promise<unknown>;
}

async function openStock(from: string, to: string): Promise<Loop> {
  const kafka = new Kafka({ clientId: "stock", brokers: services.kafkaBrokers.split(","), logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.JavaCompatiblePartitioner });
  const consumer = kafka.consumer({ groupId: `stock-${to}`, maxBytesPerPartition: 1_000_000 });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: from, fromBeginning: true });
  return {
    consumer,
    async take({ batch }) {
      for (let at = 0; at < batch.messages.length; at += inBatch) {
        const chunk = batch.messages
          .slice(at, at + inBatch)
          .map(({ key, value, headers }) => ({ key, value, headers }));
        await producer.send({ topic: to, acks: -1, messages: chunk as KafkaJsMessage[] });
      }
      return { count: batch.messages.length, last: batch.lastOffset() };
    },
    close: () => Promise.all([consumer.disconnect(), producer.disconnect()]),
  };
}

async function openWithSeam(from: string, to: string): Promise<Loop> {
  const environment = { kafkaBrokers: services.kafkaBrokers, redisUrl: undefined, databaseUrl: "" };
  const settings = readSettings({ name: "bench", config: {}, secrets: {}, environment, log: () => {} });
  const producer = createClient(settings).kafka.producer();
  const consumer = createClient(settings).kafka.consumer({ groupId: `seam-${to}`, maxBytesPerPartition: 1_000_000 });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: from, fromBeginning: true });
  return {
    consumer,
    async take({ batch }) {
      const fetched = batch.messages[0] as unknown as FetchedRecords;
      const fetchedRecords = listRecords(fetched.batches);
      for (let at = 0; at < fetchedRecords.length; at += inBatch) {
        const byPartition: KafkaRecord[][] = Array.from({ length: partitions }, () => []);
        for (const { key, value, headers } of fetchedRecords.slice(at, at + inBatch)) {
          byPartition[partitionOf(key!, partitions)]!.push({ topic: to, key, value, headers });
        }
        await Promise.all(
          byPartition.map(async (records, partition) => {
            if (records.length > 0) await sendRecords(producer, to, { partition, records, compression: "none" }, 8_000);
          }),
        );
      }
      return { count: fetchedRecords.length, last: fetched.offset };
    },
    close: () => Promise.all([consumer.disconnect(), producer.disconnect()]),
  };
}

/** Runs a loop over the whole topic. Returns messages per second, from the first that it gets to the last that it commits. */
async function run(from: string, { consumer, take, close }: Loop): Promise<number> {
  let started = 0;
  let done = 0;
  await new Promise<void>((resolve) => {
    void consumer.run({
      partitionsConsumedConcurrently: partitions,
      autoCommit: false,
      eachBatch: async (payload) => {
        started ||= performance.now();
        const { count, last } = await take(payload);
        payload.resolveOffset(last);
        const { partition } = payload.batch;
        await consumer.commitOffsets([{ topic: from, partition, offset: String(BigInt(last) + 1n) }]);
        await payload.heartbeat();
        done += count;
        if (done >= total) resolve();
      },
    });
  });
  const seconds = (performance.now() - started) / 1000;
  await close();
  return total / seconds;
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function compare(title: string, unit: string, cases: Record<string, () => Promise<number>>): Promise<void> {
  const seen = Object.keys(cases).map((name) => ({ name, values: [] as number[] }));
  for (const { name } of seen) await cases[name]!();
  for (let round = 0; round < rounds; round++) {
    for (const { name, values } of seen) values.push(await cases[name]!());
  }
  console.log(`\n${title} (${unit}, median of ${rounds} rounds, least and most)`);
  for (const { name, values } of seen) {
    const show = (value: number) => (value > 1_000 ? Math.round(value) : value.toFixed(2));
    console.log(`  ${name}: ${show(median(values))} (${show(Math.min(...values))}–${show(Math.max(...values))})`);
  }
}

const answer = await makeAnswer();
console.log(`kafka-seam: kafkajs ${pinnedVersion}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`);
await compare("encode a batch of 4,000 records with key and one header", "µs a record", {
  "the client": () => time(encodeByClient),
  ours: () => time(encodeByUs),
});
await compare("decode it", "µs a record", {
  "the client": () => time(() => decodeByClient(answer)),
  ours: () => time(() => decodeByUs(answer)),
  "ours, up to messages of a flow": () => time(() => decodeToMessages(answer)),
});

const outsider = await openOutsider(services.kafkaBrokers);
const source = `seam-${Date.now()}`;
await outsider.create(source, partitions);
for (let sent = 0; sent < total; sent += inBatch) await outsider.send(source, messages.slice(0, total - sent));
let made = 0;
async function target(): Promise<string> {
  const topic = `${source}.${++made}`;
  await outsider.create(topic, partitions);
  return topic;
}
await compare("the loop consume → produce → commit by hand", "messages a second", {
  "stock kafkajs": async () => run(source, await openStock(source, await target())),
  "with the seam": async () => run(source, await openWithSeam(source, await target())),
});
await outsider.close();
