import { type FlowDocument, flowFormat } from "../../../flow/document";
import { KafkaInput } from "../kafka-input";
import { readArrived, wantNumbers } from "../numbered";
import { asWhole } from "../progress";
import { isQueueEmpty, isStreamRead, readTopic } from "../read-back";
import type { Ground, Shape } from "../shape";

type Config = Readonly<Record<string, unknown>>;

/** Another broker, between two parts of one flow. */
interface Between {
  readonly broker: string;
  readonly ground: Ground;
  readonly kind: string;
  /** Does it keep the order of a key when two workers read? */
  readonly ordered: boolean;
  sink(place: string): Config;
  source(place: string): Config;
  /** Is all of it read and acknowledged? */
  isRead(addresses: { redis: string; rabbitmq: string }, place: string): Promise<boolean>;
}

const partitions = 4;

/** Kafka → RabbitMQ → Kafka. Two workers take from one queue side by side: no order is promised. */
export const kafkaRabbit = through({
  broker: "rabbitmq",
  ground: "rabbitmq",
  kind: "rabbitmq",
  ordered: false,
  sink: (queue) => ({ connection: "rabbitmq", queue, declare: true }),
  source: (queue) => ({ connection: "rabbitmq", queue, declare: true }),
  isRead: ({ rabbitmq }, queue) => isQueueEmpty(rabbitmq, queue),
});

/** Kafka → a Redis stream of four partitions → Kafka: each key in order. */
export const kafkaStream = through({
  broker: "redis-streams",
  ground: "redis",
  kind: "redis-stream",
  ordered: true,
  sink: (stream) => ({ connection: "redis", stream, partitions }),
  source: (stream) => ({ connection: "redis", stream, partitions }),
  isRead: ({ redis }, stream) =>
    Promise.all(Array.from({ length: partitions }, (_, each) => isStreamRead(redis, `${stream}.${each}`))).then((all) =>
      all.every(Boolean),
    ),
});

function through(between: Between): Shape {
  return {
    name: `kafka-${between.broker}`,
    title: `Kafka → ${between.broker} → Kafka`,
    semantics: ["at-least-once"],
    stands: ["kafka", between.ground],
    async open({ house, name }) {
      const { outsider, kafka, redis } = house;
      const input = await KafkaInput.open(house, name, { perSecond: 1_000, fillAtMost: 10_000 });
      const [place, out] = [`${name}.between`, `${name}.out`];
      await outsider.create(out);
      return {
        flow: drawFlow(between, name, input.topic, place, out),
        fill: (count) => input.fill(count),
        startFeed: () => input.start(),
        endFeed: () => input.end(),
        isSettled: async () =>
          (await input.isSettled()) &&
          (await between.isRead({ redis: redis.url, rabbitmq: house.rabbitmq?.url ?? "" }, place)),
        countArrived: () => outsider.count(out),
        countSettled: asWhole(() => outsider.count(out)),
        async readBooks() {
          return [
            {
              sink: "out",
              wanted: wantNumbers(await input.readSent()),
              arrived: readArrived(await readTopic(kafka.brokers, out)),
              ordered: between.ordered,
              // It may come again on either way, and what came again on the first goes the second as often.
              perMessage: 2,
            },
          ];
        },
        close: async () => {},
      };
    },
  };
}

function drawFlow(between: Between, name: string, from: string, place: string, out: string): FlowDocument {
  return {
    format: flowFormat,
    name,
    settings: { trace: { perSecond: 5 } },
    nodes: [
      { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: from, start: "earliest" } },
      { id: "there", kind: `${between.kind}-sink`, config: { ...between.sink(place) } },
      { id: "back", kind: `${between.kind}-source`, config: { ...between.source(place) } },
      { id: "out", kind: "kafka-sink", config: { connection: "kafka", topic: out, key: "key" } },
    ],
    edges: [
      { from: "in", to: "there" },
      { from: "back", to: "out" },
    ],
  };
}
