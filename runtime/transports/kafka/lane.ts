import type { SourceHandlers } from "../../../flow/behaviour";
import type { Message } from "../../../flow/message";
import type { FetchedRecord } from "./fetched-record";

/** Messages handed over at once, at most. */
const chunkMessages = 500;
/** A lane that holds more than this undelivered is full: it is not fetched until it holds less. */
const fullBytes = 512 * 1024;
/** Past this over all lanes of the process, a lane is full while it holds anything. */
const allFullBytes = 16 * 1024 * 1024;
let allBufferedBytes = 0;

/** One partition under one epoch: what was fetched and not yet handed over, and how far it is settled. Offsets name the next message. */
export class KafkaLane {
  readonly name: string;
  readonly partition: number;
  readonly epoch: number;
  /** The next offset to fetch. */
  expected: number;
  /** Everything below is safe. */
  settled: number;
  /** What the group has committed. */
  committed: number;
  /** End of the log when last heard of; `null` before. */
  high: number | null;
  #closed = false;
  #buffer: FetchedRecord[] = [];
  #bufferBytes = 0;
  #pumping = false;
  /** The offset after the last message that was fetched for handing over; above it are only control records. */
  #lastMessageEnd: number;
  #roomWaiters: (() => void)[] = [];
  readonly #handlers: SourceHandlers;
  readonly #toMessage: (record: FetchedRecord) => Message;

  constructor(
    at: { name: string; partition: number; epoch: number; begin: number; committed: number; high: number },
    handlers: SourceHandlers,
    toMessage: (record: FetchedRecord) => Message,
  ) {
    this.name = at.name;
    this.partition = at.partition;
    this.epoch = at.epoch;
    this.expected = at.begin;
    this.settled = at.begin;
    this.committed = at.committed;
    this.high = at.high;
    this.#lastMessageEnd = at.begin;
    this.#handlers = handlers;
    this.#toMessage = toMessage;
  }

  get isFull(): boolean {
    return this.#bufferBytes > fullBytes || (this.#bufferBytes > 0 && allBufferedBytes > allFullBytes);
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Takes a fetched batch; `end` is the offset after it, control records included. */
  push(records: readonly FetchedRecord[], end: number, high: number): void {
    this.expected = end;
    this.high = high;
    this.#lastMessageEnd = records[records.length - 1]!.offset + 1;
    for (const record of records) this.#buffer.push(record);
    this.#weigh(sizeOfAll(records));
    void this.#pump();
  }

  /** Passes over what holds no messages: control records, aborted transactions. */
  skip(end: number): void {
    this.expected = end;
    this.#settleTail();
  }

  /** Everything up to and including this offset is safe. */
  settle(offset: number): void {
    if (offset + 1 > this.settled) this.settled = offset + 1;
    this.#settleTail();
  }

  /** Resolves when the lane is no longer full, or after a while: then false. */
  waitForRoom(ms: number): Promise<boolean> {
    if (!this.isFull) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.onRoom(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  /** Calls once when the lane is no longer full, or closed. */
  onRoom(callback: () => void): void {
    if (this.isFull && !this.#closed) this.#roomWaiters.push(callback);
    else callback();
  }

  /** Hands over nothing more. */
  close(): void {
    this.#closed = true;
    this.#buffer = [];
    this.#weigh(-this.#bufferBytes);
    this.#tellRoom();
  }

  /** The tail of control records is safe once the last message before it is. */
  #settleTail(): void {
    if (this.settled >= this.#lastMessageEnd && this.expected > this.settled) this.settled = this.expected;
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#buffer.length > 0 && !this.#closed) {
      const chunk = this.#buffer.splice(0, chunkMessages);
      this.#weigh(-sizeOfAll(chunk));
      this.#tellRoom();
      await this.#handlers.deliver(this.name, this.epoch, chunk.map(this.#toMessage));
    }
    this.#pumping = false;
  }

  #weigh(bytes: number): void {
    this.#bufferBytes += bytes;
    allBufferedBytes += bytes;
  }

  #tellRoom(): void {
    if (this.isFull) return;
    const waiters = this.#roomWaiters;
    this.#roomWaiters = [];
    for (const tell of waiters) tell();
  }
}

function sizeOfAll(records: readonly FetchedRecord[]): number {
  let size = 0;
  for (const record of records) size += 100 + record.bytes;
  return size;
}
