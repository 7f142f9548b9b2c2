import type { Channel, Envelope, ReturnedMessage } from "rabbitmq-client";
import type { RabbitMessage, RabbitPublisher, RabbitPublisherOptions } from "../../../flow/connections/rabbitmq-port";
import { type Cause, done, rejected, type Verdict } from "../../../flow/verdict";
import { TransportError } from "../../transport";
import { within } from "../within";
import { describeBlocked, refuseBlocked } from "./alarm";
import { causeOf, isMissing, readSizeLimit } from "./causes";
import { writeTogether } from "./client-parts";
import { DeclareError, ensureExchange, ensureQueue } from "./declare";
import type { RabbitLink } from "./link";
import { isTooLong, maxShortBytes, writeEnvelope } from "./properties";

const openTimeoutMs = 5_000;
const confirmTimeoutMs = 10_000;
const lookMs = 200;
const closeTimeoutMs = 3_000;
const empty = Buffer.alloc(0);

/** A message that was written to a channel. */
interface Item {
  readonly channel: Open;
  readonly message: RabbitMessage;
  readonly envelope: Envelope;
  /** Absent while the broker has not said. */
  answer?: "confirmed" | { readonly error: unknown };
  /** It came back: no queue takes it. */
  isReturned: boolean;
  /** Called once it has its answer, by whoever waits for it. */
  onAnswer?: () => void;
}

/** A channel with confirms. */
interface Open {
  readonly channel: Channel;
  /** Exchanges that are known to be there. */
  readonly exchanges: Set<string>;
  /** Written, and nobody was told yet what became of them. */
  readonly items: Set<Item>;
  /** Why the channel was closed by the broker. */
  reason?: unknown;
}

/**
 * Publishes with confirms: a batch is written as a whole, then its confirmations are awaited. What is not confirmed in time stays on its way:
 * when the engine tries the same message again, it waits for that one and is not written a second time.
 */
export class ConfirmingPublisher implements RabbitPublisher {
  readonly #link: RabbitLink;
  readonly #options: RabbitPublisherOptions;
  #open: Open | undefined;
  #opening: Promise<Open> | undefined;
  readonly #late = new WeakMap<object, Item[]>();
  /** Of a body, as far as the broker has said. */
  #sizeLimit = Number.POSITIVE_INFINITY;

  constructor(link: RabbitLink, options: RabbitPublisherOptions) {
    this.#link = link;
    this.#options = options;
  }

  async publish(messages: readonly RabbitMessage[], signal: AbortSignal): Promise<Verdict[]> {
    const verdicts = new Array<Verdict>(messages.length);
    let indexes = messages.map((_, index) => index);
    // A message that is too large closes the channel, and the others go again without it.
    for (let tries = 0; tries < 3 && indexes.length > 0; tries++) {
      const limit = this.#sizeLimit;
      const answers = await this.#publishOnce(
        indexes.map((index) => messages[index]!),
        signal,
      );
      for (const [at, index] of indexes.entries()) verdicts[index] = answers[at]!;
      if (this.#sizeLimit === limit) break;
      indexes = indexes.filter((index) => verdicts[index]!.verdict === "retry");
    }
    return verdicts;
  }

  async close(): Promise<void> {
    const open = this.#open ?? (await this.#opening?.catch(() => undefined));
    this.#open = undefined;
    if (open?.channel.active) await within(open.channel.close(), closeTimeoutMs).catch(() => {});
  }

  async #publishOnce(messages: readonly RabbitMessage[], signal: AbortSignal): Promise<Verdict[]> {
    let open: Open;
    try {
      // A broker that reads nothing opens no channel either.
      if (!this.#open?.channel.active) refuseBlocked(this.#link);
      open = await this.#ensureOpen();
    } catch (error) {
      const cause = this.#link.blocked === undefined ? this.#explain(error) : this.#blockedCause();
      return messages.map(() => dependency(cause));
    }
    const known = new Array<Item | Verdict | undefined>(messages.length);
    for (const [index, message] of messages.entries()) {
      const late = this.#takeLate(message);
      const refusal = late ? undefined : this.#check(open, message);
      known[index] = late ?? (refusal && (await refusal));
    }
    let works: (Item | Verdict)[] = [];
    writeTogether(open.channel, () => {
      works = messages.map((message, index) => known[index] ?? this.#write(open, message));
    });
    const items = works.filter(isItem);
    await this.#awaitAnswers(items, signal);
    // A message that comes back is told in the turn of the loop behind its confirmation.
    await new Promise((resolve) => setImmediate(resolve));
    return works.map((work) => (isItem(work) ? this.#judge(work) : work));
  }

  #takeLate(message: RabbitMessage): Item | undefined {
    const late = this.#late.get(message.of)?.pop();
    // What was lost with its channel is written again.
    return late && (late.answer === undefined || late.answer === "confirmed") ? late : undefined;
  }

  /** What keeps a message from being written. */
  #check(open: Open, message: RabbitMessage): Verdict | undefined | Promise<Verdict | undefined> {
    const { exchange, routingKey, value } = message;
    if (this.#link.blocked !== undefined) return dependency(this.#blockedCause());
    if (isTooLong(exchange) || isTooLong(routingKey)) {
      const words = `The exchange or routing key of node \`${this.#options.node}\` is longer than ${maxShortBytes} bytes, which AMQP cannot carry.`;
      return rejected("broker-refused", words);
    }
    if (value !== null && value.length > this.#sizeLimit) return this.#tooLarge(value.length);
    if (exchange !== "" && !open.exchanges.has(exchange)) return this.#findExchange(open, exchange);
    return undefined;
  }

  /** Publishing to an exchange that is not there costs the channel, with all that is on its way: it is asked for on another. */
  async #findExchange(open: Open, exchange: string): Promise<Verdict | undefined> {
    try {
      const channel = await this.#link.channel();
      try {
        await within(ensureExchange(channel, this.#link.address, { name: exchange }), openTimeoutMs);
      } finally {
        void within(channel.close(), closeTimeoutMs).catch(() => {});
      }
      open.exchanges.add(exchange);
      return undefined;
    } catch (error) {
      const cause = this.#explain(error);
      const isOfMessage = error instanceof DeclareError && isMissing(error.cause) && !this.#options.isFixed;
      return isOfMessage ? { verdict: "reject", cause } : dependency(cause);
    }
  }

  #write(open: Open, message: RabbitMessage): Item | Verdict {
    let envelope: Envelope;
    try {
      envelope = writeEnvelope(message, this.#link.frameMax);
    } catch (error) {
      if (error instanceof RangeError) return rejected("broker-refused", error.message);
      throw error;
    }
    const { value } = message;
    const body = value === null ? empty : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    const item: Item = { channel: open, message, envelope, isReturned: false };
    open.channel.basicPublish(envelope, body).then(
      () => {
        item.answer = "confirmed";
        item.onAnswer?.();
      },
      (error: unknown) => {
        item.answer = { error };
        open.reason ??= isOwnWord(error) ? error : undefined;
        item.onAnswer?.();
      },
    );
    open.items.add(item);
    return item;
  }

  /** Waits until each has its answer, it takes too long, the broker is blocked, or nobody waits any more. */
  async #awaitAnswers(items: readonly Item[], signal: AbortSignal): Promise<void> {
    const open = items.filter(({ answer }) => answer === undefined);
    if (open.length === 0) return;
    let timer: NodeJS.Timeout | undefined;
    let stop: () => void = () => {};
    await new Promise<void>((resolve) => {
      stop = resolve;
      let left = open.length;
      const onAnswer = () => {
        if (--left === 0) resolve();
      };
      for (const item of open) item.onAnswer = onAnswer;
      const endAt = performance.now() + confirmTimeoutMs;
      timer = setInterval(() => {
        if (this.#link.blocked !== undefined || performance.now() > endAt) resolve();
      }, lookMs);
      signal.addEventListener("abort", stop, { once: true });
    });
    clearInterval(timer);
    signal.removeEventListener("abort", stop);
  }

  #judge(item: Item): Verdict {
    const { answer, message, channel } = item;
    if (answer === undefined) {
      const others = this.#late.get(message.of);
      if (others) others.push(item);
      else this.#late.set(message.of, [item]);
      return dependency(this.#link.blocked === undefined ? this.#unconfirmedCause() : this.#blockedCause());
    }
    channel.items.delete(item);
    if (answer === "confirmed") return item.isReturned ? this.#unroutable(message) : done;
    const error = isOwnWord(answer.error) ? answer.error : (channel.reason ?? this.#link.lost ?? answer.error);
    const limit = readSizeLimit(error);
    if (limit !== undefined) {
      this.#sizeLimit = limit;
      const size = message.value?.length ?? 0;
      if (size > limit) return this.#tooLarge(size);
    }
    return dependency(causeOf(error, this.#link.address, placeOf(message)));
  }

  #unroutable({ exchange, routingKey }: RabbitMessage): Verdict {
    const { shown, vhost } = this.#link.address;
    if (exchange === "") {
      const message = `There is no queue ${routingKey} in the virtual host ${vhost} on ${shown}. Make it, or let the node declare it.`;
      const cause = { code: "queue-missing", message };
      return this.#options.isFixed ? dependency(cause) : { verdict: "reject", cause };
    }
    const words = `No queue is bound to the exchange ${exchange} on ${shown} so that it takes the routing key \`${routingKey}\`. Bind one, or switch *Must be routed* off to drop such messages.`;
    return rejected("message-unroutable", words);
  }

  #tooLarge(size: number): Verdict {
    const words = `The message of ${size} bytes is larger than RabbitMQ at ${this.#link.address.shown} takes: ${this.#sizeLimit} bytes (\`max_message_size\`).`;
    return rejected("message-too-large", words);
  }

  #blockedCause(): Cause {
    const message = describeBlocked(this.#link.blocked ?? "low on resources", this.#link.address.shown);
    return { code: "broker-blocked", message };
  }

  #unconfirmedCause(): Cause {
    const message = `RabbitMQ at ${this.#link.address.shown} has not confirmed a message for ${confirmTimeoutMs / 1000} s. It is waited for, and not written again.`;
    return { code: "broker-unreachable", message };
  }

  #explain(error: unknown): Cause {
    if (error instanceof DeclareError || error instanceof TransportError) return error.reason;
    return causeOf(error, this.#link.address);
  }

  #ensureOpen(): Promise<Open> {
    if (this.#open?.channel.active) return Promise.resolve(this.#open);
    this.#opening ??= this.#openChannel().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #openChannel(): Promise<Open> {
    const { queue, exchange } = this.#options;
    const channel = await this.#link.channel();
    try {
      const open: Open = { channel, exchanges: new Set(), items: new Set() };
      channel.on("error", (error) => {
        open.reason ??= error;
      });
      channel.on("basic.return", (returned) => markReturned(open, returned));
      if (queue?.declare) await within(ensureQueue(channel, this.#link.address, queue), openTimeoutMs);
      if (exchange?.type) {
        await within(ensureExchange(channel, this.#link.address, exchange), openTimeoutMs);
        open.exchanges.add(exchange.name);
      }
      await within(channel.confirmSelect(), openTimeoutMs);
      this.#open = open;
      return open;
    } catch (error) {
      void within(channel.close(), closeTimeoutMs).catch(() => {});
      throw error;
    }
  }
}

/**
 * A message that comes back names no number: it is known by its way. Of those on the same way all came back, or some may have: they are
 * kept aside, so that none is lost.
 */
function markReturned({ items }: Open, returned: ReturnedMessage): void {
  const headers = describeHeaders(returned.headers);
  for (const item of items) {
    const { exchange, routingKey } = item.message;
    if (item.isReturned || exchange !== returned.exchange || routingKey !== returned.routingKey) continue;
    if (describeHeaders(item.envelope.headers) === headers) item.isReturned = true;
  }
}

function describeHeaders(headers: unknown): string {
  const entries = headers instanceof Map ? [...headers] : Object.entries(headers ?? {});
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Does the error say more than that the channel is closed? */
function isOwnWord(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code !== "CH_CLOSE" && code !== "CLOSING";
}

function isItem(work: Item | Verdict): work is Item {
  return "envelope" in work;
}

function dependency(cause: Cause): Verdict {
  return { verdict: "retry", of: "dependency", cause };
}

function placeOf({ exchange, routingKey }: RabbitMessage): string {
  return exchange === "" ? `queue ${routingKey}` : `exchange ${exchange}`;
}
