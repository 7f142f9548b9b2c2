import { type ClientMessage, decodeOldMessages } from "./client-parts";
import { decompress } from "./compression";
import { checkCrc32c } from "./crc32c";
import { FetchedRecord } from "./fetched-record";
import { sizeOfBytes, writeBytes } from "./record-writer";
import { RecordsError } from "./records-error";
import { Cursor } from "./varint";

/** A transaction that was taken back: what its producer wrote from there on, up to its marker, is not handed over. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/** What an answer has of a partition. `end` is the offset to go on at: after what was read, or where it began. */
export interface ReadRecords {
  readonly records: readonly FetchedRecord[];
  readonly end: number;
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
  const records: FetchedRecord[] = [];
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
      readInto(records, batch, plain, from);
    }
    end = Math.max(end, batch.lastOffset + 1);
    at = next;
  }
  return { records, end };
}

interface Batch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly baseTimestamp: number;
  /** Of all records, when the broker stamped them as it took them. */
  readonly appendTime: number | undefined;
  readonly producerId: bigint;
  readonly compression: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly count: number;
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

function readInto(records: FetchedRecord[], batch: Batch, bytes: Buffer, from: number): void {
  const { baseOffset, baseTimestamp, appendTime, count } = batch;
  const of = { bytes, names: [] };
  const cursor = new Cursor(bytes, 0);
  for (let index = 0; index < count; index++) {
    const size = cursor.readVarint();
    const next = cursor.at + size;
    if (size < 0 || next > bytes.length) throw damaged(baseOffset, "they end too early");
    // Attributes, of which there are none yet.
    cursor.at++;
    const timestamp = baseTimestamp + cursor.readVarlong();
    const offset = baseOffset + cursor.readVarint();
    // A batch may begin before the position that was asked for.
    if (offset >= from) {
      records.push(new FetchedRecord(offset, appendTime ?? timestamp, of, cursor.at, next - cursor.at));
    }
    cursor.at = next;
  }
}

function damaged(offset: number, why: string): RecordsError {
  return new RecordsError("codec-decode", `The records at offset ${offset} are damaged: ${why}.`);
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
  const records = messages.map(rewrite).filter(({ offset }) => offset >= from);
  return { records, end: records.length === 0 ? from : records[records.length - 1]!.offset + 1 };
}

/** As a record of today, so that there is one kind of them. */
function rewrite({ offset, timestamp, key, value }: ClientMessage): FetchedRecord {
  const bytes = Buffer.alloc(sizeOfBytes(key) + sizeOfBytes(value) + 1);
  writeBytes(bytes, writeBytes(bytes, 0, key), value);
  return new FetchedRecord(Number(offset), Number(timestamp ?? -1), { bytes, names: [] }, 0, bytes.length);
}

function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x100000000 + bytes.readUInt32BE(at + 4);
}
