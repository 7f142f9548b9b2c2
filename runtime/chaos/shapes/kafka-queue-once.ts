import { flowFormat } from "../../../flow/document";
import { KafkaInput } from "../kafka-input";
import { keyOf } from "../numbered";
import { countJobs, readQueue } from "../read-back";
import type { Shape } from "../shape";

/** Kafka → idempotent-receiver → BullMQ that takes an id once: both what is sent twice and what a crash repeats is there once. */
export const kafkaQueueOnce: Shape = {
  name: "kafka-queue-once",
  title: "Kafka → idempotent-receiver → BullMQ that takes an id once",
  semantics: ["effectively-once"],
  stands: ["kafka", "redis"],
  async open({ house, name }) {
    const { redis } = house;
    // Each tenth message of a key is an earlier one of that key once more.
    const input = await KafkaInput.open(house, name, { perSecond: 500, fillAtMost: 5_000 }, (n) => ({
      n,
      order: orderOf(n),
    }));
    const queue = `${name}-out`;
    return {
      flow: {
        format: flowFormat,
        name,
        settings: { trace: { perSecond: 5 } },
        nodes: [
          { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: input.topic, start: "earliest" } },
          { id: "once", kind: "idempotent-receiver", config: { key: "string(body.order)" } },
          {
            id: "queue",
            kind: "queue-sink",
            config: {
              connection: "queue",
              queue,
              deduplicateFor: "1h",
              deduplicateBy: "'order-' + string(body.order)",
            },
          },
        ],
        edges: [
          { from: "in", to: "once" },
          { from: "once", to: "queue" },
        ],
      },
      fill: (count) => input.fill(count),
      startFeed: () => input.start(),
      countSent: () => input.sent,
      endFeed: () => input.end(),
      isSettled: () => input.isSettled(),
      countSettled: () => input.countSettled(),
      countArrived: () => countJobs(redis.url, queue),
      async readBooks() {
        const orders = new Map((await input.readSent()).map(([n]) => [orderOf(n), keyOf(n)]));
        return [
          {
            sink: "queue",
            wanted: [...orders].map(([order, key]) => ({ id: String(order), key, atMost: 1 })),
            arrived: (await readQueue(redis.url, queue)).map(({ data, key }) => ({
              id: String((data as { order: number }).order),
              key,
              lane: queue,
            })),
            ordered: true,
            perMessage: 1,
          },
        ];
      },
      close: async () => {},
    };
  },
};

/** What a message is about: of ten of one key, the last is the first again. */
function orderOf(n: number): number {
  const keys = 40;
  return Math.floor(n / keys) % 10 === 9 ? n - 9 * keys : n;
}
