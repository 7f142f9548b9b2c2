import { defaultReplyTopic } from "../../../flow/nodes/request";
import { type BrokerRequest, type RequestEnd, requestHeaders } from "../../../flow/request-reply";
import type { Verdict } from "../../../flow/verdict";
import type { TransportOptions } from "../../transport";
import { AddressReplies } from "../address-replies";
import { PendingRequests } from "../pending-requests";
import { causeOf } from "./causes";
import { createClient, type KafkaSettings } from "./client";
import type { KafkaProducer } from "./producer";
import { KafkaQuestions } from "./questions";
import { ReplyReader } from "./reply-reader";
import { withTimeout } from "./session";

const closeTimeoutMs = 5_000;
/** Answers are of no use to anybody for longer than the longest wait for one. */
const retentionMs = 3_600_000;

/** Requests over Kafka, whose answers come on a topic that every worker reads whole, and answers to those of others. */
export class KafkaRequestReply {
  readonly #pending: PendingRequests;
  readonly #readers = new Map<string, ReplyReader>();

  /** Answers to the messages of others. */
  readonly replies = new AddressReplies(({ to, partition }, record, signal) =>
    this.#write({ topic: to, ...record, ...(partition === undefined ? {} : { partition }) }, signal),
  );

  constructor(
    readonly settings: KafkaSettings,
    readonly producer: KafkaProducer,
    options: Pick<TransportOptions, "name" | "log">,
  ) {
    this.#pending = new PendingRequests(options);
  }

  /** Never rejects. */
  request(request: BrokerRequest, signal: AbortSignal): Promise<RequestEnd> {
    const replyTo = request.replyTo ?? defaultReplyTopic;
    return this.#pending.request(request, signal, async (sending) => {
      try {
        await this.#readerOf(replyTo).ready();
      } catch (error) {
        return { verdict: "retry", of: "dependency", cause: causeOf(error, this.settings.address, replyTo) };
      }
      const { key, value } = request.message;
      const record = { topic: request.to, key, value, headers: requestHeaders(request, replyTo) };
      return this.#write(record, sending);
    });
  }

  async close(): Promise<void> {
    const readers = [...this.#readers.values()];
    this.#readers.clear();
    await Promise.all(readers.map((reader) => reader.close()));
  }

  async #write(record: Parameters<KafkaProducer["produce"]>[0][number], signal: AbortSignal): Promise<Verdict> {
    return (await this.producer.produce([record], signal))[0]!;
  }

  #readerOf(topic: string): ReplyReader {
    let reader = this.#readers.get(topic);
    if (!reader) {
      reader = new ReplyReader(
        topic,
        new KafkaQuestions(this.settings),
        () => this.#makeTopic(topic),
        (id, read) => this.#pending.settle(id, read, true),
      );
      this.#readers.set(topic, reader);
    }
    return reader;
  }

  async #makeTopic(topic: string): Promise<void> {
    const admin = createClient(this.settings).kafka.admin();
    try {
      await admin.connect();
      const configEntries = [{ name: "retention.ms", value: String(retentionMs) }];
      // kafkajs's own wait for leaders throws when the broker has not yet heard of its new topic.
      await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }], waitForLeaders: false });
    } finally {
      await withTimeout(admin.disconnect(), closeTimeoutMs);
    }
  }
}
