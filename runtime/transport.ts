import type { ConnectionKindName, ConnectionPorts, ListedPlaces, Place } from "../flow/connection-ports";
import type { PlainMessage, SeenMessage } from "../flow/control";
import type { Message } from "../flow/message";
import type { PlaceType } from "../flow/place";
import type { Cause, Failure, Verdict } from "../flow/verdict";

/**
 * What a transport is made from. The settings are the connection's, whole: an empty address means what
 * the worker was started with, which `environment` carries.
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
  /** REDIS_URL; `undefined` = BullMQ on Postgres, and no streams. */
  readonly redisUrl: string | undefined;
  /** RABBITMQ_URL: `amqp://host:5672`. */
  readonly rabbitmqUrl?: string | undefined;
  /** PULSAR_URL: of its WebSocket API, `ws://host:8080`. */
  readonly pulsarUrl?: string | undefined;
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
  /** Places of every type whose name begins with `prefix`, by name. @throws TransportError */
  places(prefix: string, limit: number): Promise<ListedPlaces>;
  /** Names that do not exist are left out. @throws TransportError */
  describe(names: readonly string[]): Promise<Place[]>;
  /** How many messages of a place a group has not read; `null` where that is not told. @throws TransportError */
  waiting?(place: string, group: string): Promise<number | null>;
  /**
   * What the server keeps of everything, where that is not told by each place: for `describeRest` of the connection kind; `undefined` when it
   * does not say. @throws TransportError
   */
  keeping?(): Promise<unknown>;
  /** A Redis only: its own commands, for what keeps state there. @throws TransportError where there is no Redis. */
  redis?(): RedisCommands;
  /**
   * Makes a place of a type that the connection kind lets create (`PlaceKind.create`), with options as that takes them.
   * `created` is false when it was there already: then it stays as it is. @throws TransportError
   */
  createPlace?(
    type: PlaceType,
    name: string,
    options: Readonly<Record<string, unknown>>,
  ): Promise<{ created: boolean; place: Place }>;
  /**
   * Writes dead letters to a place of the type that the connection kind has for them (`deadLettersTo`), in their order: a verdict each, never
   * rejects. Where the broker tells repeats apart, one that it still has is not written again.
   */
  forward?(place: string, letters: readonly ForwardedLetter[], signal: AbortSignal): Promise<Verdict[]>;
  /** The newest messages of a place, newest first, each value cut at `maxBytes`; moves no group. @throws TransportError */
  newest(place: string, limit: number, maxBytes: number): Promise<SeenMessage[]>;
  /** Sends one message as a person typed it. `type`: where places of several types may have one name. @throws TransportError */
  send(place: string, message: PlainMessage, type?: PlaceType): Promise<{ lane: string; position: string }>;
  /** Called when nothing uses it any more. Gives up on the other end after a few seconds. */
  close(): Promise<void>;
}

/** A dead letter on its way to another place. */
export interface ForwardedLetter {
  /** The same for the same failure of the same letter. */
  readonly id: string;
  /** As it failed, with headers that say what became of it. */
  readonly message: Message;
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

/** What a port answers when its connection cannot be used: the dependency is tried again. @throws everything else, which is a defect. */
export function retryOf(error: unknown): Failure {
  if (!(error instanceof TransportError)) throw error;
  return { verdict: "retry", of: "dependency", cause: error.reason };
}
