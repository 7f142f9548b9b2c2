import { randomBytes } from "node:crypto";
import type { AsyncMessage, Channel } from "rabbitmq-client";
import type { LaneProgress, OpenSource, SourceHandlers } from "../../../flow/behaviour";
import type { RabbitConsumeOptions } from "../../../flow/connections/rabbitmq-port";
import { Message } from "../../../flow/message";
import type { Cause } from "../../../flow/verdict";
import type { TransportOptions } from "../../transport";
import { within } from "../within";
import { causeOf } from "./causes";
import { DeclareError, ensureQueue } from "./declare";
import type { RabbitLink } from "./link";
import { type Delivered, readAttempt, readDelivered } from "./properties";
import { Ending, Intake, keepOpen } from "./sessions";
import { isStream } from "./stream-ends";

const askTimeoutMs = 5_000;
const progressTimeoutMs = 400;
const maxBatch = 500;

let lastEpoch = 0;

/** Content types that a codec implies. */
export const usualTypes: Readonly<Record<string, string>> = {
  json: "application/json",
  text: "text/plain",
  bytes: "application/octet-stream",
};

/** One channel that consumes, from its opening to its end. */
interface Session {
  readonly channel: Channel;
  readonly epoch: number;
  /** Makes its positions others than those of every other session. */
  readonly name: string;
  readonly tag: string;
  readonly ending: Ending;
  /** What was delivered and has not been handed over. */
  readonly intake: Intake<Message>;
}

/** Consumes a queue with manual acknowledgement: everything up to a position is acknowledged in one word. One session after the other. */
export class RabbitSource implements OpenSource {
  readonly #link: RabbitLink;
  readonly #options: RabbitConsumeOptions;
  readonly #handlers: SourceHandlers;
  readonly #stopping = new AbortController();
  #session: Session | undefined;
  #position: string | null = null;
  readonly #running: Promise<void>;
  readonly #onAbort = () => this.#holdBack();

  constructor(link: RabbitLink, options: RabbitConsumeOptions, handlers: SourceHandlers, log: TransportOptions["log"]) {
    this.#link = link;
    this.#options = options;
    this.#handlers = handlers;
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#running = keepOpen({
      node: options.node,
      handlers,
      log,
      signal: this.#stopping.signal,
      begin: () => this.#begin(),
      finish: () => this.#finish(),
      causeOf: (why) => this.#causeOf(why),
    });
  }

  settle(_lane: string, epoch: number, position: string): void {
    const session = this.#session;
    if (session?.epoch !== epoch) return;
    this.#position = position;
    // A channel that has just broken: what it delivered comes again.
    if (session.channel.active) session.channel.basicAck({ deliveryTag: readTag(position), multiple: true });
  }

  async progress(): Promise<LaneProgress[]> {
    const { name } = this.#options.queue;
    let lag: number | null = null;
    try {
      const channel = this.#session?.channel;
      if (channel?.active) {
        const asked = channel.queueDeclare({ queue: name, passive: true });
        lag = (await within(asked, progressTimeoutMs)).messageCount;
      }
    } catch {
      // The state says that the broker is away; how many wait is not known meanwhile.
    }
    return [{ lane: name, lag, position: this.#position }];
  }

  async stop(): Promise<void> {
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#holdBack();
    // With its channel all that was not acknowledged goes back to the queue.
    this.#session?.ending.end(undefined);
    await this.#running;
  }

  /** Opens a channel and consumes. `undefined` when it was stopped meanwhile. */
  async #begin(): Promise<Session | undefined> {
    const { node, queue, prefetch } = this.#options;
    const channel = await this.#link.channel();
    const ending = new Ending().watch(channel, this.#link);
    try {
      await within(ensureQueue(channel, this.#link.address, queue), askTimeoutMs);
      await within(channel.basicQos({ prefetchCount: prefetch }), askTimeoutMs);
      // What the node has just declared is none.
      if (!queue.declare && (await isStream(this.#link, queue.name))) throw this.#refuseStream();
      if (this.#stopping.signal.aborted) throw new Error("stopped");
      const name = makeSessionName();
      const tag = `millrace.${node}.${name}`;
      const epoch = ++lastEpoch;
      const intake = new Intake<Message>(maxBatch, (messages) => this.#handlers.deliver(queue.name, epoch, messages));
      const session: Session = { channel, epoch, name, tag, ending, intake };
      this.#session = session;
      this.#handlers.assigned(queue.name, session.epoch);
      const consume = { queue: queue.name, consumerTag: tag };
      await within(
        channel.basicConsume(consume, (delivery) => this.#take(session, delivery)),
        askTimeoutMs,
      );
      return session;
    } catch (error) {
      if (this.#session?.channel === channel) await this.#finish();
      else void within(channel.close(), askTimeoutMs).catch(() => {});
      if (this.#stopping.signal.aborted) return undefined;
      throw error;
    }
  }

  /** The lane is no longer ours: what it delivered comes again. */
  async #finish(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    this.#session = undefined;
    session.intake.clear();
    if (session.channel.active) await within(session.channel.close(), askTimeoutMs).catch(() => {});
    if (!this.#stopping.signal.aborted) await this.#handlers.revoked(this.#options.queue.name, session.epoch);
  }

  #take(session: Session, delivery: AsyncMessage): void {
    if (this.#stopping.signal.aborted || this.#session !== session) return;
    session.intake.add(this.#toMessage(session, delivery));
  }

  #toMessage(session: Session, delivery: AsyncMessage): Message {
    const { node, queue, codec } = this.#options;
    const delivered = delivery as unknown as Delivered & { redelivered: boolean };
    const { key, value, headers } = readDelivered(delivered, usualTypes[codec.name]);
    return new Message({
      key,
      value,
      headers,
      meta: {
        source: node,
        lane: queue.name,
        position: `${session.name}-${delivery.deliveryTag}`,
        timestamp: delivered.timestamp === undefined ? Date.now() : delivered.timestamp * 1000,
        attempt: readAttempt(delivered),
      },
      codec,
    });
  }

  /** Consumed as a queue, a stream begins with what comes: what came while nobody read it would be passed over. */
  #refuseStream(): DeclareError {
    const { name } = this.#options.queue;
    const { shown } = this.#link.address;
    const message = `Queue ${name} on ${shown} is a stream, which this node would begin at its end each time. Read it with a *RabbitMQ stream* node, which keeps its place.`;
    return new DeclareError({ code: "declared-otherwise", message }, undefined);
  }

  /** Takes no more; what is in work goes on, and is acknowledged. */
  #holdBack(): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    const session = this.#session;
    session?.intake.clear();
    // Of a quorum queue the next single active consumer would begin at once, ahead of what is in work here.
    if (this.#options.queue.declare?.arguments["x-single-active-consumer"]) return;
    if (session?.channel.active) session.channel.basicCancel({ consumerTag: session.tag }).catch(() => {});
  }

  #causeOf(why: unknown): Cause {
    if (why instanceof DeclareError) return why.reason;
    return causeOf(why, this.#link.address, `queue ${this.#options.queue.name}`);
  }
}

function makeSessionName(): string {
  return `${Date.now().toString(36)}${randomBytes(3).toString("hex")}`;
}

function readTag(position: string): number {
  return Number(position.slice(position.indexOf("-") + 1));
}
