import type { Producer } from "kafkajs";
import type { KafkaRecord } from "../../../flow/connection-ports";
import { type Failure, rejected, type Verdict } from "../../../flow/verdict";
import { causeOf, isTopicMissing } from "./causes";
import { createClient, type KafkaCluster, type KafkaSettings } from "./client";
import { PartitionQueue, type SendBatch } from "./partition-queue";
import { partitionOf } from "./partitioner";
import type { KafkaQuestions } from "./questions";

/** How long a topic's number of partitions is believed. */
const partitionsTtlMs = 30_000;
/** Records without a key go to one partition for this many, so that batches stay large, then to the next. */
const stickyRecords = 500;
/** Kafka waits so long for its replicas: less than the client waits for Kafka, so that it is the broker who answers. */
const replicasTimeoutMs = 8_000;

/**
 * Writes records to Kafka: the only place that calls kafkajs's `send`. Java's default partitioner; per partition one request
 * in flight, what waits meanwhile goes together in the next, and a batch that failed is tried again before the next. All
 * replicas in sync acknowledge. Not idempotent: a broken connection may leave a batch written twice, never out of order.
 */
export class KafkaProducer {
  readonly #settings: KafkaSettings;
  readonly #questions: KafkaQuestions;
  readonly #queues = new Map<string, PartitionQueue>();
  readonly #partitions = new Map<string, { count: number; until: number }>();
  readonly #sticky = new Map<string, { partition: number; left: number }>();
  #opened: { producer: Producer; cluster: KafkaCluster; ready: Promise<void> } | undefined;

  constructor(settings: KafkaSettings, questions: KafkaQuestions) {
    this.#settings = settings;
    this.#questions = questions;
  }

  /** One verdict per record, in their order. Never rejects. */
  async produce(records: readonly KafkaRecord[], signal: AbortSignal): Promise<Verdict[]> {
    const topics = new Map<string, number | Failure>();
    await Promise.all(
      [...new Set(records.map((record) => record.topic))].map(async (topic) => {
        topics.set(topic, await this.#countPartitions(topic));
      }),
    );
    return Promise.all(
      records.map((record) => {
        const count = topics.get(record.topic)!;
        if (typeof count !== "number") return count;
        return this.#queueOf(record.topic, this.#choose(record, count)).add(record, signal);
      }),
    );
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.producer.disconnect();
  }

  async #countPartitions(topic: string): Promise<number | Failure> {
    const known = this.#partitions.get(topic);
    if (known !== undefined && known.until > Date.now()) return known.count;
    if (!/^[A-Za-z0-9._-]{1,249}$/.test(topic) || topic === "." || topic === "..") {
      return rejected("broker-refused", `"${topic.slice(0, 100)}" is not a name that Kafka takes for a topic.`);
    }
    try {
      const { partitions } = await this.#questions.topic(topic);
      this.#partitions.set(topic, { count: partitions.length, until: Date.now() + partitionsTtlMs });
      return partitions.length;
    } catch (error) {
      // The number is only asked again for new partitions: while the broker does not answer, the old one is as good.
      if (known !== undefined && !isTopicMissing(error)) return known.count;
      this.#partitions.delete(topic);
      return { verdict: "retry", of: "dependency", cause: causeOf(error, this.#settings.address, topic) };
    }
  }

  #choose(record: KafkaRecord, count: number): number {
    if (record.key !== null) return partitionOf(record.key, count);
    let sticky = this.#sticky.get(record.topic);
    if (sticky === undefined || sticky.left === 0 || sticky.partition >= count) {
      const next = sticky === undefined ? Math.floor(Math.random() * count) : (sticky.partition + 1) % count;
      sticky = { partition: next, left: stickyRecords };
      this.#sticky.set(record.topic, sticky);
    }
    sticky.left--;
    return sticky.partition;
  }

  #queueOf(topic: string, partition: number): PartitionQueue {
    const name = `${topic}/${partition}`;
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = new PartitionQueue(topic, partition, this.#sendBatch, (error) =>
        causeOf(error, this.#settings.address, topic),
      );
      this.#queues.set(name, queue);
    }
    return queue;
  }

  readonly #sendBatch: SendBatch = async (topic, messages) => {
    const { producer, cluster } = await this.#connect();
    try {
      const [metadata] = await producer.send({ topic, messages: [...messages], acks: -1, timeout: replicasTimeoutMs });
      return Number(metadata?.baseOffset ?? -1);
    } catch (error) {
      // A deleted topic left among the targets would fail every later send, of other topics too.
      if (isTopicMissing(error)) {
        cluster.targetTopics.clear();
        this.#partitions.delete(topic);
      }
      throw error;
    }
  };

  async #connect(): Promise<{ producer: Producer; cluster: KafkaCluster }> {
    if (this.#opened === undefined) {
      const { kafka, clusters } = createClient(this.#settings);
      const producer = kafka.producer({
        allowAutoTopicCreation: false,
        createPartitioner: () => (choice) => choice.message.partition ?? 0,
      });
      const opened = { producer, cluster: clusters[0]!, ready: producer.connect() };
      this.#opened = opened;
      opened.ready.catch(() => {
        if (this.#opened === opened) this.#opened = undefined;
        producer.disconnect().catch(() => {});
      });
    }
    const opened = this.#opened;
    await opened.ready;
    return opened;
  }
}
