import { type ClientMessage, decodeOldMessages } from "./client-parts";
import { decompress } from "./compression";
import { checkCrc32c } from "./crc32c";
import { FetchedRecord } from "./fetched-record";
import { type BatchHead, RecordBatch, takeAll } from "./record-batch";
import { sizeOf, writeRecords } from "./record-writer";
import { damaged } from "./records-error";
import { Cursor } from "./varint";

/** A transaction that was taken back: what its producer wrote from there on, up to its marker, is not handed over. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/** What an answer has of a partition. `end` is the offset to go on at: after what was read, or where it began. */
export interface ReadRecords {
  readonly batches: readonly RecordBatch[];
  readonly end: number;
}

/** All records of batches, taken apart. */
export function listRecords(batches: readonly RecordBatch[]): FetchedRecord[] {
  return takeAll(batches, (...of) => new FetchedRecord(...of));
}

const magicAt = 16;
const currentMagic = 2;
/** Offset and length, which the length does not count. */
const lengthEnd = 12;
const headBytes = 61;
const compressionMask = 0x07;
const appendTimeFlag = 0x08;
const transactionalFlag = 0x10;
const controlFlag = 0x20;

/**
 * Reads the batches of a partition from an offset on. Control records and those of aborted transactions are left out, and so is
 * a last batch that was cut off. @throws RecordsError
 */
export async function readRecords(
  bytes: Buffer,
  from: number,
  aborted: readonly AbortedTransaction[],
): Promise<ReadRecords> {
  if (bytes.length > magicAt && bytes[magicAt]! < currentMagic) return readOld(bytes, from);
  const batches: RecordBatch[] = [];
  const filter = new TransactionFilter(aborted);
  let end = from;
  for (let at = 0; at + headBytes <= bytes.length; ) {
    const next = at + lengthEnd + bytes.readInt32BE(at + 8);
    if (next < at + headBytes) throw damaged(readInt64(bytes, at), "they have no length");
    if (next > bytes.length) break;
    const batch = readHead(bytes, at, next);
    if (filter.lets(batch)) {
      const { compression } = batch;
      const plain = compression === 0 ? batch.content : await decompress(compression, batch.content);
      const records = new RecordBatch(plain, batch, from);
      if (records.count > 0) batches.push(records);
    }
    end = Math.max(end, batch.lastOffset + 1);
    at = next;
  }
  return { batches, end };
}

interface Batch extends BatchHead {
  readonly lastOffset: number;
  readonly producerId: bigint;
  readonly compression: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly content: Buffer;
}

function readHead(bytes: Buffer, at: number, next: number): Batch {
  const baseOffset = readInt64(bytes, at);
  if (!checkCrc32c(bytes.subarray(at + 21, next), bytes.readUInt32BE(at + 17))) {
    throw damaged(baseOffset, "their checksum is wrong");
  }
  const attributes = bytes.readInt16BE(at + 21);
  return {
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(at + 23),
    baseTimestamp: readInt64(bytes, at + 27),
    appendTime: (attributes & appendTimeFlag) === 0 ? undefined : readInt64(bytes, at + 35),
    producerId: bytes.readBigInt64BE(at + 43),
    compression: attributes & compressionMask,
    isTransactional: (attributes & transactionalFlag) !== 0,
    isControl: (attributes & controlFlag) !== 0,
    count: bytes.readInt32BE(at + 57),
    content: bytes.subarray(at + headBytes, next),
  };
}

/** Knows for each batch whether its transaction was taken back. */
class TransactionFilter {
  readonly #waiting: AbortedTransaction[];
  readonly #aborted = new Set<bigint>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#waiting = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Is the batch to be handed over? Asked for each, in order. */
  lets(batch: Batch): boolean {
    while (this.#waiting.length > 0 && this.#waiting[0]!.firstOffset <= batch.lastOffset) {
      this.#aborted.add(this.#waiting.shift()!.producerId);
    }
    if (batch.isControl) {
      if (isAbortMarker(batch.content)) this.#aborted.delete(batch.producerId);
      return false;
    }
    return !(batch.isTransactional && this.#aborted.has(batch.producerId));
  }
}

/** A control record says what it is in its key: a version, and 0 for a transaction that was taken back. */
function isAbortMarker(content: Buffer): boolean {
  const cursor = new Cursor(content, 0);
  cursor.readVarint();
  cursor.at++;
  cursor.readVarlong();
  cursor.readVarint();
  const key = cursor.readBytes();
  return key !== null && key.length >= 4 && key[2] === 0 && key[3] === 0;
}

/** The formats before Kafka 0.11 have neither headers nor transactions. They are seldom by now: the client's own decoder does. */
async function readOld(bytes: Buffer, from: number): Promise<ReadRecords> {
  const messages = await decodeOldMessages(bytes);
  const batches = messages.map(rewrite).filter(({ head }) => head.baseOffset >= from);
  return { batches, end: batches.length === 0 ? from : batches[batches.length - 1]!.head.baseOffset + 1 };
}

/** As a batch of today with one record, so that there is one kind of them. */
function rewrite({ offset, timestamp, key, value }: ClientMessage): RecordBatch {
  const record = { topic: "", key, value, headers: [] };
  const bytes = Buffer.alloc(sizeOf(record));
  writeRecords(bytes, 0, [record], 0, 0);
  const head = { baseOffset: Number(offset), baseTimestamp: Number(timestamp ?? -1), appendTime: undefined, count: 1 };
  return new RecordBatch(bytes, head, 0);
}

function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x100000000 + bytes.readUInt32BE(at + 4);
}
