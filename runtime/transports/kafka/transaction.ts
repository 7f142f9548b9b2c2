import type { Transaction } from "../../../flow/behaviour";
import type { Compression, KafkaRecord } from "../../../flow/connection-ports";
import { TransportError } from "../../transport";
import type { KafkaSettings, ProducerIdentity } from "./client";
import { isRefused, PartitionQueue } from "./partition-queue";
import { isFenced } from "./transaction-errors";
import { transactionTimeoutMs } from "./transactional-client";
import type { TransactionalProducer } from "./transactional-producer";

/** Taken back by ourselves before Kafka does it: that would look as if another owner had come. */
const expiresAfterMs = transactionTimeoutMs - 15_000;

/**
 * One transaction of one lane. A write that failed dooms it: whether its records are in the log is not known, so nothing of
 * it may be committed, and it can only be aborted and its batch worked again.
 */
export class KafkaTransaction implements Transaction {
  readonly #producer: TransactionalProducer;
  readonly #identity: ProducerIdentity;
  readonly #committed: (offset: number) => void;
  readonly #expiry: NodeJS.Timeout;
  /** What is written to, by topic and partition. */
  readonly #queues = new Map<string, PartitionQueue>();
  /** Partitions that the coordinator does not know of yet, by topic. */
  #fresh = new Map<string, number[]>();
  /** The coordinator is told one thing after the other: two at once would be refused as concurrent. */
  #telling: Promise<void> = Promise.resolve();
  #toldOfOffsets = false;
  readonly #sending = new Set<Promise<number>>();
  #stopped = false;
  #doom: TransportError | undefined;
  #end: Promise<void> | undefined;

  constructor(producer: TransactionalProducer, identity: ProducerIdentity, committed: (offset: number) => void) {
    this.#producer = producer;
    this.#identity = identity;
    this.#committed = committed;
    this.#expiry = setTimeout(() => this.#expire(), expiresAfterMs);
    this.#expiry.unref();
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  /** Whose cluster it writes to. */
  get settings(): KafkaSettings {
    return this.#producer.settings;
  }

  clusterId(): Promise<string | undefined> {
    return this.#producer.clusterId();
  }

  /** Where records for a partition are added, after `prepare`. */
  queueOf(topic: string, partition: number): PartitionQueue {
    const place = `${topic}/${partition}`;
    let queue = this.#queues.get(place);
    if (queue === undefined) {
      queue = new PartitionQueue(
        topic,
        partition,
        (records, compression) => this.#send(topic, partition, records, compression),
        (error) => this.#producer.failureOf(error).reason,
      );
      this.#queues.set(place, queue);
      this.#fresh.set(topic, [...(this.#fresh.get(topic) ?? []), partition]);
    }
    return queue;
  }

  /** Tells the coordinator of new partitions, all in one request. Never rejects: what is then written hears of a failure. */
  async prepare(): Promise<void> {
    const topics = this.#fresh;
    this.#fresh = new Map();
    if (topics.size > 0) this.#tell(() => this.#producer.addPartitions(this.#identity, topics));
    const told = this.#telling;
    // That the group's position belongs to it is said meanwhile.
    this.#tellOfOffsets();
    await told;
  }

  commit(position: string): Promise<void> {
    return this.#finish(async () => {
      const offset = Number(position) + 1;
      try {
        this.#tellOfOffsets();
        await Promise.allSettled([this.#telling, ...this.#sending]);
        if (this.#doom !== undefined) throw this.#doom;
        await this.#producer.commitOffset(this.#identity, offset);
      } catch (error) {
        // Heard or not: under the same epoch, a position that comes late would count in a later transaction, and take the group back.
        this.#producer.forget();
        await this.#takeBack();
        throw this.#producer.failureOf(error);
      }
      try {
        await this.#producer.commit(this.#identity, offset);
      } catch (error) {
        throw this.#producer.failureOf(error);
      }
      this.#committed(offset);
    });
  }

  abort(): Promise<void> {
    return this.#finish(async () => {
      await this.#takeBack();
      throw over("The transaction was aborted.");
    }).catch(() => {});
  }

  /** The lane is over: aborts, unless it is being committed; resolves when it has ended. */
  close(): Promise<void> {
    return (this.#end ?? this.abort()).catch(() => {});
  }

  /** Ends it once: a commit after an abort is told so, and an abort after a commit changes nothing. */
  #finish(end: () => Promise<void>): Promise<void> {
    clearTimeout(this.#expiry);
    this.#end ??= end();
    return this.#end;
  }

  /** Never rejects: what the broker cannot be told now, it learns when the id is taken anew, or by its own clock. */
  async #takeBack(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled([this.#telling, ...this.#sending]);
    // Written or not: with the old sequences, new records could pass for those.
    if (this.#doom !== undefined) this.#producer.forget();
    if (!this.#toldOfOffsets || isFenced(this.#doom?.cause)) return;
    await this.#producer.abort(this.#identity).catch(() => this.#producer.forget());
  }

  #tellOfOffsets(): void {
    if (this.#toldOfOffsets) return;
    this.#toldOfOffsets = true;
    this.#tell(() => this.#producer.addOffsets(this.#identity));
  }

  #tell(what: () => Promise<void>): void {
    this.#telling = this.#telling.then(async () => {
      if (this.#doom !== undefined || this.#stopped) return;
      await what().catch((error) => this.#fail(error));
    });
  }

  async #send(
    topic: string,
    partition: number,
    records: readonly KafkaRecord[],
    compression: Compression,
  ): Promise<number> {
    if (this.#doom !== undefined) throw this.#doom;
    if (this.#stopped || !this.isOpen) throw over("The transaction has ended.");
    const isStopped = () => this.#stopped;
    const sending = this.#producer.write(this.#identity, topic, partition, records, compression, isStopped);
    this.#sending.add(sending);
    try {
      return await sending;
    } catch (error) {
      if (isRefused(error)) throw error;
      this.#fail(error, topic);
      throw this.#doom;
    } finally {
      this.#sending.delete(sending);
    }
  }

  #fail(error: unknown, topic?: string): void {
    this.#doom ??= this.#producer.failureOf(error, topic);
  }

  #expire(): void {
    const seconds = Math.round(expiresAfterMs / 1_000);
    this.#fail(over(`The transaction of ${this.#producer.name} was open for ${seconds} s and is taken back.`));
    void this.#takeBack();
  }
}

function over(message: string): TransportError {
  return new TransportError({ code: "transaction-over", message });
}
