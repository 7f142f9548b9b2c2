import type { SourceHandlers } from "../../../flow/behaviour";
import type { Codec } from "../../../flow/codec";
import type { PulsarTopic } from "../../../flow/connections/pulsar-topic";
import type { Message } from "../../../flow/message";
import type { Cause } from "../../../flow/verdict";
import { computeDependencyDelay, sleep } from "../../backoff";
import { TransportError } from "../../transport";
import { readReceived } from "./received";
import type { Closing, ConsumerOptions, PulsarClient, PulsarConsumer, ReceivedMessage } from "./seam";

/** Messages handed over at once. */
const chunk = 500;
const mostPermits = 1_000;
/** Large messages are let in by fewer: about so much of them may be on its way here. */
const permittedBytes = 8 * 1024 * 1024;
/** How large messages are is not known before the first have come. */
const firstPermits = 50;
const retryMaxMs = 2_000;
/** Acknowledgements that could not be sent, kept for when their messages come again. */
const mostOwed = 10_000;

export interface LaneOptions {
  readonly name: string;
  readonly topic: PulsarTopic;
  readonly node: string;
  readonly codec: Codec;
  /** A settle counts for all before it. */
  readonly contiguous: boolean;
  readonly consumer: ConsumerOptions;
}

let lastEpoch = 0;

/**
 * One partition of a source (or a topic without partitions): its consumer, made again when its connection is lost, and what was handed over
 * and is not acknowledged. A consumer that comes back gets all of that again, so the lane begins a new epoch.
 */
export class PulsarLane {
  epoch = 0;
  position: string | null = null;
  /** When it last acknowledged: the broker counts what was acknowledged a moment later. */
  acknowledgedAt = 0;
  cause: Cause | undefined;
  /** Its consumer was there once; before that it is neither well nor ill. */
  hasOpened = false;
  #consumer: PulsarConsumer | undefined;
  /** Position → the id to acknowledge with, in the order of delivery. */
  #open = new Map<string, string>();
  readonly #owed = new Set<string>();
  #waiting: ReceivedMessage[] = [];
  #permitted = 0;
  #averageBytes = permittedBytes / firstPermits;
  #handingOver = false;
  #stopping = false;
  #wake: () => void = () => {};
  readonly #abort = new AbortController();
  readonly #running: Promise<void>;

  constructor(
    private readonly client: PulsarClient,
    private readonly options: LaneOptions,
    private readonly handlers: SourceHandlers,
    private readonly changed: () => void,
  ) {
    this.#running = this.#run();
  }

  get inHand(): number {
    return this.#open.size;
  }

  settle(position: string): void {
    this.position = position;
    if (!this.#open.has(position)) return;
    for (const each of this.options.contiguous ? this.#open.keys() : [position]) {
      this.#acknowledge(each);
      if (each === position) break;
    }
  }

  release(position: string): void {
    const id = this.#open.get(position);
    this.#open.delete(position);
    // A consumer that leaves gives back all that it has, at once and to others.
    if (id !== undefined && !this.#stopping) this.#consumer?.reject(id);
    this.#leaveWhenEmpty();
  }

  waiting(): number | undefined {
    return this.#consumer?.waiting();
  }

  /** Takes no more; what is in hand may still be settled. */
  holdBack(): void {
    this.#stopping = true;
    this.#waiting = [];
    this.#abort.abort();
    this.#leaveWhenEmpty();
  }

  async stop(): Promise<void> {
    this.holdBack();
    await this.#leave();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let refusals = 1; !this.#stopping; ) {
      try {
        const why = await this.#consume(() => {
          refusals = 1;
        });
        if (why === undefined) return;
        this.#tell(why.cause);
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        this.#tell(error.reason);
      }
      await sleep(Math.min(computeDependencyDelay(refusals++, undefined), retryMaxMs), this.#abort.signal);
    }
  }

  /** One consumer's life; `undefined` when it was ended from here. */
  async #consume(opened: () => void): Promise<Closing | undefined> {
    let end: (why: Closing | undefined) => void = () => {};
    const ended = new Promise<Closing | undefined>((resolve) => {
      end = resolve;
    });
    let consumer: PulsarConsumer | undefined;
    consumer = await this.client.openConsumer(this.options.topic, this.options.consumer, {
      received: (message) => {
        if (this.#consumer === consumer) this.#receive(message);
      },
      closed: end,
      inHand: () => this.#open.size + this.#waiting.length,
    });
    if (this.#stopping) {
      await consumer.close();
      return undefined;
    }
    this.#wake = () => end(undefined);
    this.#consumer = consumer;
    this.epoch = ++lastEpoch;
    opened();
    this.hasOpened = true;
    this.handlers.assigned(this.options.name, this.epoch);
    this.#tell(undefined);
    this.#permitted = 0;
    this.#permit();
    const why = await ended;
    if (why === undefined) return undefined;
    this.#consumer = undefined;
    this.#waiting = [];
    this.#tell(why.cause);
    await this.handlers.revoked(this.options.name, this.epoch);
    this.#open = new Map();
    return why;
  }

  #receive(message: ReceivedMessage): void {
    this.#permitted--;
    if (this.#stopping) return;
    const bytes = message.payload.length;
    this.#averageBytes += (bytes - this.#averageBytes) / 16;
    this.#waiting.push(message);
    void this.#handOver();
  }

  /** Hands over what came together, once at a time, and waits until the engine has room for more. */
  async #handOver(): Promise<void> {
    if (this.#handingOver) return;
    this.#handingOver = true;
    // Messages arrive one by one; those of one turn of the loop go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0 && !this.#stopping) {
      const taken = this.#waiting.splice(0, chunk);
      const messages = this.#take(taken);
      if (messages.length > 0) await this.handlers.deliver(this.options.name, this.epoch, messages);
      this.#permit();
    }
    this.#handingOver = false;
  }

  #take(received: readonly ReceivedMessage[]): Message[] {
    const messages: Message[] = [];
    for (const each of received) {
      const message = readReceived(each, this.options);
      const { position } = message.meta;
      // It is being worked here; or it was, and nobody could be told.
      if (this.#open.has(position)) continue;
      if (this.#owed.delete(position)) {
        this.#consumer?.acknowledge(each.messageId);
        continue;
      }
      this.#open.set(position, each.messageId);
      messages.push(message);
    }
    return messages;
  }

  #permit(): void {
    const room = Math.min(mostPermits, Math.max(1, Math.floor(permittedBytes / Math.max(1, this.#averageBytes))));
    const more = room - this.#permitted - this.#waiting.length;
    if (more < Math.max(1, room / 4) && this.#permitted > 0) return;
    if (more <= 0) return;
    this.#permitted += more;
    this.#consumer?.permit(more);
  }

  #acknowledge(position: string): void {
    const id = this.#open.get(position);
    if (id === undefined) return;
    this.#open.delete(position);
    if (this.#consumer === undefined) {
      if (this.#owed.size < mostOwed) this.#owed.add(position);
    } else {
      this.#consumer.acknowledge(id);
      this.acknowledgedAt = Date.now();
    }
    this.#leaveWhenEmpty();
  }

  #leaveWhenEmpty(): void {
    if (this.#stopping && this.#open.size === 0) void this.#leave();
  }

  async #leave(): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = undefined;
    await consumer?.close();
  }

  #tell(cause: Cause | undefined): void {
    this.cause = cause;
    this.changed();
  }
}
