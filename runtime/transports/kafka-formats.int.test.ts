import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonCodec } from "../../flow/codecs/json";
import type { Compression, KafkaRecord } from "../../flow/connection-ports";
import type { Message } from "../../flow/message";
import { fetchKafka } from "../../scripts/services/kafka.mjs";
import { createTopic } from "../system/topics";
import { Receiver, until } from "./conformance";
import { openKafka } from "./kafka";
import { createClient, readSettings } from "./kafka/client";
import { sendRecords } from "./kafka/seam";

const brokers = process.env.KAFKA_BROKERS;
if (brokers === undefined) throw new Error("KAFKA_BROKERS is not set: these tests need a real Kafka");
const options = {
  name: "kafka",
  config: {},
  secrets: {},
  environment: { kafkaBrokers: brokers, redisUrl: undefined, databaseUrl: "" },
  log: () => {},
};
const never = new AbortController().signal;
const compressions: Compression[] = ["none", "gzip", "snappy", "lz4", "zstd"];
const perTopic = 3_000;
const firstTimestamp = 1_700_000_000_000;

const transport = openKafka(options);
const plain = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING });
const admin = plain.admin();
const made: string[] = [];

async function makeTopic(name = `formats-${randomUUID()}`): Promise<string> {
  made.push(name);
  await createTopic(admin, { topic: name, numPartitions: 1 });
  return name;
}

beforeAll(() => admin.connect());
afterAll(async () => {
  await transport.close();
  await admin.deleteTopics({ topics: made }).catch(() => {});
  await admin.disconnect();
});

const encoder = new TextEncoder();

/** Records of all kinds: without key, tombstones, empty, long, headers with repeated names, timestamps that go back. */
function makeRecords(topic: string, label: string): KafkaRecord[] {
  return Array.from({ length: perTopic }, (_, n) => ({
    topic,
    key: n % 7 === 0 ? null : encoder.encode(`${label}-ключ-${n}`),
    value: n % 11 === 0 ? null : encoder.encode(n % 13 === 0 ? "" : `${label} ${n} ${"ä-".repeat(n % 200)}`),
    headers: [
      ["label", encoder.encode(label)],
      ...Array.from({ length: n % 4 }, (_, at) => ["many", encoder.encode(`${n}.${at}`)] as const),
    ],
    timestamp: firstTimestamp + ((n * 7_919) % perTopic) * 1_000_003,
  }));
}

/** A record as Java's console consumer prints it. */
function print({ key, value, headers, timestamp }: KafkaRecord, offset: number): string {
  const text = (bytes: Uint8Array | null) => (bytes === null ? "null" : Buffer.from(bytes).toString());
  const list = headers.map(([name, content]) => `${name}:${text(content)}`).join(",");
  return [`CreateTime:${timestamp}`, `Offset:${offset}`, list || "NO_HEADERS", text(key), text(value)].join("|");
}

/** Reads topics with the Java client, which checks the checksum of every batch. */
async function readWithJava(topics: string, count: number): Promise<string[]> {
  const shown = ["print.key", "print.timestamp", "print.headers", "print.offset"].map((name) => `${name}=true`);
  const { stdout } = await promisify(execFile)(
    "java",
    [
      ...["-Xmx256m", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8"],
      ...["-cp", join(await fetchKafka(), "*"), "org.apache.kafka.tools.consumer.ConsoleConsumer"],
      ...["--bootstrap-server", brokers!, "--include", topics, "--from-beginning"],
      ...["--isolation-level", "read_committed", "--max-messages", String(count), "--timeout-ms", "60000"],
      // A topic of the pattern that it does not know of at first is looked for again every five minutes else.
      ...["check.crcs=true", "metadata.max.age.ms=1000"].flatMap((value) => ["--command-property", value]),
      ...[...shown, "key.separator=|", "headers.separator=,"].flatMap((value) => ["--formatter-property", value]),
    ],
    { maxBuffer: 64 * 1024 * 1024, encoding: "utf8" },
  );
  return stdout.split("\n").filter((line) => line !== "");
}

describe("what is written", () => {
  it("is read by Java, in every compression, in transactions too", async () => {
    const prefix = `java-${randomUUID()}`;
    const expected = new Set<string>();
    for (const compression of compressions) {
      const topic = await makeTopic(`${prefix}.${compression}`);
      const records = makeRecords(topic, compression);
      const verdicts = await transport.port.produce(records, never, undefined, compression);
      expect(verdicts.every(({ verdict }) => verdict === "done")).toBe(true);
      for (const [offset, record] of records.entries()) expected.add(print(record, offset));
    }
    const topic = await makeTopic(`${prefix}.transactions`);
    const { kafka } = createClient(readSettings(options));
    const producer = kafka.producer({
      transactionalId: topic,
      maxInFlightRequests: 1,
      idempotent: true,
      // The last transaction's end may still be written down when the next begins.
      retry: { retries: 20, initialRetryTime: 20 },
    });
    await producer.connect();
    let offset = 0;
    for (const [n, commits] of [true, false, true].entries()) {
      const transaction = await producer.transaction();
      // Two requests: the second one's first sequence follows from the first one's number of records.
      for (const part of ["a", "b"]) {
        const records = makeRecords(topic, `transaction-${n}-${part}`).slice(0, 50);
        expect(await sendRecords(transaction, topic, { partition: 0, records, compression: "lz4" }, 8_000)).toBe(
          offset,
        );
        if (commits) for (const [index, record] of records.entries()) expected.add(print(record, offset + index));
        offset += records.length;
      }
      await (commits ? transaction.commit() : transaction.abort());
      offset += 1;
    }
    await producer.disconnect();
    const seen = await readWithJava(`${prefix}.*`, expected.size);
    expect(seen.length).toBe(expected.size);
    expect(seen.filter((line) => !expected.has(line)).slice(0, 3)).toEqual([]);
    expect(new Set(seen).size).toBe(expected.size);
  });

  it.each(compressions)("is read back, in %s", async (compression) => {
    const topic = await makeTopic();
    const records = makeRecords(topic, compression);
    await transport.port.produce(records, never, undefined, compression);
    const receiver = new Receiver();
    receiver.source = await transport.port.consume(
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
      receiver,
    );
    await until(() => receiver.received.length === perTopic);
    const bytes = (content: Uint8Array | null) => (content === null ? null : Buffer.from(content).toString("latin1"));
    const flat = ({ key, value, headers }: KafkaRecord | Message) => [
      bytes(key),
      bytes(value),
      ...headers.flatMap(([name, content]) => [name, bytes(content)]),
    ];
    expect(receiver.received.map(flat)).toEqual(records.map(flat));
    expect(receiver.received.map(({ meta }) => meta.timestamp)).toEqual(records.map(({ timestamp }) => timestamp));
    await receiver.source.stop();
  });
});
