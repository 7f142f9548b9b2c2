import type { RecordBatch } from "./record-batch";
import { type AbortedTransaction, type ReadRecords, readRecords } from "./record-reader";

/** A fetch request as kafkajs hands it on: where each partition was to be read from. */
export interface FetchContent {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly fetchOffset: string | number }[];
  }[];
}

/**
 * What an answer has of one partition. kafkajs takes it for its only message, with the offset of the last, and so does nothing
 * once per record. It is handed over without a record in it too, where all were control records or of aborted transactions: passed
 * over by kafkajs itself, it would not be seen from which position it was fetched.
 */
export class FetchedRecords implements ReadRecords {
  readonly batches: readonly RecordBatch[];
  readonly end: number;
  readonly offset: string;

  constructor({ batches, end }: ReadRecords) {
    this.batches = batches;
    this.end = end;
    this.offset = String(end - 1);
  }
}

/** A partition in an answer, as kafkajs has it. */
export interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly lastStartOffset: string | undefined;
  /** Left out of the records already. */
  readonly abortedTransactions: readonly never[];
  readonly preferredReadReplica: number | undefined;
  readonly messages: readonly FetchedRecords[];
}

export interface FetchAnswer {
  readonly throttleTime: number;
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly FetchedPartition[] }[];
}

/** The first version whose answers hold record batches. */
export const oldestFetchVersion = 4;
const withLogStart = 5;
const withSession = 7;
/** Before it, the broker itself held the answer back when it throttled. */
const withClientThrottle = 8;
const withPreferredReplica = 11;

/** Reads an answer of versions 4 to 11. @throws RecordsError */
export async function decodeFetch(answer: Buffer, version: number, content: FetchContent): Promise<FetchAnswer> {
  const reader = new Reader(answer);
  const throttleMs = reader.int32();
  const errorCode = version >= withSession ? reader.int16() : 0;
  if (version >= withSession) reader.int32();
  const responses = new Array<FetchAnswer["responses"][number]>(Math.max(0, reader.int32()));
  for (let index = 0; index < responses.length; index++) {
    const topicName = reader.text();
    const partitions = new Array<FetchedPartition>(Math.max(0, reader.int32()));
    for (let at = 0; at < partitions.length; at++) {
      partitions[at] = await decodePartition(reader, version, topicName, content);
    }
    responses[index] = { topicName, partitions };
  }
  return {
    throttleTime: 0,
    clientSideThrottleTime: version >= withClientThrottle ? throttleMs : 0,
    errorCode,
    responses,
  };
}

async function decodePartition(
  reader: Reader,
  version: number,
  topic: string,
  content: FetchContent,
): Promise<FetchedPartition> {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = String(reader.int64());
  const lastStableOffset = String(reader.int64());
  const lastStartOffset = version >= withLogStart ? String(reader.int64()) : undefined;
  const aborted: AbortedTransaction[] = [];
  for (let count = reader.int32(); count > 0; count--) {
    aborted.push({ producerId: reader.int64(), firstOffset: Number(reader.int64()) });
  }
  const preferredReadReplica = version >= withPreferredReplica ? reader.int32() : undefined;
  const bytes = reader.bytes();
  const from = findFrom(content, topic, partition);
  const read = await readRecords(bytes, from, aborted);
  return {
    partition,
    errorCode,
    highWatermark,
    lastStableOffset,
    lastStartOffset,
    abortedTransactions: [],
    preferredReadReplica,
    messages: read.end > from ? [new FetchedRecords(read)] : [],
  };
}

function findFrom({ topics }: FetchContent, topic: string, partition: number): number {
  for (const asked of topics) {
    if (asked.topic !== topic) continue;
    for (const each of asked.partitions) if (each.partition === partition) return Number(each.fetchOffset);
  }
  return 0;
}

class Reader {
  #at = 0;
  readonly #answer: Buffer;

  constructor(answer: Buffer) {
    this.#answer = answer;
  }

  int16(): number {
    this.#at += 2;
    return this.#answer.readInt16BE(this.#at - 2);
  }
  int32(): number {
    this.#at += 4;
    return this.#answer.readInt32BE(this.#at - 4);
  }
  int64(): bigint {
    this.#at += 8;
    return this.#answer.readBigInt64BE(this.#at - 8);
  }
  text(): string {
    return String(this.#take(this.int16()));
  }
  bytes(): Buffer {
    return this.#take(this.int32());
  }
  #take(length: number): Buffer {
    const start = this.#at;
    if (length > 0) this.#at += length;
    return this.#answer.subarray(start, this.#at);
  }
}
