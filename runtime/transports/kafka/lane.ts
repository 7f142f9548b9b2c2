import type { SourceHandlers } from "../../../flow/behaviour";
import type { Message } from "../../../flow/message";
import { type MakeOfRecord, type RecordBatch, RecordQueue } from "./record-batch";

/** Messages handed over at once, at most. */
const chunkMessages = 1_000;
/** A lane that holds more than this undelivered is full: it is not fetched until it holds less. */
const fullBytes = 1536 * 1024;
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
  readonly #queue: RecordQueue;
  /** What of it is counted in `allBufferedBytes`. */
  #weighed = 0;
  #pumping = false;
  #roomWaiters: (() => void)[] = [];
  readonly #handlers: SourceHandlers;
  readonly #toMessage: MakeOfRecord<Message>;

  constructor(
    at: { name: string; partition: number; epoch: number; begin: number; committed: number; high: number },
    handlers: SourceHandlers,
    toMessage: MakeOfRecord<Message>,
  ) {
    this.name = at.name;
    this.partition = at.partition;
    this.epoch = at.epoch;
    this.expected = at.begin;
    this.settled = at.begin;
    this.committed = at.committed;
    this.high = at.high;
    this.#queue = new RecordQueue(at.begin);
    this.#handlers = handlers;
    this.#toMessage = toMessage;
  }

  get isFull(): boolean {
    return this.#queue.weight > fullBytes || (!this.#queue.isEmpty && allBufferedBytes > allFullBytes);
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Takes what was fetched, which may be no messages at all; `end` is the offset after it, control records and aborted transactions included. */
  push(batches: readonly RecordBatch[], end: number, high: number): void {
    this.expected = end;
    this.high = high;
    for (const batch of batches) this.#queue.push(batch);
    this.#weigh();
    this.#settleTail();
    void this.#pump();
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
    this.#queue.clear();
    this.#weigh();
    this.#tellRoom();
  }

  /** When no message waits, only control records are above the last that was handed over: they are safe once it is. */
  #settleTail(): void {
    if (!this.#closed && this.#queue.isEmpty && this.settled >= this.#queue.taken && this.expected > this.settled)
      this.settled = this.expected;
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    while (!this.#queue.isEmpty && !this.#closed) {
      const chunk = this.#queue.take(chunkMessages, this.#toMessage);
      this.#weigh();
      this.#tellRoom();
      await this.#handlers.deliver(this.name, this.epoch, chunk);
    }
    this.#pumping = false;
  }

  #weigh(): void {
    allBufferedBytes += this.#queue.weight - this.#weighed;
    this.#weighed = this.#queue.weight;
  }

  #tellRoom(): void {
    if (this.isFull) return;
    const waiters = this.#roomWaiters;
    this.#roomWaiters = [];
    for (const tell of waiters) tell();
  }
}
