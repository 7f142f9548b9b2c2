import type { Compression, KafkaRecord } from "../../../flow/connection-ports";
import { sleep, waitAtMost } from "../../backoff";
import { TransportError } from "../../transport";
import { causeOf, errorType } from "./causes";
import type { KafkaSettings, ProducerIdentity } from "./client";
import { KafkaTransaction } from "./transaction";
import { FencedError, isDuplicate, isFenced, isWorthRetrying } from "./transaction-errors";
import { TransactionalClient } from "./transactional-client";

/** After so long of trying, the caller hears that the broker is away, and begins anew. */
const giveUpAfterMs = 5_000;
/** A transaction is not quite over when its end is answered: the next one is let in some milliseconds later. */
const firstBackoffMs = 5;
const maxBackoffMs = 500;
const closeTimeoutMs = 2_000;
/** Sequences are 31 bits wide; a new epoch begins at 0 again. */
const maxSequence = 2 ** 30;
const never = () => false;

export interface TransactionalLane {
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  clusterId(): Promise<string | undefined>;
  /** Another owner has the lane, or this one must look again where it stands. */
  fenced(): void;
}

/**
 * The transactional producer of one lane under one epoch of it. Its id is made of group, topic and partition, so whoever is
 * assigned the partition next fences this one with its first request. Each time that it takes the id, it reads what the group
 * has committed and goes on only when that is where it stands: positions and id cannot belong to different owners.
 */
export class TransactionalProducer {
  readonly settings: KafkaSettings;
  readonly #lane: TransactionalLane;
  readonly #client: TransactionalClient;
  readonly #closing = new AbortController();
  #identity: ProducerIdentity | undefined;
  /** A request of the present epoch was not answered. It may still arrive, and must not meet a later transaction than its own. */
  #awaitsAnswer = false;
  /** What the group has committed, as far as this owner knows: the offset of the next message. */
  #next = 0;
  readonly #sequences = new Map<string, number>();
  #open: KafkaTransaction | undefined;

  constructor(settings: KafkaSettings, lane: TransactionalLane) {
    this.settings = settings;
    this.#lane = lane;
    const { groupId, topic, partition } = lane;
    this.#client = new TransactionalClient(settings, `${groupId}/${topic}/${partition}`, groupId, topic);
  }

  get name(): string {
    return `${this.#lane.topic}/${this.#lane.partition}`;
  }

  clusterId(): Promise<string | undefined> {
    return this.#lane.clusterId();
  }

  /** Takes the id over; what its former owner left open is ended, so that the group's position is final, and gives that. @throws */
  async takeOver(limitMs = giveUpAfterMs): Promise<number | undefined> {
    this.#identity = undefined;
    this.#sequences.clear();
    const attempt = async () => {
      const identity = await this.#client.initProducer();
      const position = await this.#client.readPosition(identity, this.#lane.partition);
      this.#identity = identity;
      this.#awaitsAnswer = false;
      return position;
    };
    return this.keepTrying(attempt, never, limitMs);
  }

  /** Where the lane begins: must be what the group has committed after `takeOver`. */
  startAt(offset: number): void {
    this.#next = offset;
  }

  /** @throws TransportError when a transaction cannot be begun now. */
  async begin(committed: (offset: number) => void): Promise<KafkaTransaction> {
    if (this.#open?.isOpen) throw new Error(`a transaction of ${this.name} is open already`);
    await this.#open?.close();
    const isWornOut = [...this.#sequences.values()].some((sequence) => sequence > maxSequence);
    if (this.#identity === undefined || this.#awaitsAnswer || isWornOut) {
      try {
        const position = await this.takeOver();
        if (position !== this.#next) throw this.#fence(new FencedError("the position is another owner's"));
      } catch (error) {
        this.forget();
        throw this.failureOf(error);
      }
    }
    if (this.#closing.signal.aborted) throw this.failureOf(new FencedError("the lane is over"));
    this.#open = new KafkaTransaction(this, this.#identity!, (offset) => {
      this.#next = offset;
      committed(offset);
    });
    return this.#open;
  }

  /** It is not known any more what the brokers have of it: the next transaction takes the id anew. */
  forget(): void {
    this.#identity = undefined;
  }

  /** Ends what is open and lets go of its connections. Never rejects. */
  async close(): Promise<void> {
    const ending = this.#open?.close();
    if (ending !== undefined) await waitAtMost(ending, closeTimeoutMs);
    this.#closing.abort();
    await this.#client.close();
  }

  /** Writes a batch to a partition, tried again until it is written: repeated, it is recognized by its sequence. @throws */
  async write(
    identity: ProducerIdentity,
    topic: string,
    partition: number,
    records: readonly KafkaRecord[],
    compression: Compression,
    isStopped: () => boolean,
  ): Promise<number> {
    const place = `${topic}/${partition}`;
    const sequence = this.#sequences.get(place) ?? 0;
    const offset = await this.keepTrying(async () => {
      try {
        return await this.#client.write(identity, topic, partition, sequence, records, compression);
      } catch (error) {
        if (isDuplicate(error)) return -1;
        if (isWorthRetrying(error)) await this.#client.refreshLeaders();
        throw error;
      }
    }, isStopped);
    this.#sequences.set(place, sequence + records.length);
    return offset;
  }

  async addOffsets(identity: ProducerIdentity): Promise<void> {
    await this.keepTrying(() => this.#client.addOffsets(identity));
  }

  async commitOffset(identity: ProducerIdentity, offset: number): Promise<void> {
    await this.keepTrying(() => this.#client.commitOffset(identity, this.#lane.partition, offset));
  }

  /**
   * Commits, whatever it takes: as long as nobody knows whether a commit was reached, the lane can neither go on nor work its
   * batch again. @throws when it is known that it was not reached, or when the lane is over
   */
  async commit(identity: ProducerIdentity, offset: number): Promise<void> {
    try {
      await this.keepTrying(() => this.#client.end(identity, true), never, Number.POSITIVE_INFINITY);
    } catch (error) {
      if (isFenced(error) || this.#closing.signal.aborted) throw error;
      // The coordinator does not know this transaction as one that can be committed: the group's position tells what became of it.
      const position = await this.takeOver(Number.POSITIVE_INFINITY);
      if (position === offset) return;
      if (position === this.#next) throw error;
      throw this.#fence(new FencedError("the position is another owner's"));
    }
  }

  /** @throws when it could not be said to the broker: the next owner of the id says it then. */
  async abort(identity: ProducerIdentity): Promise<void> {
    await this.keepTrying(() => this.#client.end(identity, false));
  }

  async addPartitions(identity: ProducerIdentity, topics: ReadonlyMap<string, readonly number[]>): Promise<void> {
    await this.keepTrying(() => this.#client.addPartitions(identity, topics));
  }

  /** A failure in words; `topic` is what was written to. */
  failureOf(error: unknown, topic?: string): TransportError {
    if (error instanceof TransportError) return error;
    const cause = isFenced(error)
      ? { code: "lease-lost", message: `Another worker works ${this.name} now.` }
      : causeOf(error, this.settings.address, topic);
    return new TransportError(cause, { cause: error });
  }

  /** Tries again while that can help. A fenced producer's lane is over with that. */
  async keepTrying<T>(attempt: () => Promise<T>, isStopped = never, limitMs = giveUpAfterMs): Promise<T> {
    const begun = performance.now();
    for (let backoffMs = firstBackoffMs; ; backoffMs = Math.min(backoffMs * 2, maxBackoffMs)) {
      try {
        return await attempt();
      } catch (error) {
        if (isFenced(error)) throw this.#fence(error);
        if (errorType(error) === "") this.#awaitsAnswer = true;
        const isOver = this.#closing.signal.aborted || isStopped() || performance.now() - begun > limitMs;
        if (isOver || !isWorthRetrying(error)) throw error;
        await sleep(backoffMs, this.#closing.signal);
      }
    }
  }

  #fence(error: unknown): unknown {
    this.forget();
    this.#lane.fenced();
    return error;
  }
}
