import { defaultReplyTopic } from "../../../flow/nodes/request";
import { type BrokerRequest, type RequestEnd, requestHeaders } from "../../../flow/request-reply";
import type { Verdict } from "../../../flow/verdict";
import { retryOf, type TransportOptions } from "../../transport";
import { AddressReplies, type ReplyRecord } from "../address-replies";
import { PendingRequests } from "../pending-requests";
import { ReplyReader } from "./reply-reader";
import type { PulsarClient } from "./seam";
import { formatTopic } from "./topic";
import type { Writers } from "./writers";

const plain = { batching: false, compression: "none" } as const;

/** Requests over Pulsar, whose answers come on a topic that every worker reads whole, and answers to those of others. */
export class PulsarRequestReply {
  readonly #pending: PendingRequests;
  readonly #readers = new Map<string, ReplyReader>();

  /** Answers to the messages of others. Pulsar removes topics that nobody reads: who asked by one that is gone has left. */
  readonly replies = new AddressReplies(async ({ to }, record, signal) => {
    const verdict = await this.#write(to, record, signal);
    return "cause" in verdict && verdict.cause.code === "topic-missing" ? { is: "gone" } : verdict;
  });

  constructor(
    readonly client: PulsarClient,
    readonly writers: Writers,
    readonly home: { readonly tenant: string; readonly namespace: string },
    options: Pick<TransportOptions, "name" | "log">,
  ) {
    this.#pending = new PendingRequests(options);
  }

  /** Never rejects. */
  request(request: BrokerRequest, signal: AbortSignal): Promise<RequestEnd> {
    const reader = this.#readerOf(request.replyTo ?? defaultReplyTopic);
    return this.#pending.request(request, signal, async (sending) => {
      try {
        await reader.ready();
      } catch (error) {
        return retryOf(error);
      }
      const { key, value } = request.message;
      // By its whole name, as who answers may be at home elsewhere.
      const headers = requestHeaders({ ...request, headerNames: "plain" }, formatTopic(reader.topic));
      return this.#write(request.to, { key, value, headers }, sending);
    });
  }

  async close(): Promise<void> {
    const readers = [...this.#readers.values()];
    this.#readers.clear();
    await Promise.all(readers.map((reader) => reader.close()));
  }

  async #write(topic: string, record: ReplyRecord, signal: AbortSignal): Promise<Verdict> {
    return (await this.writers.produce([{ topic, ...record }], plain, signal))[0]!;
  }

  #readerOf(name: string): ReplyReader {
    let reader = this.#readers.get(name);
    if (!reader) {
      const take: ConstructorParameters<typeof ReplyReader>[2] = (id, read) => this.#pending.settle(id, read, true);
      reader = new ReplyReader(this.client, { ...this.home, name }, take);
      this.#readers.set(name, reader);
    }
    return reader;
  }
}
