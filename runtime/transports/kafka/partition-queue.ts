import type { Compression, KafkaRecord } from "../../../flow/connection-ports";
import { type Cause, done, type Failure, rejected, type Verdict } from "../../../flow/verdict";
import { TransportError } from "../../transport";
import { errorType } from "./causes";
import { sizeOf } from "./record-writer";

/** Sends a batch to one partition and says the offset of its first record, or -1. */
export type SendBatch = (records: readonly KafkaRecord[], compression: Compression) => Promise<number>;

/** A batch is one request, and Kafka takes 1 MB by default. */
export const maxBatchBytes = 900_000;
/** After so long of trying, the caller hears that the broker is away, and calls again. */
const giveUpAfterMs = 4_000;
const firstBackoffMs = 100;
const maxBackoffMs = 1_000;

/** The records of one call for this partition, whose verdicts are collected as their batches are written. */
interface Call {
  readonly records: readonly KafkaRecord[];
  readonly compression: Compression;
  readonly signal: AbortSignal;
  readonly verdicts: Verdict[];
  readonly settle: (verdicts: Verdict[]) => void;
  /** How many of its records went into batches. */
  taken: number;
}

/** Records that go together, and the calls that they are of, in the same order. */
interface Batch {
  readonly records: readonly KafkaRecord[];
  readonly parts: readonly { readonly call: Call; readonly count: number }[];
  readonly compression: Compression;
}

/** What waits for one partition: one batch in flight, tried again until it is written before the next is begun. */
export class PartitionQueue {
  readonly #topic: string;
  readonly #partition: number;
  readonly #send: SendBatch;
  readonly #causeOf: (error: unknown) => Cause;
  #waiting: Call[] = [];
  #running = false;

  constructor(topic: string, partition: number, send: SendBatch, toCause: (error: unknown) => Cause) {
    this.#topic = topic;
    this.#partition = partition;
    this.#send = send;
    this.#causeOf = toCause;
  }

  /** One verdict per record, in their order. Never rejects. */
  add(records: readonly KafkaRecord[], compression: Compression, signal: AbortSignal): Promise<Verdict[]> {
    return new Promise((resolve) => {
      this.#waiting.push({ records, compression, signal, verdicts: [], settle: resolve, taken: 0 });
      if (!this.#running) {
        this.#running = true;
        // After this tick, so that calls of one tick go together.
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
        for (const call of behind) settleNext(call, call.records.length - call.verdicts.length, () => failure);
      }
    }
    this.#running = false;
  }

  #takeBatch(): Batch {
    const [{ compression }] = this.#waiting as [Call];
    const parts: { call: Call; count: number }[] = [];
    let room = maxBatchBytes;
    while (this.#waiting.length > 0) {
      const call = this.#waiting[0]!;
      if (call.compression !== compression) break;
      const { count, bytes } = countFitting(call, room);
      if (count === 0) break;
      parts.push({ call, count });
      call.taken += count;
      if (call.taken < call.records.length) break;
      this.#waiting.shift();
      room -= bytes;
    }
    return { records: recordsOf(parts), parts, compression };
  }

  /** Writes a batch and settles what it is made of. Answers the failure when it was given back. */
  async #write(batch: Batch): Promise<Failure | undefined> {
    const begun = performance.now();
    let backoffMs = firstBackoffMs;
    for (;;) {
      try {
        const offset = await this.#send(batch.records, batch.compression);
        const partition = this.#partition;
        settle(batch, offset < 0 ? () => done : (index) => new Written(this.#topic, partition, offset + index));
        return undefined;
      } catch (error) {
        const isClock = isOfOwnClock(error, batch.records);
        if (isRefused(error) && !isClock) return this.#divide(batch, error);
        const cause = isClock ? describeClock(this.#topic) : this.#causeOf(error);
        // A sender that tries again by itself says so when it gives up.
        const hasGivenUp = error instanceof TransportError;
        const over =
          hasGivenUp ||
          performance.now() - begun > giveUpAfterMs ||
          batch.parts.every(({ call }) => call.signal.aborted);
        if (over || cause.code !== "broker-unreachable") {
          const failure: Failure = { verdict: "retry", of: "dependency", cause };
          settle(batch, () => failure);
          return failure;
        }
        await pause(backoffMs);
        backoffMs = Math.min(backoffMs * 2, maxBackoffMs);
      }
    }
  }

  /** The broker refused something in the batch: halve it until the record stands alone, in order. */
  async #divide(batch: Batch, error: unknown): Promise<Failure | undefined> {
    if (batch.records.length === 1) {
      const verdict = refusal(this.#topic, batch.records[0]!, error);
      settle(batch, () => verdict);
      return undefined;
    }
    const [first, second] = halve(batch);
    const failure = await this.#write(first);
    if (failure === undefined) return this.#write(second);
    settle(second, () => failure);
    return failure;
  }
}

/** How many records of a call fit into the room that a batch has left; one that is too large for any batch goes alone. */
function countFitting({ records, taken }: Call, room: number): { count: number; bytes: number } {
  let bytes = 0;
  for (let index = taken; index < records.length; index++) {
    const size = sizeOf(records[index]!);
    const isAlone = index === taken && room === maxBatchBytes;
    if (bytes + size > room && !isAlone) return { count: index - taken, bytes };
    bytes += size;
  }
  return { count: records.length - taken, bytes };
}

/** The records that were taken last from each of these calls. */
function recordsOf(parts: Batch["parts"]): readonly KafkaRecord[] {
  if (parts.length === 1) {
    const { call, count } = parts[0]!;
    if (count === call.records.length) return call.records;
  }
  return parts.flatMap(({ call, count }) => call.records.slice(call.taken - count, call.taken));
}

function halve({ records, parts, compression }: Batch): [Batch, Batch] {
  const middle = Math.ceil(records.length / 2);
  const first: { call: Call; count: number }[] = [];
  const second: { call: Call; count: number }[] = [];
  let left = middle;
  for (const { call, count } of parts) {
    const before = Math.min(count, left);
    left -= before;
    if (before > 0) first.push({ call, count: before });
    if (count > before) second.push({ call, count: count - before });
  }
  return [
    { records: records.slice(0, middle), parts: first, compression },
    { records: records.slice(middle), parts: second, compression },
  ];
}

/** Where a record stands. The note is made for those who look at it. */
class Written {
  readonly verdict = "done";

  constructor(
    private readonly topic: string,
    private readonly partition: number,
    private readonly offset: number,
  ) {}

  get note() {
    return { topic: this.topic, partition: this.partition, offset: this.offset };
  }
}

/** Batches are settled in the order in which they were taken, so each call's next verdicts are those of its next records. */
function settle(batch: Batch, verdictOf: (index: number) => Verdict): void {
  let index = 0;
  for (const { call, count } of batch.parts) {
    const from = index;
    settleNext(call, count, (ofPart) => verdictOf(from + ofPart));
    index += count;
  }
}

function settleNext(call: Call, count: number, verdictOf: (index: number) => Verdict): void {
  for (let index = 0; index < count; index++) call.verdicts.push(verdictOf(index));
  if (call.verdicts.length === call.records.length) call.settle(call.verdicts);
}

const tooLarge = ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"];
const refused = ["INVALID_RECORD", "INVALID_TIMESTAMP", "POLICY_VIOLATION", "INVALID_TOPIC_EXCEPTION"];

/** Did the broker refuse something in the batch, and not the batch as it came? */
export function isRefused(error: unknown): boolean {
  const type = errorType(error);
  return tooLarge.includes(type) || refused.includes(type);
}

/** Records without a time of their own get the worker's: it is that one which the broker does not take, and another will do. */
function isOfOwnClock(error: unknown, records: readonly KafkaRecord[]): boolean {
  return errorType(error) === "INVALID_TIMESTAMP" && records.every(({ timestamp }) => timestamp === undefined);
}

function describeClock(topic: string): Cause {
  const time = new Date().toISOString();
  const message = `Kafka does not take the time for ${topic} that this worker's clock shows, ${time} (message.timestamp.after.max.ms). Set the clock; the messages wait.`;
  return { code: "clock-wrong", message };
}

/** What becomes of the one record that the broker refuses. */
export function refusal(topic: string, record: KafkaRecord, error: unknown): Verdict {
  const type = errorType(error);
  if (tooLarge.includes(type)) {
    const kilobytes = Math.ceil(sizeOf(record) / 1024);
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
