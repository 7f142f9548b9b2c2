import { Kafka, logLevel } from "kafkajs";
import { sleep } from "../runtime/backoff";
import { readSettings } from "../runtime/transports/kafka/client";
import { KafkaQuestions, type TopicPartitions } from "../runtime/transports/kafka/questions";
import type { Output } from "./case";
import type { Queues } from "./queues";

const quietMs = 700;

/** What has come out, as the brokers say it. */
export class Outputs {
  readonly #questions: KafkaQuestions;
  readonly #topics = new Map<string, TopicPartitions>();

  constructor(
    readonly brokers: string,
    readonly queues: Queues,
  ) {
    const environment = { kafkaBrokers: brokers, redisUrl: undefined, databaseUrl: "" };
    // One request for all topics: kafkajs's admin client asks for one at a time, and mixes up several.
    this.#questions = new KafkaQuestions(
      readSettings({ name: "outputs", config: {}, secrets: {}, environment, log: () => {} }),
    );
  }

  /** By the end of each partition's log, or the length of the queue or stream. */
  async counts(output: Output, names: readonly string[]): Promise<number[]> {
    if (output.to !== "topics") return Promise.all(names.map((name) => this.queues.count(output.to, name)));
    const topics: TopicPartitions[] = [];
    for (const name of names) topics.push(await this.#topic(name));
    const marks = await this.#questions.watermarks(topics);
    return names.map((name) => {
      let count = 0;
      for (const { low, high } of marks.get(name)!.values()) count += high - low;
      return count;
    });
  }

  async close(): Promise<void> {
    await this.#questions.close();
  }

  async #topic(name: string): Promise<TopicPartitions> {
    const topic = this.#topics.get(name) ?? (await this.#questions.topic(name));
    this.#topics.set(name, topic);
    return topic;
  }

  /** Marks of transactions stand in a log like messages: the share of its length that is messages, by reading it. */
  async shareOfMessages(topic: string): Promise<number> {
    const kafka = new Kafka({
      clientId: "count",
      brokers: this.brokers.split(","),
      logLevel: logLevel.ERROR,
    });
    const consumer = kafka.consumer({ groupId: `count-${topic}`, maxBytesPerPartition: 4 * 1024 * 1024 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    let [messages, seenAt] = [0, 0];
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        messages += batch.messages.length;
        seenAt = performance.now();
      },
    });
    while (seenAt === 0 || performance.now() - seenAt < quietMs) await sleep(50);
    await consumer.disconnect();
    const [length] = await this.counts({ to: "topics", count: 1 }, [topic]);
    return messages / length!;
  }
}
