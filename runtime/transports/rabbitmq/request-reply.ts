import type { Channel } from "rabbitmq-client";
import {
  type BrokerRequest,
  type RequestEnd,
  readCorrelationId,
  readReply,
  requestHeaders,
} from "../../../flow/request-reply";
import type { Verdict } from "../../../flow/verdict";
import type { TransportOptions } from "../../transport";
import { AddressReplies, type ReplyRecord } from "../address-replies";
import { PendingRequests } from "../pending-requests";
import { within } from "../within";
import { causeOf } from "./causes";
import type { RabbitLink } from "./link";
import { type Delivered, readDelivered } from "./properties";
import { ConfirmingPublisher } from "./publisher";

const askTimeoutMs = 5_000;

interface Listening {
  readonly queue: string;
  readonly channel: Channel;
}

/**
 * Requests over RabbitMQ, whose answers come in an exclusive queue of this worker that the broker names, and answers to those of others.
 * With its connection the queue is lost, and what was to come in it; the next request has another.
 */
export class RabbitRequestReply {
  readonly #pending: PendingRequests;
  readonly #publisher: ConfirmingPublisher;
  #listening: Promise<Listening> | undefined;

  /** Answers to the messages of others. One to a queue that is gone is dropped by the broker: nobody waits any more. */
  readonly replies = new AddressReplies(({ to }, record, signal) =>
    this.#publish(to, record, { of: record, isRequest: false }, signal),
  );

  constructor(
    readonly reading: RabbitLink,
    writing: RabbitLink,
    options: Pick<TransportOptions, "name" | "log">,
  ) {
    this.#pending = new PendingRequests(options);
    this.#publisher = new ConfirmingPublisher(writing, { node: options.name, isFixed: false });
  }

  /** Never rejects. */
  request(request: BrokerRequest, signal: AbortSignal): Promise<RequestEnd> {
    return this.#pending.request(request, signal, async (sending) => {
      let replyTo: string;
      try {
        replyTo = (await this.#listen()).queue;
      } catch (error) {
        return { verdict: "retry", of: "dependency", cause: causeOf(error, this.reading.address) };
      }
      const { key, value } = request.message;
      const record = { key, value, headers: requestHeaders(request, replyTo) };
      return this.#publish(request.to, record, { of: request.message, isRequest: true }, sending);
    });
  }

  async close(): Promise<void> {
    const listening = this.#listening;
    this.#listening = undefined;
    await this.#publisher.close();
    const { channel } = (await listening?.catch(() => undefined)) ?? {};
    if (channel?.active) await within(channel.close(), askTimeoutMs).catch(() => {});
  }

  async #publish(
    queue: string,
    { key, value, headers }: ReplyRecord,
    { of, isRequest }: { readonly of: object; readonly isRequest: boolean },
    signal: AbortSignal,
  ): Promise<Verdict> {
    const [verdict] = await this.#publisher.publish(
      [
        {
          of,
          exchange: "",
          routingKey: queue,
          key,
          value,
          headers,
          timestamp: Date.now(),
          persistent: isRequest,
          mandatory: isRequest,
        },
      ],
      signal,
    );
    return verdict!;
  }

  #listen(): Promise<Listening> {
    this.#listening ??= this.#open().catch((error: unknown) => {
      this.#listening = undefined;
      throw error;
    });
    return this.#listening;
  }

  async #open(): Promise<Listening> {
    const channel = await this.reading.channel();
    // The next request asks for another.
    channel.on("close", () => {
      this.#listening = undefined;
    });
    const { queue } = await within(channel.queueDeclare({ exclusive: true, autoDelete: true }), askTimeoutMs);
    const consume = channel.basicConsume({ queue, noAck: true, exclusive: true }, (message) => {
      const { headers, value } = readDelivered(message as unknown as Delivered, undefined);
      this.#pending.settle(readCorrelationId(headers), () => readReply(headers, value), false);
    });
    await within(consume, askTimeoutMs);
    return { queue, channel };
  }
}
