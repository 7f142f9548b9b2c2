import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { flowFormat } from "../../../flow/document";
import { sleep } from "../../backoff";
import { keyExpression, makeBody, readArrived, wantNumbers } from "../numbered";
import { asWhole } from "../progress";
import { countJobs, readTopic } from "../read-back";
import type { Shape } from "../shape";

const perSecond = 300;
const perRequest = 30;

/** BullMQ → Kafka. Jobs are worked side by side: no order is promised. */
export const queueKafka: Shape = {
  name: "queue-kafka",
  title: "BullMQ → Kafka",
  semantics: ["at-least-once"],
  stands: ["kafka", "redis"],
  async open({ house, name }) {
    const { outsider, kafka, redis } = house;
    const [from, out] = [`${name}-in`, `${name}.out`];
    await outsider.create(out);
    const connection = new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 200 });
    connection.on("error", () => {});
    const queue = new Queue(from, { connection });
    queue.on("error", () => {});
    /** How often each number was added: an adding that got no answer is made again. */
    const added: number[] = [];
    const add = async (count: number) => {
      const first = added.length;
      const numbers = Array.from({ length: count }, (_, index) => first + index);
      for (const n of numbers) added[n] = 0;
      for (let done = false; !done; ) {
        for (const n of numbers) added[n]!++;
        const jobs = numbers.map((n) => ({ name: "n", data: makeBody(n) }));
        done = await queue.addBulk(jobs).then(
          () => true,
          () => sleep(200).then(() => false),
        );
      }
    };
    let feeding = false;
    let fed: Promise<void> = Promise.resolve();
    return {
      flow: {
        format: flowFormat,
        name,
        settings: { trace: { perSecond: 5 } },
        nodes: [
          { id: "in", kind: "queue-source", config: { connection: "queue", queue: from, concurrency: 50 } },
          {
            id: "topic",
            kind: "kafka-sink",
            config: { connection: "kafka", topic: out, key: keyExpression },
          },
        ],
        edges: [{ from: "in", to: "topic" }],
      },
      fill: (count) => add(Math.min(count, 3_000)),
      startFeed() {
        feeding = true;
        fed = (async () => {
          while (feeding) {
            const begun = Date.now();
            await add(perRequest);
            await sleep(begun + (perRequest * 1_000) / perSecond - Date.now());
          }
        })();
      },
      countSent: () => added.length,
      async endFeed() {
        feeding = false;
        await fed;
        return added.length;
      },
      isSettled: async () => (await countJobs(redis.url, from)) === 0,
      countArrived: () => outsider.count(out),
      countSettled: asWhole(() => outsider.count(out)),
      async readBooks() {
        const records = await readTopic(kafka.brokers, out);
        return [
          {
            sink: "topic",
            wanted: wantNumbers(added.map((times, n) => [n, times])),
            arrived: readArrived(records),
            ordered: false,
            perMessage: 1,
          },
        ];
      },
      async close() {
        await queue.close().catch(() => {});
        connection.disconnect();
      },
    };
  },
};
