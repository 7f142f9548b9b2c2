import type { Producer } from "kafkajs";
import type { Compression, KafkaRecord } from "../../../flow/connection-ports";
import { type Failure, rejected, type Verdict } from "../../../flow/verdict";
import { causeOf, isTopicMissing } from "./causes";
import { createClient, type KafkaCluster, type KafkaSettings } from "./client";
import { PartitionQueue } from "./partition-queue";
import { partitionOf, partitionOfWire } from "./partitioner";
import type { KafkaQuestions } from "./questions";
import { sendRecords } from "./seam";
import type { KafkaTransaction } from "./transaction";

/** How long a topic's number of partitions is believed. */
const partitionsTtlMs = 30_000;
/** Records without a key go to one partition for this many, so that batches stay large, then to the next. */
const stickyRecords = 500;
/** Kafka waits so long for its replicas: less than the client waits for Kafka, so that it is the broker who answers. */
const replicasTimeoutMs = 8_000;

/** Records of one call for one partition, and their places in the call. */
interface Group {
  readonly records: KafkaRecord[];
  readonly places: number[];
}

/**
 * Writes records to Kafka: the only place that sends them. Java's default partitioner; per partition one request
 * in flight, what waits meanwhile goes together in the next, and a batch that failed is tried again before the next. All
 * replicas in sync acknowledge. Not idempotent: a broken connection may leave a batch written twice, never out of order.
 */
export class KafkaProducer {
  readonly #settings: KafkaSettings;
  readonly #questions: KafkaQuestions;
  /** By topic, and in it by partition. */
  readonly #queues = new Map<string, PartitionQueue[]>();
  readonly #partitions = new Map<string, { count: number; until: number }>();
  readonly #sticky = new Map<string, { partition: number; left: number }>();
  #opened: { producer: Producer; cluster: KafkaCluster; ready: Promise<void> } | undefined;

  constructor(settings: KafkaSettings, questions: KafkaQuestions) {
    this.#settings = settings;
    this.#questions = questions;
  }

  /** One verdict per record, in their order. Never rejects. What belongs to a transaction is written by its own producer. */
  async produce(
    records: readonly KafkaRecord[],
    signal: AbortSignal,
    compression: Compression = "none",
    transaction?: KafkaTransaction,
  ): Promise<Verdict[]> {
    const topics = new Set<string>();
    for (const { topic } of records) topics.add(topic);
    // Calls that need to ask nothing come to the queues in the order in which they are made.
    const counts = this.#knownCounts(topics) ?? (await this.#askCounts(topics));
    const verdicts = new Array<Verdict>(records.length);
    const groups = new Map<PartitionQueue, Group>();
    for (let place = 0; place < records.length; place++) {
      const record = records[place]!;
      const count = counts.get(record.topic)!;
      if (typeof count !== "number") {
        verdicts[place] = count;
        continue;
      }
      const partition = this.#choose(record, count);
      const queue = transaction?.queueOf(record.topic, partition) ?? this.#queueOf(record.topic, partition);
      let group = groups.get(queue);
      if (group === undefined) {
        group = { records: [], places: [] };
        groups.set(queue, group);
      }
      group.records.push(record);
      group.places.push(place);
    }
    await transaction?.prepare();
    await Promise.all(
      [...groups].map(async ([queue, group]) => {
        const written = await queue.add(group.records, compression, signal);
        for (let index = 0; index < written.length; index++) verdicts[group.places[index]!] = written[index]!;
      }),
    );
    return verdicts;
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.producer.disconnect();
  }

  #knownCounts(topics: ReadonlySet<string>): Map<string, number | Failure> | undefined {
    const now = Date.now();
    const counts = new Map<string, number | Failure>();
    for (const topic of topics) {
      const known = this.#partitions.get(topic);
      if (known === undefined || known.until <= now) return undefined;
      counts.set(topic, known.count);
    }
    return counts;
  }

  async #askCounts(topics: ReadonlySet<string>): Promise<Map<string, number | Failure>> {
    return new Map(
      await Promise.all([...topics].map(async (topic) => [topic, await this.#countPartitions(topic)] as const)),
    );
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
    if (record.partition !== undefined && record.partition >= 0 && record.partition < count) return record.partition;
    const { wire } = record;
    const partition = wire ? partitionOfWire(wire, count) : record.key && partitionOf(record.key, count);
    if (partition !== null) return partition;
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
    let queues = this.#queues.get(topic);
    if (queues === undefined) {
      queues = [];
      this.#queues.set(topic, queues);
    }
    queues[partition] ??= new PartitionQueue(
      topic,
      partition,
      (records, compression) => this.#send(topic, { partition, records, compression }),
      (error) => causeOf(error, this.#settings.address, topic),
    );
    return queues[partition];
  }

  async #send(topic: string, batch: Parameters<typeof sendRecords>[2]): Promise<number> {
    const { producer, cluster } = await this.#connect();
    try {
      return await sendRecords(producer, topic, batch, replicasTimeoutMs);
    } catch (error) {
      // A deleted topic left among the targets would fail every later send, of other topics too.
      if (isTopicMissing(error)) {
        cluster.targetTopics.clear();
        this.#partitions.delete(topic);
      }
      throw error;
    }
  }

  async #connect(): Promise<{ producer: Producer; cluster: KafkaCluster }> {
    if (this.#opened === undefined) {
      const { kafka, clusters } = createClient(this.#settings);
      const producer = kafka.producer({ allowAutoTopicCreation: false });
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
