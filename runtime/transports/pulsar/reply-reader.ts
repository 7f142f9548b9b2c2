import type { HttpAnswer } from "../../../flow/connection-ports";
import type { PulsarTopic } from "../../../flow/connections/pulsar-topic";
import { readCorrelationId, readReply } from "../../../flow/request-reply";
import { computeDependencyDelay, sleep } from "../../backoff";
import { TransportError } from "../../transport";
import { beforeAll, readMessageId } from "./message-id";
import { readHeaders, readValue } from "./properties";
import type { Handle, MessageId, PulsarClient } from "./seam";
import { partitionOf } from "./topic";

const retryMaxMs = 2_000;

/**
 * Reads a reply topic from its end on, by a reader without a subscription for each partition: each worker reads all of it and takes what it
 * has asked for. Where a connection breaks it goes on behind what came last.
 */
export class ReplyReader {
  readonly #over = new AbortController();
  /** By partition. */
  readonly #handles = new Map<number, Handle>();
  #started: Promise<void> | undefined;

  constructor(
    readonly client: PulsarClient,
    readonly topic: PulsarTopic,
    readonly take: (id: string | undefined, read: () => HttpAnswer) => void,
  ) {}

  /** Resolves when it reads: what is asked from then on, its answer is seen. Rejects when the topic cannot be read now. */
  ready(): Promise<void> {
    this.#started ??= this.#start().catch((error: unknown) => {
      this.#started = undefined;
      throw error;
    });
    return this.#started;
  }

  async close(): Promise<void> {
    this.#over.abort();
    await this.#leave();
  }

  async #start(): Promise<void> {
    const partitions = await this.#partitions();
    const all = partitions === 0 ? [-1] : Array.from({ length: partitions }, (_, index) => index);
    const opened = await Promise.allSettled(all.map(async (each) => this.#open(each, await this.#end(each))));
    const failed = opened.find((each) => each.status === "rejected");
    if (!failed) return;
    await this.#leave();
    throw failed.reason;
  }

  async #leave(): Promise<void> {
    const handles = [...this.#handles.values()];
    this.#handles.clear();
    await Promise.all(handles.map((handle) => handle.close()));
  }

  /** It is made, without partitions, where it is not there. */
  async #partitions(): Promise<number> {
    const { admin } = this.client;
    const partitions = await admin.partitions(this.topic);
    if (partitions === undefined) await admin.createTopic(this.topic, 0);
    return partitions ?? 0;
  }

  /** Behind the newest message: named by its place, so that also a connection that breaks before the first answer loses none. */
  async #end(partition: number): Promise<MessageId> {
    const last = (await this.client.admin.ledgers(this.#topicOf(partition))).at(-1);
    return last === undefined ? beforeAll : { ledger: last.ledger, entry: BigInt(last.entries - 1), partition };
  }

  #topicOf(partition: number): PulsarTopic {
    return partitionOf(this.topic, partition < 0 ? null : partition);
  }

  async #open(partition: number, after: MessageId): Promise<void> {
    let last = after;
    const handle = await this.client.openReader(this.#topicOf(partition), after, {
      received: (message) => {
        last = readMessageId(message.messageId);
        const headers = readHeaders(message);
        // The id alone says whether it is for this worker: of those to others nothing more is read.
        this.take(readCorrelationId(headers), () => readReply(headers, readValue(message)));
      },
      closed: () => void this.#reopen(partition, last),
    });
    this.#handles.set(partition, handle);
    if (this.#over.signal.aborted) await handle.close();
  }

  async #reopen(partition: number, after: MessageId): Promise<void> {
    const { signal } = this.#over;
    for (let refusals = 1; !signal.aborted; ) {
      try {
        await this.#partitions();
        await this.#open(partition, after);
        return;
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        await sleep(Math.min(computeDependencyDelay(refusals++, undefined), retryMaxMs), signal);
      }
    }
  }
}
