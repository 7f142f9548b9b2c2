import type { Channel } from "rabbitmq-client";
import type { ListedPlaces, Place } from "../../flow/connection-ports";
import type { RabbitPort, RabbitPublisher, RabbitPublisherOptions } from "../../flow/connections/rabbitmq-port";
import type { PlainMessage, SeenMessage } from "../../flow/control";
import type { Message } from "../../flow/message";
import type { PlaceType } from "../../flow/place";
import type { Verdict } from "../../flow/verdict";
import {
  type ForwardedLetter,
  type OpenTransport,
  retryOf,
  type Transport,
  TransportError,
  type TransportOptions,
} from "../transport";
import { fromPlain, toSeen } from "./plain";
import { type RabbitAddress, readAddress } from "./rabbitmq/address";
import { askForAlarm, refuseBlocked } from "./rabbitmq/alarm";
import { causeOf, isMissing, isUnsupported } from "./rabbitmq/causes";
import { DeclareError, ensureExchange, ensureQueue } from "./rabbitmq/declare";
import { RabbitLink } from "./rabbitmq/link";
import { Management } from "./rabbitmq/management";
import { type Delivered, isTooLong, readDelivered } from "./rabbitmq/properties";
import { ConfirmingPublisher } from "./rabbitmq/publisher";
import { countBehind } from "./rabbitmq/reader-place";
import { RabbitRequestReply } from "./rabbitmq/request-reply";
import { RabbitSource } from "./rabbitmq/source";
import { offsetOf, readNewest } from "./rabbitmq/stream-ends";
import { RabbitStreamSource } from "./rabbitmq/stream-source";
import { within } from "./within";

const askTimeoutMs = 5_000;
/** A look at a queue takes no more than this out of it, for the moment that it lasts. */
const peekMessages = 200;
const peekBytes = 16_000_000;

/** RabbitMQ by AMQP 0-9-1: everything below `rabbitmq/` serves this. */
export const openRabbitmq: OpenTransport<"rabbitmq"> = (options) => new RabbitTransport(options);

/**
 * Reading and writing have connections of their own: a broker that is short of memory blocks the one that writes, and acknowledgements must
 * go on. So has the place of stream readers, which is lost and written with the same one.
 */
interface Links {
  readonly reading: RabbitLink;
  readonly keeping: RabbitLink;
  readonly writing: RabbitLink;
  readonly management: Management;
  readonly requestReply: RabbitRequestReply;
}

class RabbitTransport implements Transport<"rabbitmq"> {
  readonly kind = "rabbitmq";
  readonly port: RabbitPort;
  readonly #options: TransportOptions;
  #links: Links | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.port = {
      consume: async (consume, handlers) => {
        const { reading, requestReply } = this.#open();
        const { reply } = requestReply.replies;
        return Object.assign(new RabbitSource(reading, consume, handlers, options.log), { reply });
      },
      request: async (request, signal) => {
        try {
          return await this.#open().requestReply.request(request, signal);
        } catch (error) {
          return retryOf(error);
        }
      },
      readStream: async (read, handlers) => {
        const links = this.#open();
        const { reply } = links.requestReply.replies;
        return Object.assign(new RabbitStreamSource(links, read, handlers, options.log), { reply });
      },
      publisher: (publisher) => new LazyPublisher(() => this.#open().writing, publisher),
    };
  }

  async test(): Promise<string> {
    const { writing, management } = this.#open();
    const { shown, vhost } = writing.address;
    await this.reach();
    await this.#ask(() => askForAlarm(writing));
    refuseBlocked(writing);
    const version = await management.version();
    return `RabbitMQ${version ? ` ${version}` : ""} at ${shown}, virtual host ${vhost}`;
  }

  /** Both connections, as far as they are in use: a broker that takes no messages is told, too. */
  async reach(): Promise<void> {
    const { reading, writing } = this.#open();
    await this.#ask(async () => {
      await reading.connect();
    });
    refuseBlocked(writing);
  }

  async places(prefix: string, limit: number): Promise<ListedPlaces> {
    const { management } = this.#open();
    await this.reach();
    const [queues, exchanges] = await Promise.all([
      management.queues(prefix, limit),
      management.exchanges(prefix, limit),
    ]);
    // Without its management API the broker tells of a name, not which there are.
    if (queues === undefined || exchanges === undefined)
      return { places: prefix === "" ? [] : await this.describe([prefix]), more: false, unlisted: true };
    const places: Place[] = [
      ...queues.map(({ name, messages }) => ({ name, type: "queue" as const, messages: messages ?? 0 })),
      ...exchanges.filter(({ name }) => name !== "").map(({ name }) => ({ name, type: "exchange" as const })),
    ];
    places.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    return { places: places.slice(0, limit), more: places.length > limit };
  }

  async describe(names: readonly string[]): Promise<Place[]> {
    const places: Place[] = [];
    for (const name of names) {
      if (name === "" || isTooLong(name)) continue;
      const messages = await this.#countMessages(name);
      if (messages !== undefined) places.push({ name, type: "queue", messages });
      if (await this.#hasExchange(name)) places.push({ name, type: "exchange" });
    }
    return places;
  }

  async waiting(place: string, group: string): Promise<number | null> {
    const { reading } = this.#open();
    const behind = await this.#ask(() => countBehind(reading, place, group), `queue ${place}`);
    return behind === undefined ? ((await this.#countMessages(place)) ?? null) : behind;
  }

  async createPlace(
    type: PlaceType,
    name: string,
    options: { readonly type: string },
  ): Promise<{ created: boolean; place: Place }> {
    const [found] = (await this.describe([name])).filter((place) => place.type === type);
    if (found) return { created: false, place: found };
    const { address } = this.#open().reading;
    await this.#withChannel(`${type} ${name}`, (channel) =>
      type === "exchange"
        ? ensureExchange(channel, address, { name, type: options.type })
        : ensureQueue(channel, address, { name, declare: { arguments: { "x-queue-type": options.type } } }),
    );
    return { created: true, place: type === "exchange" ? { name, type } : { name, type: "queue", messages: 0 } };
  }

  /** RabbitMQ tells no repeats apart; readers may, by the letter's id among the headers. */
  async forward(queue: string, letters: readonly ForwardedLetter[], signal: AbortSignal): Promise<Verdict[]> {
    const publisher = this.port.publisher({ node: "dead letters", isFixed: true });
    try {
      const messages = letters.map(({ message }) => {
        return { ...toQueue(queue, message), of: message, timestamp: message.meta.timestamp };
      });
      return await publisher.publish(messages, signal);
    } finally {
      await publisher.close();
    }
  }

  /**
   * AMQP has no look at a queue without taking: messages at its head are taken and given back, which marks them as redelivered. The newest
   * are among them only in a short queue. A stream is read.
   */
  async newest(place: string, limit: number, maxBytes: number): Promise<SeenMessage[]> {
    // What is a stream is told by an error that ends the connection: nobody else is to lose it.
    const link = new RabbitLink(this.#open().reading.address, `millrace ${this.#options.name} (looking)`);
    try {
      const seen = await this.#ask(() => lookInto(link, place, limit), `queue ${place}`);
      return seen.reverse().map(({ delivered, position }) => {
        const message = readDelivered(delivered, "application/json");
        const timestamp = (delivered.timestamp ?? 0) * 1000;
        return toSeen({ ...message, timestamp }, { lane: place, position }, maxBytes);
      });
    } finally {
      void link.close();
    }
  }

  /** To an exchange with the key as routing key. Messages have no place of their own: the answer is how many there are in the queue then. */
  async send(place: string, message: PlainMessage, type?: PlaceType): Promise<{ lane: string; position: string }> {
    const publisher = new ConfirmingPublisher(this.#open().writing, { node: "send", isFixed: true });
    try {
      const parts = fromPlain(message);
      const way = type === "exchange" ? { exchange: place, routingKey: message.key ?? "" } : {};
      const signal = AbortSignal.timeout(askTimeoutMs);
      const sent = { ...toQueue(place, parts), ...way, of: parts, timestamp: Date.now() };
      const [verdict] = await publisher.publish([sent], signal);
      if (verdict && verdict.verdict !== "done") throw new TransportError(verdict.cause);
    } finally {
      await publisher.close();
    }
    const messages = type === "exchange" ? undefined : await this.#countMessages(place);
    return { lane: place, position: String(messages ?? "routed") };
  }

  async close(): Promise<void> {
    const links = this.#links;
    this.#links = undefined;
    if (!links) return;
    await links.requestReply.close();
    const { reading, keeping, writing, management } = links;
    await Promise.all([reading.close(), keeping.close(), writing.close(), management.close()]);
  }

  async #hasExchange(exchange: string): Promise<boolean> {
    try {
      await this.#withChannel(`exchange ${exchange}`, (channel) =>
        channel.exchangeDeclare({ exchange, passive: true }),
      );
      return true;
    } catch (error) {
      if (error instanceof TransportError && isMissing(error.cause)) return false;
      throw error;
    }
  }

  /** `undefined` when there is no such queue. */
  async #countMessages(queue: string): Promise<number | undefined> {
    try {
      return await this.#withChannel(`queue ${queue}`, async (channel) => {
        return (await channel.queueDeclare({ queue, passive: true })).messageCount;
      });
    } catch (error) {
      if (error instanceof TransportError && isMissing(error.cause)) return undefined;
      throw error;
    }
  }

  #withChannel<T>(place: string, question: (channel: Channel) => Promise<T>): Promise<T> {
    const { reading } = this.#open();
    return this.#ask(async () => {
      const channel = await reading.channel();
      try {
        return await question(channel);
      } finally {
        void within(channel.close(), askTimeoutMs).catch(() => {});
      }
    }, place);
  }

  async #ask<T>(question: () => Promise<T>, place?: string): Promise<T> {
    const { address } = this.#open().reading;
    try {
      return await within(question(), askTimeoutMs);
    } catch (error) {
      const reason = error instanceof DeclareError ? error.reason : causeOf(error, address, place);
      throw new TransportError(reason, { cause: error });
    }
  }

  /** @throws TransportError when the address cannot be read. */
  #open(): Links {
    if (this.#links === undefined) {
      const address: RabbitAddress = readAddress(this.#options);
      const name = `millrace ${this.#options.name}`;
      const reading = new RabbitLink(address, name);
      const writing = new RabbitLink(address, `${name} (writing)`);
      const requestReply = new RabbitRequestReply(reading, writing, this.#options);
      const keeping = new RabbitLink(address, `${name} (stream readers)`);
      this.#links = { reading, keeping, writing, management: new Management(address), requestReply };
    }
    return this.#links;
  }
}

interface Seen {
  readonly delivered: Delivered;
  readonly position: string;
}

/** Messages of a queue or a stream, oldest first. */
async function lookInto(link: RabbitLink, queue: string, limit: number): Promise<Seen[]> {
  try {
    return await takeAndGiveBack(await link.channel(), queue, limit);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  }
  const newest = await readNewest(link, queue, limit);
  return newest.map((delivery) => ({
    delivered: delivery as unknown as Delivered,
    position: String(offsetOf(delivery)),
  }));
}

async function takeAndGiveBack(channel: Channel, queue: string, limit: number): Promise<Seen[]> {
  const { messageCount } = await channel.queueDeclare({ queue, passive: true });
  const takes = messageCount <= peekMessages ? messageCount : limit;
  const taken: Seen[] = [];
  let bytes = 0;
  let last = 0;
  while (taken.length < Math.max(1, takes) && bytes < peekBytes) {
    const got = await channel.basicGet({ queue });
    if (got === undefined) break;
    last = got.deliveryTag;
    const delivered = got as unknown as Delivered;
    bytes += delivered.body.length;
    taken.push({ delivered, position: String(taken.length + 1) });
  }
  if (last > 0) channel.basicNack({ deliveryTag: last, multiple: true, requeue: true });
  return taken.slice(-limit);
}

/** A message on its way to a queue, as it is. */
function toQueue(queue: string, { key, value, headers }: Pick<Message, "key" | "value" | "headers">) {
  return { exchange: "", routingKey: queue, key, value, headers, persistent: true, mandatory: true };
}

/** Of a connection whose address may not be readable yet: that is told with each message. */
class LazyPublisher implements RabbitPublisher {
  #inner: RabbitPublisher | undefined;

  constructor(
    readonly link: () => RabbitLink,
    readonly options: RabbitPublisherOptions,
  ) {}

  async publish(...[messages, signal]: Parameters<RabbitPublisher["publish"]>): ReturnType<RabbitPublisher["publish"]> {
    try {
      this.#inner ??= new ConfirmingPublisher(this.link(), this.options);
    } catch (error) {
      const verdict = retryOf(error);
      return messages.map(() => verdict);
    }
    return this.#inner.publish(messages, signal);
  }

  async close(): Promise<void> {
    await this.#inner?.close();
  }
}
