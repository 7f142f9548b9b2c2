import type { ConnectionKindName, ConnectionPorts, Place } from "../flow/connection-ports";
import type { PlainMessage, SeenMessage } from "../flow/control";
import type { QueueKeeping } from "../flow/durability";
import type { Cause } from "../flow/verdict";

/**
 * What a transport is made from. The settings are the connection's, whole: an empty kafka `brokers` or queue `url`
 * means what the worker was started with, which `environment` carries.
 */
export interface TransportOptions {
  /** Name of the connection; for logs, client ids and words to people. */
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** In plain text, kept in memory only. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly environment: TransportEnvironment;
  /** Structured log: no payloads, no secrets. */
  log(level: "info" | "warn", message: string, fields?: Record<string, string | number | boolean>): void;
}

/** What the worker's own environment says about brokers. */
export interface TransportEnvironment {
  /** KAFKA_BROKERS: `host:port`, comma separated; `undefined` when there is none. */
  readonly kafkaBrokers: string | undefined;
  /** REDIS_URL; `undefined` = BullMQ on Postgres. */
  readonly redisUrl: string | undefined;
  readonly databaseUrl: string;
}

/**
 * A connection, opened once per worker and shared by all nodes that name it. Opening never waits and never fails because
 * the other end is away: each call says so when it is made (`TransportError`, or a verdict on the port).
 */
export interface Transport<Kind extends ConnectionKindName = ConnectionKindName> {
  readonly kind: Kind;
  /** What nodes get from `context.connection(kind, name)`. */
  readonly port: ConnectionPorts[Kind];
  /** Reaches the other end and says what is there: `Kafka, 1 broker, 12 topics`. @throws TransportError */
  test(): Promise<string>;
  /** Is the other end there? Asked every few seconds, so cheaper than `test`, which stands in where there is none. @throws TransportError */
  reach?(): Promise<unknown>;
  /** Topics or queues whose name begins with `prefix`, by name. @throws TransportError */
  places(prefix: string, limit: number): Promise<{ places: Place[]; more: boolean }>;
  /** Names that do not exist are left out. @throws TransportError */
  describe(names: readonly string[]): Promise<Place[]>;
  /** Queues only: what the server keeps when it is killed; `undefined` when it does not say. @throws TransportError */
  keeping?(): Promise<QueueKeeping | undefined>;
  /** Queues on Redis only: its own commands, for what keeps state there. @throws TransportError where there is no Redis. */
  redis?(): RedisCommands;
  /** Kafka only. `created` is false when it was there already. @throws TransportError */
  createTopic?(
    topic: string,
    options: { readonly partitions: number; readonly replication?: number },
  ): Promise<{ created: boolean; place: Place }>;
  /** The newest messages of a topic or queue, newest first, each value cut at `maxBytes`; moves no group. @throws TransportError */
  newest(place: string, limit: number, maxBytes: number): Promise<SeenMessage[]>;
  /** Sends one message as a person typed it. @throws TransportError */
  send(place: string, message: PlainMessage): Promise<{ lane: string; position: string }>;
  /** Called when nothing uses it any more. Gives up on the other end after a few seconds. */
  close(): Promise<void>;
}

/**
 * Commands to a Redis that keeps what it is given: before the first, after each reconnection and from time to time it is asked whether it
 * writes an append-only file and removes nothing. Answers are bytes. Each rejects with a TransportError, also when it does not keep.
 */
export interface RedisCommands {
  /** One after another in one round trip, not as one transaction. */
  ask(commands: readonly (readonly [name: string, ...args: readonly RedisWord[]])[]): Promise<unknown[]>;
  /** A script, all or nothing. `key` names its place; what else it touches begins with it, so that its hash tag counts for all. */
  run(script: RedisScript, key: string, args: readonly RedisWord[]): Promise<unknown>;
}

export type RedisWord = string | number | Buffer;

export interface RedisScript {
  /** Of its own. */
  readonly name: string;
  readonly lua: string;
}

/** `runtime/transports/<kind>.ts` exports one: `openKafka`, `openQueue`, `openHttp`. */
export type OpenTransport<Kind extends ConnectionKindName> = (options: TransportOptions) => Transport<Kind>;

/** The other end is away, refuses, or cannot do it. `reason` is for people and carries no credentials. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  constructor(
    readonly reason: Cause,
    options?: { cause?: unknown },
  ) {
    super(reason.message, options);
  }
}
