import { Kafka, logLevel } from "kafkajs";
import { sleep } from "../runtime/backoff";
import type { Outsider } from "../runtime/system/topics";
import type { Output } from "./case";
import type { Queues } from "./queues";

const quietMs = 700;

/** What has come out, as the brokers say it. */
export class Outputs {
  constructor(
    readonly brokers: string,
    readonly outsider: Outsider,
    readonly queues: Queues,
  ) {}

  /** By the end of each partition's log, or the length of the queue. */
  counts(output: Output, names: readonly string[]): Promise<number[]> {
    const count = (name: string) => (output.to === "topics" ? this.outsider.count(name) : this.queues.count(name));
    return Promise.all(names.map(count));
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
    return messages / (await this.outsider.count(topic));
  }
}
