import { type FlowDocument, flowFormat } from "../../../flow/document";
import { serverOf } from "../house";
import { KafkaInput } from "../kafka-input";
import { readArrived, wantNumbers } from "../numbered";
import { countPulsarBacklog, createPulsarTopic } from "../pulsar-topic";
import { createRabbitStream, isRabbitStreamRead } from "../rabbitmq-stream";
import { isQueueEmpty, isStreamRead, readTopic } from "../read-back";
import type { Ground, Shape } from "../shape";

type Config = Readonly<Record<string, unknown>>;

/** Another broker, between two parts of one flow. */
interface Between {
  readonly broker: string;
  readonly ground: Exclude<Ground, "kafka">;
  readonly sink: string;
  readonly source: string;
  /** Does it keep the order of a key when two workers read? */
  readonly ordered: boolean;
  /** Of the source, and of the sink where that has no other. */
  config(place: string): Config;
  sinkConfig?(place: string): Config;
  /** Where it does not come to be by itself. */
  create?(url: string, place: string): Promise<void>;
  /** Is all of it read and acknowledged? `group`: the source's. */
  isRead(url: string, place: string, group: string): Promise<boolean>;
}

const partitions = 4;

/** Kafka → RabbitMQ → Kafka. Two workers take from one queue side by side: no order is promised. */
export const kafkaRabbit = through({
  broker: "rabbitmq",
  ground: "rabbitmq",
  sink: "rabbitmq-sink",
  source: "rabbitmq-source",
  ordered: false,
  config: (queue) => ({ connection: "rabbitmq", queue, declare: true }),
  isRead: isQueueEmpty,
});

/** Kafka → a RabbitMQ stream, which one worker reads at a time → Kafka: each key in order. */
export const kafkaRabbitStream = through({
  broker: "rabbitmq-stream",
  ground: "rabbitmq",
  sink: "rabbitmq-sink",
  source: "rabbitmq-stream-source",
  ordered: true,
  config: (stream) => ({ connection: "rabbitmq", stream }),
  sinkConfig: (queue) => ({ connection: "rabbitmq", queue }),
  create: createRabbitStream,
  isRead: isRabbitStreamRead,
});

/** Kafka → a Redis stream of four partitions → Kafka: each key in order. */
export const kafkaStream = through({
  broker: "redis-streams",
  ground: "redis",
  sink: "redis-stream-sink",
  source: "redis-stream-source",
  ordered: true,
  config: (stream) => ({ connection: "redis", stream, partitions }),
  isRead: (url, stream) =>
    Promise.all(Array.from({ length: partitions }, (_, each) => isStreamRead(url, `${stream}.${each}`))).then((all) =>
      all.every(Boolean),
    ),
});

/** Kafka → a Pulsar topic of four partitions, each with one worker at a time → Kafka: each key in order. */
export const kafkaPulsar = through({
  broker: "pulsar",
  ground: "pulsar",
  sink: "pulsar-sink",
  source: "pulsar-source",
  ordered: true,
  config: (topic) => ({ connection: "pulsar", topic }),
  create: (url, topic) => createPulsarTopic(url, topic, partitions),
  isRead: async (url, topic) => (await countPulsarBacklog(url, topic)) === 0,
});

function through(between: Between): Shape {
  return {
    name: `kafka-${between.broker}`,
    title: `Kafka → ${between.broker} → Kafka`,
    semantics: ["at-least-once"],
    stands: ["kafka", between.ground],
    async open({ house, name }) {
      const { outsider, kafka } = house;
      const { url } = serverOf(house, between.ground);
      const input = await KafkaInput.open(house, name, { perSecond: 1_000, fillAtMost: 10_000 });
      const [place, out] = [`${name}.between`, `${name}.out`];
      await Promise.all([outsider.create(out), between.create?.(url, place)]);
      return {
        flow: drawFlow(between, name, input.topic, place, out),
        fill: (count) => input.fill(count),
        startFeed: () => input.start(),
        countSent: () => input.sent,
        endFeed: () => input.end(),
        isSettled: async () =>
          (await input.isSettled()) && (await between.isRead(url, place, `millrace.default.${name}.back`)),
        countArrived: () => outsider.count(out),
        // Both halves: what still goes on behind the broker between them does not tell that Kafka's group does.
        countSettled: async () => new Map([...(await input.countSettled()), ["back", await outsider.count(out)]]),
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
      { id: "there", kind: between.sink, config: (between.sinkConfig ?? between.config)(place) },
      { id: "back", kind: between.source, config: between.config(place) },
      { id: "out", kind: "kafka-sink", config: { connection: "kafka", topic: out, key: "key" } },
    ],
    edges: [
      { from: "in", to: "there" },
      { from: "back", to: "out" },
    ],
  };
}
