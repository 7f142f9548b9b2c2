import { randomBytes } from "node:crypto";
import type { AsyncMessage, Channel } from "rabbitmq-client";
import type { LaneProgress, OpenSource, SourceHandlers } from "../../../flow/behaviour";
import type { RabbitConsumeOptions } from "../../../flow/connections/rabbitmq-port";
import { Message } from "../../../flow/message";
import type { Cause } from "../../../flow/verdict";
import { sleep } from "../../backoff";
import type { TransportOptions } from "../../transport";
import { within } from "../within";
import { causeOf } from "./causes";
import { DeclareError, ensureQueue } from "./declare";
import type { RabbitLink } from "./link";
import { type Delivered, readAttempt, readDelivered } from "./properties";

const retryMs = 1_000;
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
  /** Resolves with why it ended. */
  readonly ended: Promise<unknown>;
  end(why: unknown): void;
}

/** Consumes a queue with manual acknowledgement: everything up to a position is acknowledged in one word. One session after the other. */
export class RabbitSource implements OpenSource {
  readonly #link: RabbitLink;
  readonly #options: RabbitConsumeOptions;
  readonly #handlers: SourceHandlers;
  readonly #log: TransportOptions["log"];
  readonly #stopping = new AbortController();
  #session: Session | undefined;
  #pending: Message[] = [];
  #handingOver = false;
  #position: string | null = null;
  readonly #running: Promise<void>;
  readonly #onAbort = () => this.#holdBack();

  constructor(link: RabbitLink, options: RabbitConsumeOptions, handlers: SourceHandlers, log: TransportOptions["log"]) {
    this.#link = link;
    this.#options = options;
    this.#handlers = handlers;
    this.#log = log;
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#running = this.#run();
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
    this.#session?.end(undefined);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let told: string | undefined;
    while (!signal.aborted) {
      let why: unknown;
      try {
        const session = await this.#begin();
        if (session) {
          told = undefined;
          this.#handlers.state({ is: "running" });
          why = await session.ended;
          await this.#finish(session);
        }
      } catch (error) {
        why = error;
      }
      if (signal.aborted) break;
      const cause = this.#causeOf(why);
      this.#handlers.state({ is: "degraded", cause });
      if (told !== cause.message) this.#log("warn", cause.message, { node: this.#options.node, code: cause.code });
      told = cause.message;
      await sleep(retryMs, signal);
    }
  }

  /** Opens a channel and consumes. `undefined` when it was stopped meanwhile. */
  async #begin(): Promise<Session | undefined> {
    const { node, queue, prefetch } = this.#options;
    const channel = await this.#link.channel();
    let end: (why: unknown) => void = () => {};
    const ended = new Promise<unknown>((resolve) => {
      end = resolve;
    });
    channel.on("error", (error) => end(error));
    channel.on("basic.cancel", (_tag, error) => end(error));
    // Why a connection broke is known a moment after its channels were closed.
    channel.on("close", () => setImmediate(() => end(this.#link.lost)));
    try {
      await within(ensureQueue(channel, this.#link.address, queue), askTimeoutMs);
      await within(channel.basicQos({ prefetchCount: prefetch }), askTimeoutMs);
      if (this.#stopping.signal.aborted) throw new Error("stopped");
      const name = makeSessionName();
      const tag = `millrace.${node}.${name}`;
      const session = { channel, epoch: ++lastEpoch, name, tag, ended, end };
      this.#session = session;
      this.#handlers.assigned(queue.name, session.epoch);
      const consume = { queue: queue.name, consumerTag: tag };
      await within(
        channel.basicConsume(consume, (delivery) => this.#take(session, delivery)),
        askTimeoutMs,
      );
      return session;
    } catch (error) {
      const session = this.#session;
      if (session?.channel === channel) await this.#finish(session);
      else void within(channel.close(), askTimeoutMs).catch(() => {});
      if (this.#stopping.signal.aborted) return undefined;
      throw error;
    }
  }

  /** The lane is no longer ours: what it delivered comes again. */
  async #finish(session: Session): Promise<void> {
    this.#session = undefined;
    this.#pending = [];
    if (session.channel.active) await within(session.channel.close(), askTimeoutMs).catch(() => {});
    if (!this.#stopping.signal.aborted) await this.#handlers.revoked(this.#options.queue.name, session.epoch);
  }

  #take(session: Session, delivery: AsyncMessage): void {
    if (this.#stopping.signal.aborted || this.#session !== session) return;
    if (delivery.headers?.["x-stream-offset"] !== undefined) {
      session.end(this.#refuseStream());
      return;
    }
    this.#pending.push(this.#toMessage(session, delivery));
    if (!this.#handingOver) void this.#handOver(session);
  }

  /** Hands over what came together, once at a time, and waits until the engine has room for more. */
  async #handOver(session: Session): Promise<void> {
    this.#handingOver = true;
    // Deliveries come one by one; those of one turn of the loop go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#pending.length > 0 && this.#session === session) {
      const messages = this.#pending.splice(0, maxBatch);
      await this.#handlers.deliver(this.#options.queue.name, session.epoch, messages);
    }
    this.#handingOver = false;
    const next = this.#session;
    if (next && this.#pending.length > 0) void this.#handOver(next);
  }

  #toMessage(session: Session, delivery: AsyncMessage): Message {
    const { node, queue, codec } = this.#options;
    const delivered = delivery as unknown as Delivered & { redelivered: boolean };
    return new Message({
      ...readDelivered(delivered, usualTypes[codec.name]),
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

  /** A stream forgets nobody's place: without an offset of its own a consumer would pass over what came while it was away. */
  #refuseStream(): DeclareError {
    const { name } = this.#options.queue;
    const { shown } = this.#link.address;
    const message = `Queue ${name} on ${shown} is a stream, which this node does not read: it would pass over what comes while it is away. Bind a quorum or classic queue to the same exchange, and consume that.`;
    return new DeclareError({ code: "declared-otherwise", message }, undefined);
  }

  /** Takes no more; what is in work goes on, and is acknowledged. */
  #holdBack(): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#pending = [];
    const session = this.#session;
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
