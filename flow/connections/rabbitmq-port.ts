import type { OpenSource, SourceHandlers, StartingPlace } from "../behaviour";
import type { Codec } from "../codec";
import type { Header } from "../message";
import type { RequestPort } from "../request-reply";
import type { Verdict } from "../verdict";

/** What a RabbitMQ connection gives to nodes. */
export interface RabbitPort extends RequestPort {
  /**
   * Consumes a queue. One lane, named after the queue; a position is a delivery: the session's name and the delivery's number in it.
   * What a session leaves unacknowledged comes again in another one, under another position.
   */
  consume(options: RabbitConsumeOptions, handlers: SourceHandlers): Promise<OpenSource>;
  /**
   * Reads a stream by offset. One lane, named after the stream; a position is an offset. One worker at a time has it, and finds the place of
   * the one before in a stream beside it; unless each gets all: then a worker's place lasts as long as the worker.
   */
  readStream(options: RabbitStreamOptions, handlers: SourceHandlers): Promise<OpenSource>;
  /** Opens a channel with publisher confirms, when the first message comes. */
  publisher(options: RabbitPublisherOptions): RabbitPublisher;
}

export interface RabbitConsumeOptions {
  readonly node: string;
  readonly queue: RabbitQueue;
  /** Deliveries in hand that were not acknowledged. */
  readonly prefetch: number;
  readonly codec: Codec;
  readonly signal: AbortSignal;
}

export interface RabbitStreamOptions {
  readonly node: string;
  readonly stream: RabbitQueue;
  /** The reader's place is kept under this name. */
  readonly reader: string;
  /** Behind the lane's name where each worker gets all, and keeps its place by itself; else empty. */
  readonly ownName: string;
  /** Where a reader without a place begins, as the node's config says: at an offset, or at an end. */
  readonly fallback: number | "earliest" | "latest";
  /** The same, as the deploy says. */
  readonly start: StartingPlace;
  /** When messages are gone that were not read. */
  readonly onGap: "halt" | "earliest" | "latest";
  /** From so many in hand on no more are asked for. */
  readonly prefetch: number;
  readonly codec: Codec;
  readonly signal: AbortSignal;
}

/** A queue by name, and what it is to be when the node declares it. */
export interface RabbitQueue {
  readonly name: string;
  /** Absent: the queue must be there, and is used as it is. */
  readonly declare?: RabbitQueueDeclaration;
}

export interface RabbitQueueDeclaration {
  /** `x-queue-type` and the others, as RabbitMQ names them. */
  readonly arguments: Readonly<Record<string, RabbitArgument>>;
  readonly exchange?: RabbitExchange;
  readonly bindings?: readonly RabbitBinding[];
}

export type RabbitArgument = string | number | boolean;

export interface RabbitExchange {
  readonly name: string;
  /** Absent: the exchange must be there, and is used as it is. */
  readonly type?: string;
}

export interface RabbitBinding {
  readonly routingKey: string;
  readonly arguments?: Readonly<Record<string, RabbitArgument>>;
}

export interface RabbitPublisherOptions {
  readonly node: string;
  /** Declared before the first message. */
  readonly queue?: RabbitQueue;
  readonly exchange?: RabbitExchange;
  /** The target is the same for each message: that it is missing is no message's fault. */
  readonly isFixed: boolean;
}

export interface RabbitPublisher {
  /** Publishes, one verdict each in their order. Never rejects. */
  publish(messages: readonly RabbitMessage[], signal: AbortSignal): Promise<Verdict[]>;
  close(): Promise<void>;
}

export interface RabbitMessage {
  /** The message that it is made of: the same object each time that one is tried. */
  readonly of: object;
  /** Empty: the default exchange, whose routing keys are names of queues. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
  /** Milliseconds since the epoch; AMQP keeps seconds. */
  readonly timestamp: number;
  /** Where no header says it. */
  readonly contentType?: string;
  readonly persistent: boolean;
  /** A message that no queue takes comes back, and is rejected; else it is dropped without a word. */
  readonly mandatory: boolean;
  readonly priority?: number;
  readonly expirationMs?: number;
}
