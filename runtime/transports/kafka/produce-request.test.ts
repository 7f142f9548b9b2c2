import { createRequire } from "node:module";
import fc from "fast-check";
import type { IHeaders, Message as KafkaJsMessage } from "kafkajs";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { KafkaRecord } from "../../../flow/connection-ports";
import { checkVersion, pinnedVersion, produceKey, requests } from "./client-parts";
import "./compression";
import { crc32c } from "./crc32c";
import { partitionOf, partitionOfWire } from "./partitioner";
import { frameProduce, type ProduceContent } from "./produce-request";
import { RecordBatch } from "./record-batch";
import { listRecords } from "./record-reader";
import { sizeOf, writeRecords } from "./record-writer";
import { PartitionRecords } from "./seam";

const require = createRequire(import.meta.url);
const frameByClient = require("kafkajs/src/protocol/request") as (content: {
  correlationId: number;
  clientId: string;
  request: unknown;
}) => Promise<{ buffer: Buffer }>;
const crc32cOfClient = require("kafkajs/src/protocol/recordBatch/crc32C") as (bytes: Buffer) => number;
const Decoder = require("kafkajs/src/protocol/decoder") as new (bytes: Buffer) => object;
const decodeBatch = require("kafkajs/src/protocol/recordBatch/v0/decoder") as (decoder: object) => Promise<{
  firstTimestamp: string;
  maxTimestamp: string;
  records: { timestamp: string; headers: IHeaders }[];
}>;

afterEach(() => {
  vi.useRealTimers();
});

/** The client's own message of a record: its headers by name. */
function toClient({ key, value, headers, timestamp }: KafkaRecord): KafkaJsMessage {
  const grouped: Record<string, Buffer[]> = Object.create(null);
  for (const [name, content] of headers) {
    grouped[name] ??= [];
    grouped[name].push(Buffer.from(content));
  }
  return {
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: grouped,
    ...(timestamp === undefined ? {} : { timestamp: String(timestamp) }),
  };
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.uint8Array({ minLength: 60, maxLength: 300 }),
  fc.constant(new Uint8Array(9_000).fill(7)),
);
const nameOfHeader = fc.stringMatching(/^[a-zé€😀-]{1,12}$/u);
/** The client keeps the values of one name together, so its own encoder can only be asked about headers that are. */
const headersByName = fc
  .uniqueArray(fc.tuple(nameOfHeader, fc.array(bytes, { minLength: 1, maxLength: 3 })), {
    maxLength: 3,
    selector: ([name]) => name,
  })
  .map((groups) => groups.flatMap(([name, values]) => values.map((value) => [name, value] as const)));

const thirteenDigits = fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 });
const topicName = fc.stringMatching(/^[a-z.]{1,20}$/);

function recordsOf(timestamp: fc.Arbitrary<number | undefined>): fc.Arbitrary<KafkaRecord[]> {
  const record = fc.record({
    topic: fc.constant("t"),
    key: fc.option(bytes),
    value: fc.option(bytes),
    headers: headersByName,
    timestamp,
  }) as fc.Arbitrary<KafkaRecord>;
  return fc.oneof(
    fc.array(record, { minLength: 1, maxLength: 5 }),
    fc.array(record, { minLength: 60, maxLength: 140 }),
  );
}

/** The client takes the timestamps of a batch as text and mixes up those of records without one: all have one here, or none. */
const records = fc.oneof(recordsOf(thirteenDigits), recordsOf(fc.constant(undefined)));
const partitions = fc.array(fc.record({ partition: fc.nat(200), firstSequence: fc.nat(2_000_000_000), records }), {
  minLength: 1,
  maxLength: 3,
});
const content = fc.record({
  acks: fc.constantFrom(-1, 0, 1),
  timeout: fc.nat(100_000),
  transactionalId: fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
  producerId: fc.oneof(
    fc.constant(undefined),
    fc.bigInt({ min: 0n, max: 2n ** 62n }).map(String),
    fc.nat().map((value) => value),
  ),
  producerEpoch: fc.nat(30_000),
  compression: fc.constantFrom(0, 0, 1, 2, 3, 4),
  topicData: fc.array(fc.record({ topic: topicName, partitions }), { minLength: 1, maxLength: 2 }),
});

describe("a produce request", () => {
  it("is byte for byte what the client makes", async () => {
    vi.useFakeTimers({ now: 1_764_000_000_123, toFake: ["Date"] });
    let compressed = 0;
    await fc.assert(
      fc.asyncProperty(
        content,
        fc.constantFrom(3, 4, 5, 6, 7),
        fc.string({ maxLength: 30 }),
        fc.nat(2_000_000_000),
        async ({ topicData, ...rest }, apiVersion, clientId, correlationId) => {
          const ours: ProduceContent = {
            ...rest,
            topicData: topicData.map(({ topic, partitions }) => ({
              topic,
              partitions: partitions.map(({ partition, firstSequence, records }) => ({
                partition,
                firstSequence,
                messages: new PartitionRecords(partition, records),
              })),
            })),
          };
          const theirs = {
            ...rest,
            topicData: topicData.map(({ topic, partitions }) => ({
              topic,
              partitions: partitions.map(({ records, ...partition }) => ({
                ...partition,
                messages: records.map(toClient),
              })),
            })),
          };
          if (rest.compression > 0) compressed++;
          const { request } = requests.Produce.protocol({ version: apiVersion })(theirs);
          const expected = await frameByClient({ correlationId, clientId, request });
          const framed = await frameProduce(ours, { apiKey: produceKey, apiVersion, correlationId, clientId });
          expect(framed.equals(expected.buffer)).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
    expect(compressed).toBeGreaterThan(20);
  }, 60_000);

  it("writes what was fetched as if it had been read, also with another value", async () => {
    const other = fc.option(bytes);
    const frame = (record: KafkaRecord) =>
      frameProduce(
        {
          acks: -1,
          timeout: 1,
          topicData: [{ topic: "t", partitions: [{ partition: 0, messages: new PartitionRecords(0, [record]) }] }],
        },
        { apiKey: produceKey, apiVersion: 7, correlationId: 1, clientId: "c" },
      );
    await fc.assert(
      fc.asyncProperty(recordsOf(thirteenDigits), other, async ([record], value) => {
        const plain = record!;
        const written = Buffer.alloc(sizeOf(plain));
        const end = writeRecords(written, 0, [plain], plain.timestamp!, 0);
        const head = { baseOffset: 0, baseTimestamp: 0, appendTime: undefined, count: 1 };
        const wire = listRecords([new RecordBatch(written.subarray(0, end), head, 0)])[0]!.wire();
        expect(await frame({ ...plain, wire })).toEqual(await frame(plain));
        expect(await frame({ ...plain, value, wire, isRemade: true })).toEqual(await frame({ ...plain, value }));
        expect(partitionOfWire(wire, 7)).toBe(plain.key && partitionOf(plain.key, 7));
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it("keeps every timestamp, also beside records without one and far apart", async () => {
    const now = 1_764_000_000_123;
    await fc.assert(
      fc.asyncProperty(recordsOf(fc.option(fc.nat(8_640_000_000_000_000), { nil: undefined })), async (records) => {
        const batch = await decodeBatch(new Decoder(await batchOf(records, now)));
        const expected = records.map(({ timestamp = now }) => timestamp);
        expect(batch.records.map(({ timestamp }) => Number(timestamp))).toEqual(expected);
        expect(Number(batch.maxTimestamp)).toBe(Math.max(...expected));
      }),
      { numRuns: 100 },
    );
  });

  it("keeps the order of headers whose names alternate", async () => {
    const headers = ["a", "b", "a"].map((name, n) => [name, new Uint8Array([n])] as const);
    const frame = await batchOf([{ topic: "t", key: null, value: null, headers }], 1);
    const wire = Buffer.from([6, 2, 97, 2, 0, 2, 98, 2, 1, 2, 97, 2, 2]);
    expect(frame.subarray(-wire.length)).toEqual(wire);
  });
});

/** The one batch of a request, without what stands in front of it. */
async function batchOf(records: readonly KafkaRecord[], now: number): Promise<Buffer> {
  const content = {
    acks: -1,
    timeout: 1,
    topicData: [{ topic: "t", partitions: [{ partition: 0, messages: new PartitionRecords(0, records) }] }],
  };
  const head = { apiKey: produceKey, apiVersion: 7, correlationId: 1, clientId: "" };
  const frame = await frameProduce(content, head, now);
  const inFront = 14 + 2 + 2 + 4 + 4 + 3 + 4 + 4 + 4;
  return frame.subarray(inFront);
}

it("has the native checksum, which is that of the client", () => {
  expect(crc32c).not.toBe(crc32cOfClient);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      expect(crc32c(Buffer.from(bytes))).toBe(crc32cOfClient(Buffer.from(bytes)));
    }),
  );
});

it("refuses another version of the client", () => {
  expect(() => checkVersion(pinnedVersion)).not.toThrow();
  expect(() => checkVersion("2.2.5")).toThrow("kafkajs 2.2.5 is installed");
});
