import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KafkaRecord } from "../../../flow/connection-ports";
import type { Header } from "../../../flow/message";
import { type ClientMessage, requests } from "./client-parts";
import { crc32c } from "./crc32c";
import { decodeFetch, type FetchedPartition } from "./fetch-answer";
import { frameProduce } from "./produce-request";
import { listRecords } from "./record-reader";
import { sizeOf, writeRecords } from "./record-writer";
import { PartitionRecords } from "./seam";

const require = createRequire(import.meta.url);
/** kafkajs's own filter of what was fetched: positions, control records, aborted transactions. */
const ClientBatch = require("kafkajs/src/consumer/batch") as new (
  topic: string,
  from: string,
  partition: object,
) => { messages: ClientMessage[]; lastOffset(): string };
const encodeMessageSet = require("kafkajs/src/protocol/messageSet") as (content: {
  messageVersion: number;
  entries: { key: Buffer | null; value: Buffer | null; timestamp?: number }[];
}) => { buffer: Buffer };

interface BatchOptions {
  readonly records: readonly KafkaRecord[];
  readonly compression?: number;
  readonly producerId?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  readonly appendTime?: number;
  /** Offsets after the last record that compaction emptied. */
  readonly gap?: number;
}

/** A batch as a broker stores it: what a producer sent, with its offsets and flags. */
async function makeBatch(baseOffset: number, options: BatchOptions): Promise<Buffer> {
  const { records, compression = 0, producerId = -1, appendTime } = options;
  const messages = new PartitionRecords(0, records);
  const frame = await frameProduce(
    {
      ...{ acks: -1, timeout: 1, compression, producerId },
      topicData: [{ topic: "t", partitions: [{ partition: 0, messages }] }],
    },
    { apiKey: 0, apiVersion: 7, correlationId: 1, clientId: "" },
  );
  const batch = frame.subarray(14 + 2 + 2 + 4 + 4 + 3 + 4 + 4 + 4);
  batch.writeBigInt64BE(BigInt(baseOffset), 0);
  const flags =
    (appendTime === undefined ? 0 : 0x08) | (options.isTransactional ? 0x10 : 0) | (options.isControl ? 0x20 : 0);
  batch.writeInt16BE(compression | flags, 21);
  batch.writeInt32BE(records.length - 1 + (options.gap ?? 0), 23);
  if (appendTime !== undefined) batch.writeBigInt64BE(BigInt(appendTime), 35);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

function makeMarker(commits: boolean): KafkaRecord {
  return { topic: "t", key: new Uint8Array([0, 0, 0, commits ? 1 : 0]), value: new Uint8Array(6), headers: [] };
}

const int16 = (value: number) => bytesOf(2, (buffer) => buffer.writeInt16BE(value));
const int32 = (value: number) => bytesOf(4, (buffer) => buffer.writeInt32BE(value));
const int64 = (value: number) => bytesOf(8, (buffer) => buffer.writeBigInt64BE(BigInt(value)));

function bytesOf(length: number, write: (buffer: Buffer) => void): Buffer {
  const buffer = Buffer.alloc(length);
  write(buffer);
  return buffer;
}

type Aborted = readonly { readonly producerId: number; readonly firstOffset: number }[];

/** An answer of a broker for partition 0 of topic `t`. */
function makeAnswer(version: number, records: Buffer, aborted: Aborted | null, errorCode = 0): Buffer {
  return Buffer.concat([
    int32(0),
    ...(version >= 7 ? [int16(0), int32(0)] : []),
    ...[int32(1), int16(1), Buffer.from("t"), int32(1)],
    ...[int32(0), int16(errorCode), int64(1_000_000), int64(1_000_000)],
    ...(version >= 5 ? [int64(0)] : []),
    int32(aborted === null ? -1 : aborted.length),
    ...(aborted ?? []).flatMap(({ producerId, firstOffset }) => [int64(producerId), int64(firstOffset)]),
    ...(version >= 11 ? [int32(-1)] : []),
    int32(records.length),
    records,
  ]);
}

/** What kafkajs makes of an answer, and what we do. */
async function readBoth(version: number, answer: Buffer, from: number) {
  const content = { topics: [{ topic: "t", partitions: [{ partition: 0, fetchOffset: String(from), maxBytes: 1 }] }] };
  const { response } = requests.Fetch.protocol({ version })(content);
  const theirs = (await response.decode(answer)) as { responses: { partitions: object[] }[] };
  const ours = await decodeFetch(answer, version, content);
  const batch = new ClientBatch("t", String(from), theirs.responses[0]!.partitions[0]!);
  return { batch, partition: ours.responses[0]!.partitions[0]! };
}

const asText = (bytes: Uint8Array | null | undefined) => (bytes ? Buffer.from(bytes).toString("latin1") : null);

function flattenTheirs({ offset, timestamp, key, value, headers = {} }: ClientMessage) {
  const named = Object.entries(headers).map(([name, values]) => [name, [values].flat().map((each) => String(each))]);
  return [Number(offset), Number(timestamp), asText(key), asText(value), named];
}

function flattenOurs(partition: FetchedPartition) {
  return listRecords(partition.messages[0]?.batches ?? []).map(({ offset, timestamp, key, value, headers }) => {
    const named = new Map<string, string[]>();
    for (const [name, content] of headers) {
      named.set(name, [...(named.get(name) ?? []), Buffer.from(content).toString()]);
    }
    return [offset, timestamp, asText(key), asText(value), [...named]];
  });
}

const bytes = fc.oneof(fc.uint8Array({ maxLength: 30 }), fc.uint8Array({ minLength: 100, maxLength: 300 }));
// Not four zeros: kafkajs takes a record with such a key for the end of a transaction.
const key = bytes.filter((content) => content.length !== 4);
const header: fc.Arbitrary<Header> = fc.tuple(fc.constantFrom("a", "b", "länge", "traceparent"), fc.uint8Array());
const record = fc.record({
  topic: fc.constant("t"),
  key: fc.option(key),
  value: fc.option(bytes),
  headers: fc.array(header, { maxLength: 4 }),
  timestamp: fc.integer({ min: 0, max: 9_000_000_000_000 }),
}) as fc.Arbitrary<KafkaRecord>;
const records = fc.array(record, { minLength: 1, maxLength: 6 });
const compression = fc.constantFrom(0, 0, 1, 2, 3, 4);

/** One step of a log: a batch of a producer, plain or in its transaction, or the end of its transaction. */
const step = fc.record({
  producerId: fc.integer({ min: 1, max: 3 }),
  does: fc.constantFrom("writes", "writes in transaction", "writes in transaction", "commits", "aborts"),
  records,
  compression,
  appendTime: fc.option(fc.integer({ min: 1, max: 9_000_000_000_000 }), { nil: undefined }),
});

async function makeLog(steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[], begin: number) {
  const batches: Buffer[] = [];
  const begun = new Map<number, number>();
  const aborted: { producerId: number; firstOffset: number }[] = [];
  let offset = begin;
  for (const { producerId, does, ...content } of steps) {
    const isWrite = does.startsWith("writes");
    if (!isWrite && !begun.has(producerId)) continue;
    const isTransactional = does !== "writes";
    if (does === "writes in transaction" && !begun.has(producerId)) begun.set(producerId, offset);
    if (does === "aborts") aborted.push({ producerId, firstOffset: begun.get(producerId)! });
    if (!isWrite) begun.delete(producerId);
    const options: BatchOptions = isWrite
      ? { ...content, producerId: isTransactional ? producerId : -1, isTransactional }
      : { records: [makeMarker(does === "commits")], producerId, isTransactional, isControl: true };
    batches.push(await makeBatch(offset, options));
    offset += options.records.length;
  }
  return { bytes: Buffer.concat(batches), aborted: aborted.sort((a, b) => a.firstOffset - b.firstOffset), end: offset };
}

describe("a fetch answer", () => {
  it("is read as the client reads it: all versions, compressions, transactions, a last batch cut off", async () => {
    let filtered = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 14, size: "max" }),
        fc.constantFrom(4, 5, 6, 7, 8, 9, 10, 11),
        fc.integer({ min: 0, max: 5_000_000_000 }),
        fc.nat(400),
        fc.boolean(),
        async (steps, version, begin, cut, committed) => {
          const log = await makeLog(steps, begin);
          // The client's own decoder fails on less than the beginning of a batch.
          const left = log.bytes.length - cut;
          const seen = log.bytes.subarray(0, left < 17 ? 0 : left);
          const answer = makeAnswer(version, seen, committed ? log.aborted : null);
          const { batch, partition } = await readBoth(version, answer, begin);
          expect(flattenOurs(partition)).toEqual(batch.messages.map(flattenTheirs));
          if (partition.messages.length > 0) expect(partition.messages[0]!.offset).toBe(batch.lastOffset());
          if (committed && log.aborted.length > 0) filtered++;
        },
      ),
      { numRuns: 300 },
    );
    expect(filtered).toBeGreaterThan(10);
  }, 60_000);

  it("begins where it was asked to, inside a batch and inside an aborted transaction", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 4, maxLength: 14 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (steps, share) => {
          const log = await makeLog(steps, 100);
          const from = 100 + Math.floor((log.end - 100) * share);
          const answer = makeAnswer(11, log.bytes, log.aborted);
          const [all, part] = [await readBoth(11, answer, 100), await readBoth(11, answer, from)];
          expect(flattenOurs(part.partition)).toEqual(
            flattenOurs(all.partition).filter(([offset]) => (offset as number) >= from),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it("goes on after offsets that compaction emptied, and after a batch with nothing to hand over", async () => {
    const value = { topic: "t", key: null, value: null, headers: [], timestamp: 1 };
    const compacted = await makeBatch(10, { records: [value, value], gap: 5 });
    const { partition } = await readBoth(11, makeAnswer(11, compacted, []), 10);
    expect(partition.messages[0]).toMatchObject({ offset: "16", end: 17 });
    const marker = await makeBatch(17, {
      records: [makeMarker(true)],
      producerId: 1,
      isTransactional: true,
      isControl: true,
    });
    const { partition: control } = await readBoth(11, makeAnswer(11, marker, []), 17);
    expect(control.messages).toMatchObject([{ batches: [], offset: "17", end: 18 }]);
    const { partition: empty } = await readBoth(11, makeAnswer(11, Buffer.alloc(0), []), 17);
    expect(empty.messages).toEqual([]);
  });

  it.each([0, 1])("is left to the client in the old format %i", async (messageVersion) => {
    const entries = [3, 4, 5].map((n) => ({
      key: Buffer.from(`k${n}`),
      value: n === 4 ? null : Buffer.from(`v${n}`),
      timestamp: n,
    }));
    const { buffer } = encodeMessageSet({ messageVersion, entries });
    const { batch, partition } = await readBoth(11, makeAnswer(11, buffer, null), 0);
    const theirs = batch.messages.map(({ key, value }) => [asText(key), asText(value)]);
    expect(theirs.length).toBe(3);
    expect(listRecords(partition.messages[0]!.batches).map(({ key, value }) => [asText(key), asText(value)])).toEqual(
      theirs,
    );
  });

  it("is written on as it came, byte for byte", async () => {
    await fc.assert(
      fc.asyncProperty(records, async (each) => {
        const answer = makeAnswer(11, await makeBatch(0, { records: each }), null);
        const { partition } = await readBoth(11, answer, 0);
        const fetched = listRecords(partition.messages[0]!.batches);
        const write = (of: readonly KafkaRecord[]) => {
          const target = Buffer.alloc(of.reduce((sum, one) => sum + sizeOf(one), 0));
          return target.subarray(0, writeRecords(target, 0, of, 0, 5));
        };
        const read = fetched.map(({ key, value, headers }) => ({ topic: "t", key, value, headers }));
        const untouched = { topic: "t", key: null, value: null, headers: [] };
        expect(write(fetched.map((one) => ({ ...untouched, wire: one.wire() })))).toEqual(write(read));
      }),
      { numRuns: 100 },
    );
  });

  it("keeps the order of headers, which the client does not", async () => {
    const headers = ["a", "b", "a"].map((name, n) => [name, new Uint8Array([n])] as const);
    const bytes = await makeBatch(0, { records: [{ topic: "t", key: null, value: null, headers }] });
    const { partition } = await readBoth(11, makeAnswer(11, bytes, null), 0);
    expect(listRecords(partition.messages[0]!.batches)[0]!.headers).toEqual(headers);
  });

  it("says that its records are damaged, or compressed in an unknown way, and never hangs", async () => {
    const content = { topics: [] };
    const one = [{ topic: "t", key: null, value: new Uint8Array(50), headers: [] }];
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 17, max: 100 }), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const batch = await makeBatch(0, { records: one });
        batch[at]! ^= change;
        await expect(decodeFetch(makeAnswer(11, batch, null), 11, content)).rejects.toMatchObject({
          code: "codec-decode",
        });
      }),
    );
    for (const length of [0, -1, 48]) {
      const batch = await makeBatch(0, { records: one });
      batch.writeInt32BE(length, 8);
      await expect(decodeFetch(makeAnswer(11, batch, null), 11, content)).rejects.toMatchObject({
        name: "RecordsError",
      });
    }
    const unknown = await makeBatch(0, { records: one });
    unknown.writeInt16BE(7, 21);
    unknown.writeUInt32BE(crc32c(unknown.subarray(21)), 17);
    await expect(decodeFetch(makeAnswer(11, unknown, null), 11, content)).rejects.toThrow("Compression 7");
  });
});
