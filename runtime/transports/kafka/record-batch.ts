import type { HeaderName } from "./fetched-record";
import { damaged } from "./records-error";
import { Cursor } from "./varint";

/** What the head of a batch says of its records. */
export interface BatchHead {
  readonly baseOffset: number;
  readonly baseTimestamp: number;
  /** Of all records, when the broker stamped them as it took them. */
  readonly appendTime: number | undefined;
  readonly count: number;
}

/** What an object in the heap weighs beside the bytes that it stands for. */
const objectBytes = 100;

/**
 * The records of one batch, unpacked and looked through, but not taken apart: they wait as bytes, which the garbage collector does
 * not have to move. Those before the position that was asked for are left out.
 */
export class RecordBatch {
  /** Header names that were read from its records last. */
  readonly names: HeaderName[] = [];
  /** Where its first record begins. */
  readonly start: number;
  readonly count: number;

  /** @throws RecordsError when records do not end where they say. */
  constructor(
    readonly bytes: Buffer,
    readonly head: BatchHead,
    from: number,
  ) {
    const { baseOffset, count } = head;
    const cursor = new Cursor(bytes, 0);
    let start = 0;
    let before = 0;
    for (let index = 0; index < count; index++) {
      const size = cursor.readVarint();
      const next = cursor.at + size;
      if (!(size > 0 && next <= bytes.length)) {
        throw damaged(baseOffset, "they end too early");
      }
      // A batch may begin before the position that was asked for.
      if (baseOffset < from && readOffset(cursor, baseOffset) < from) {
        before++;
        start = next;
      }
      cursor.at = next;
    }
    this.start = start;
    this.count = count - before;
  }

  /** Bytes that it holds on to, with what is made of it. */
  get weight(): number {
    return this.bytes.length + objectBytes * this.count;
  }
}

/** Makes something of a record: where it stands in its batch after its length and attributes, and how many bytes it has from there. */
export type MakeOfRecord<T> = (batch: RecordBatch, at: number, bytes: number) => T;

/** Batches that wait to be taken apart, in their order. */
export class RecordQueue {
  #batches: RecordBatch[] = [];
  /** Of the first batch: where the next record begins, and how many are left. */
  #at = 0;
  #left = 0;
  #weight = 0;
  #taken: number;

  /** `begin` = the offset after what was taken before. */
  constructor(begin = 0) {
    this.#taken = begin;
  }

  /** The offset after the last record that was taken. */
  get taken(): number {
    return this.#taken;
  }

  get isEmpty(): boolean {
    return this.#left === 0;
  }

  /** Bytes that it holds on to; a batch counts until its last record is taken. */
  get weight(): number {
    return this.#weight;
  }

  push(batch: RecordBatch): void {
    if (batch.count === 0) return;
    if (this.#batches.push(batch) === 1) this.#begin(batch);
    this.#weight += batch.weight;
  }

  /** Takes the next records out, at most `limit`. */
  take<T>(limit: number, make: MakeOfRecord<T>): T[] {
    const taken: T[] = [];
    while (this.#left > 0 && taken.length < limit) {
      const batch = this.#batches[0]!;
      const cursor = new Cursor(batch.bytes, this.#at);
      const { baseOffset } = batch.head;
      const count = Math.min(this.#left, limit - taken.length);
      let last = cursor.at;
      for (let index = 0; index < count; index++) {
        const size = cursor.readVarint();
        last = cursor.at;
        const next = last + size;
        taken.push(make(batch, last + attributesBytes, size - attributesBytes));
        cursor.at = next;
      }
      this.#at = cursor.at;
      cursor.at = last;
      this.#taken = readOffset(cursor, baseOffset) + 1;
      this.#left -= count;
      if (this.#left > 0) break;
      this.#weight -= batch.weight;
      this.#batches.shift();
      if (this.#batches.length > 0) this.#begin(this.#batches[0]!);
    }
    return taken;
  }

  clear(): void {
    this.#batches = [];
    this.#left = 0;
    this.#weight = 0;
  }

  #begin({ start, count }: RecordBatch): void {
    this.#at = start;
    this.#left = count;
  }
}

/** Takes every record of some batches apart. */
export function takeAll<T>(batches: readonly RecordBatch[], make: MakeOfRecord<T>): T[] {
  const queue = new RecordQueue();
  for (const batch of batches) queue.push(batch);
  return queue.take(Number.POSITIVE_INFINITY, make);
}

/** There are none yet. */
const attributesBytes = 1;

/** From the attributes on. */
function readOffset(cursor: Cursor, baseOffset: number): number {
  cursor.at += attributesBytes;
  cursor.skipVarint();
  return baseOffset + cursor.readVarint();
}
