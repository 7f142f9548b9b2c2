import type { Message as KafkaJsMessage } from "kafkajs";
import type { KafkaRecord } from "../../../flow/connection-ports";
import { type Cause, done, type Failure, rejected, type Verdict } from "../../../flow/verdict";
import { errorType } from "./causes";
import { sizeOf, toKafkaJs } from "./records";

/** Sends a batch to one partition and says the offset of its first record, or -1. */
export type SendBatch = (topic: string, messages: readonly KafkaJsMessage[]) => Promise<number>;

/** `send` is one request, and Kafka takes 1 MB by default; kafkajs gets slow with many records in one. */
const maxBatchRecords = 4_000;
const maxBatchBytes = 900_000;
/** After so long of trying, the caller hears that the broker is away, and calls again. */
const giveUpAfterMs = 4_000;
const firstBackoffMs = 100;
const maxBackoffMs = 1_000;

interface Entry {
  readonly record: KafkaRecord;
  readonly size: number;
  readonly signal: AbortSignal;
  readonly settle: (verdict: Verdict) => void;
}

/** What waits for one partition: one batch in flight, tried again until it is written before the next is begun. */
export class PartitionQueue {
  readonly #topic: string;
  readonly #partition: number;
  readonly #send: SendBatch;
  readonly #causeOf: (error: unknown) => Cause;
  #waiting: Entry[] = [];
  #running = false;

  constructor(topic: string, partition: number, send: SendBatch, toCause: (error: unknown) => Cause) {
    this.#topic = topic;
    this.#partition = partition;
    this.#send = send;
    this.#causeOf = toCause;
  }

  add(record: KafkaRecord, signal: AbortSignal): Promise<Verdict> {
    return new Promise((resolve) => {
      this.#waiting.push({ record, size: sizeOf(record), signal, settle: resolve });
      if (!this.#running) {
        this.#running = true;
        // After this tick, so that all records of one call go together.
        queueMicrotask(() => void this.#run());
      }
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const failure = await this.#write(this.#takeBatch());
      if (failure !== undefined) {
        // What waits behind a batch that is given back is given back too: sent now, it would overtake it.
        const behind = this.#waiting;
        this.#waiting = [];
        for (const entry of behind) entry.settle(failure);
      }
    }
    this.#running = false;
  }

  #takeBatch(): Entry[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && count < maxBatchRecords) {
      bytes += this.#waiting[count]!.size;
      if (bytes > maxBatchBytes && count > 0) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Writes a batch and settles its entries. Answers the failure when it was given back. */
  async #write(batch: readonly Entry[]): Promise<Failure | undefined> {
    const messages = batch.map((entry) => toKafkaJs(entry.record, this.#partition));
    const begun = Date.now();
    let backoffMs = firstBackoffMs;
    for (;;) {
      try {
        const offset = await this.#send(this.#topic, messages);
        batch.forEach((entry, index) => {
          entry.settle(
            offset < 0 ? done : { verdict: "done", note: { partition: this.#partition, offset: offset + index } },
          );
        });
        return undefined;
      } catch (error) {
        if (isRefused(error)) return this.#divide(batch, error);
        const cause = this.#causeOf(error);
        const over = Date.now() - begun > giveUpAfterMs || batch.every((entry) => entry.signal.aborted);
        if (over || cause.code !== "broker-unreachable") {
          const failure: Failure = { verdict: "retry", of: "dependency", cause };
          for (const entry of batch) entry.settle(failure);
          return failure;
        }
        await pause(backoffMs);
        backoffMs = Math.min(backoffMs * 2, maxBackoffMs);
      }
    }
  }

  /** The broker refused something in the batch: halve it until the record stands alone, in order. */
  async #divide(batch: readonly Entry[], error: unknown): Promise<Failure | undefined> {
    if (batch.length === 1) {
      batch[0]!.settle(refusal(this.#topic, batch[0]!, error));
      return undefined;
    }
    const middle = Math.ceil(batch.length / 2);
    const failure = await this.#write(batch.slice(0, middle));
    if (failure === undefined) return this.#write(batch.slice(middle));
    for (const entry of batch.slice(middle)) entry.settle(failure);
    return failure;
  }
}

const tooLarge = ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"];
const refused = ["INVALID_RECORD", "INVALID_TIMESTAMP", "POLICY_VIOLATION", "INVALID_TOPIC_EXCEPTION"];

function isRefused(error: unknown): boolean {
  const type = errorType(error);
  return tooLarge.includes(type) || refused.includes(type);
}

function refusal(topic: string, entry: Entry, error: unknown): Verdict {
  const type = errorType(error);
  if (tooLarge.includes(type)) {
    const kilobytes = Math.ceil(entry.size / 1024);
    return rejected(
      "message-too-large",
      `The message has about ${kilobytes} KB, more than ${topic} takes (max.message.bytes).`,
    );
  }
  return rejected("broker-refused", `Kafka refused the message for ${topic}: ${type}.`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
