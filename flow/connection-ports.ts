import type { Delivery, OpenSource, SourceHandlers, StartingPlace, Transaction } from "./behaviour";
import type { Codec } from "./codec";
import type { PulsarPort } from "./connections/pulsar-port";
import type { RabbitPort } from "./connections/rabbitmq-port";
import type { RedisStreamPort } from "./connections/redis-stream-port";
import type { Header, Message, WireParts } from "./message";
import type { PlaceType } from "./place";
import type { RequestPort } from "./request-reply";
import type { Cause, Verdict } from "./verdict";

/** The port that each connection kind gives to nodes. `runtime/transports/<kind>.ts` implements it. */
export interface ConnectionPorts {
  kafka: KafkaPort;
  queue: QueuePort;
  rabbitmq: RabbitPort;
  redis: RedisStreamPort;
  pulsar: PulsarPort;
  http: HttpPort;
}
export type ConnectionKindName = keyof ConnectionPorts;

export interface KafkaPort extends RequestPort {
  /** Consumes a topic as a member of a group; lanes are `topic/partition`, with `ownName` behind the topic; positions are offsets. */
  consume(
    options: {
      readonly node: string;
      readonly topic: string;
      readonly groupId: string;
      /** Of a worker that gets all by itself: `groupId` is its own then. */
      readonly ownName?: string;
      /** `start` of the node's config, used when the deployment does not say otherwise. */
      readonly fallback: "earliest" | "latest";
      readonly start: StartingPlace;
      /** When retention removed a committed position. */
      readonly onGap: "halt" | "earliest" | "latest";
      readonly codec: Codec;
      /** `exactly-once`: lanes are worked in transactions (`OpenSource.transact`). */
      readonly delivery: Delivery;
      readonly signal: AbortSignal;
    },
    handlers: SourceHandlers,
  ): Promise<OpenSource>;
  /**
   * Writes records, one verdict each, in order. One request in flight per partition, retried before the next;
   * Java's default partitioner (murmur2 of the key; without a key, spread). In a transaction the records become visible when it commits.
   */
  produce(
    records: readonly KafkaRecord[],
    signal: AbortSignal,
    transaction?: Transaction,
    compression?: Compression,
  ): Promise<Verdict[]>;
}

/** How the records of a request are compressed on their way and in the topic. */
export type Compression = "none" | "gzip" | "snappy" | "lz4" | "zstd";

export interface KafkaRecord {
  readonly topic: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
  readonly timestamp?: number;
  /** Of a record whose key and headers go on as they came: they are written without being read, and so is the value unless it `isRemade`. */
  readonly wire?: WireParts;
  /** Its value is not the one that came. */
  readonly isRemade?: boolean;
  /** Absent: the one of its key. */
  readonly partition?: number;
}

export interface QueuePort extends RequestPort {
  /** Works a queue; one lane named after the queue; positions are job ids; up to `concurrency` jobs at once. */
  consume(
    options: {
      readonly node: string;
      readonly queue: string;
      readonly concurrency: number;
      readonly codec: Codec;
      readonly signal: AbortSignal;
      /** Is there anything in the flow that answers? Then a job that nothing answered, as it failed, fails. */
      responds?(): boolean;
    },
    handlers: SourceHandlers,
  ): Promise<OpenSource>;
  /** Adds jobs, one verdict each. */
  add(queue: string, jobs: readonly QueueJob[], signal: AbortSignal): Promise<Verdict[]>;
  /** How a job stands now. Rejects when the broker cannot be asked. */
  readResult(queue: string, jobId: string): Promise<JobEnd | { readonly is: "unfinished" }>;
  /**
   * Waits until a job has ended, or is no more. Hears of it at once, and asks the job itself from time to time, so that neither a lost word
   * nor a broker that was away loses a result. `null` when the signal ends the wait; never rejects.
   */
  awaitResult(queue: string, jobId: string, signal: AbortSignal): Promise<JobEnd | null>;
}

/** How a job ended. `gone`: there is no job of that id (any more). */
export type JobEnd =
  | { readonly is: "completed"; readonly result: unknown }
  | { readonly is: "failed"; readonly reason: string }
  | { readonly is: "gone" };

export interface QueueJob {
  readonly name: string;
  /** The message's body (JSON), key and headers: `message` tells how they ride in the job (see docs). */
  readonly message: Message;
  readonly delayMs?: number;
  readonly priority?: number;
  /** At most one job with this id at a time in the queue. */
  readonly jobId?: string;
  /** A second job with this id is ignored for so long, also when the first one was worked and removed. */
  readonly deduplication?: { readonly id: string; readonly ttlMs: number };
  readonly attempts?: number;
  /** A job of this id that has failed is worked once more. Absent: it stays as it is, and this one is not added. */
  readonly again?: boolean;
  /** The ended job, with its result, stays in the queue for so long. Absent: it leaves as the queue's own rules say. */
  readonly keepResultMs?: number;
}

export interface HttpPort {
  request(
    options: {
      readonly method: string;
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array | null;
      readonly timeoutMs: number;
      readonly maxAnswerBytes: number;
    },
    signal: AbortSignal,
  ): Promise<HttpAnswer | HttpUnreachable>;
}

/** There was no answer. */
export interface HttpUnreachable {
  readonly unreachable: Cause;
  /** The request surely never got there: no connection was made. Absent: it may have been carried out all the same. */
  readonly sent?: false;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly truncated: boolean;
}

/** Some of the places of a broker. `unlisted`: it tells of a name, not which there are. */
export interface ListedPlaces {
  places: Place[];
  more: boolean;
  unlisted?: true;
}

/** What `describe` and `browse` tell of a place on a broker. */
export interface Place {
  readonly name: string;
  readonly type: PlaceType;
  readonly partitions?: number;
  /** Messages kept or waiting, when known. */
  readonly messages?: number;
  /** Its messages by state, as its `PlaceKind` names them. */
  readonly counts?: Readonly<Record<string, number>>;
  /** How safely it keeps them, as `describeRest` of its connection kind reads it. `describe` tells it, `places` does not. */
  readonly keeps?: unknown;
}
