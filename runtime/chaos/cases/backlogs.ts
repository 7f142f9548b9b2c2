import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { Connection } from "rabbitmq-client";
import { type House, serverOf } from "../house";
import type { makeRecord } from "../numbered";
import { countPulsarBacklog, createPulsarTopic, openPulsarProducer, subscribePulsar } from "../pulsar-topic";
import { countRabbitStreamLeft, createRabbitStream } from "../rabbitmq-stream";
import { countJobs, countUnread } from "../read-back";
import type { Ground } from "../shape";

type NumberedRecord = ReturnType<typeof makeRecord>;

/** A broker whose messages wait before a slow sink. */
export interface Backlog {
  readonly broker: string;
  readonly stands?: readonly Ground[];
  /** Kind and config of the node that reads it. */
  source(place: string): { readonly kind: string; readonly config: Record<string, unknown> };
  /** Makes it, past the proxies. `flow` will read it, by the node `in`. */
  open(house: House, place: string, flow: string): Promise<OpenBacklog>;
}

export interface OpenBacklog {
  write(records: readonly NumberedRecord[]): Promise<void>;
  /** How many are not settled, in hand or not, as the broker itself counts. */
  countLeft(): Promise<number>;
  close(): Promise<void>;
}

const partitions = 4;

export const kafkaBacklog: Backlog = {
  broker: "Kafka",
  source: (topic) => ({ kind: "kafka-source", config: { connection: "kafka", topic, start: "earliest" } }),
  async open({ outsider }, topic, flow) {
    await outsider.create(topic, partitions);
    const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + Math.max(0, count), 0);
    return {
      write: (records) => outsider.send(topic, [...records]),
      countLeft: async () =>
        sum(await outsider.ends(topic)) - sum(await outsider.committed(`millrace.default.${flow}.in`, topic)),
      close: async () => {},
    };
  },
};

export const rabbitBacklog: Backlog = {
  broker: "RabbitMQ",
  stands: ["rabbitmq"],
  source: (queue) => ({ kind: "rabbitmq-source", config: { connection: "rabbitmq", queue } }),
  async open(house, queue) {
    const server = serverOf(house, "rabbitmq");
    const connection = new Connection(server.url);
    const publisher = connection.createPublisher({ confirm: true, queues: [{ queue, durable: true }] });
    return {
      async write(records) {
        const to = { routingKey: queue, durable: true };
        await Promise.all(records.map(({ value }) => publisher.send(to, Buffer.from(value))));
      },
      async countLeft() {
        const lines = (await server.control("-q", "list_queues", "name", "messages")).split("\n");
        return Number(lines.map((line) => line.split("\t")).find(([name]) => name === queue)?.[1]);
      },
      async close() {
        await publisher.close();
        await connection.close();
      },
    };
  },
};

export const rabbitStreamBacklog: Backlog = {
  broker: "RabbitMQ stream",
  stands: ["rabbitmq"],
  source: (stream) => ({ kind: "rabbitmq-stream-source", config: { connection: "rabbitmq", stream } }),
  async open(house, stream, flow) {
    const { url } = serverOf(house, "rabbitmq");
    await createRabbitStream(url, stream);
    const connection = new Connection(url);
    const publisher = connection.createPublisher({ confirm: true });
    return {
      async write(records) {
        const to = { routingKey: stream, durable: true };
        await Promise.all(records.map(({ value }) => publisher.send(to, Buffer.from(value))));
      },
      countLeft: () => countRabbitStreamLeft(url, stream, `millrace.default.${flow}.in`),
      async close() {
        await publisher.close();
        await connection.close();
      },
    };
  },
};

export const streamBacklog: Backlog = {
  broker: "Redis Streams",
  source: (stream) => ({ kind: "redis-stream-source", config: { connection: "redis", stream } }),
  async open({ redis: { url } }, stream) {
    const redis = new Redis(url);
    return {
      async write(records) {
        const pipeline = redis.pipeline();
        for (const { key, value } of records) pipeline.xadd(stream, "*", "key", key, "value", value);
        await pipeline.exec();
      },
      countLeft: () => countUnread(url, stream),
      close: async () => redis.disconnect(),
    };
  },
};

export const pulsarBacklog: Backlog = {
  broker: "Pulsar",
  stands: ["pulsar"],
  source: (topic) => ({ kind: "pulsar-source", config: { connection: "pulsar", topic, subscription: topic } }),
  async open(house, topic) {
    const { url } = serverOf(house, "pulsar");
    await createPulsarTopic(url, topic, partitions);
    await subscribePulsar(url, topic, topic);
    const producer = await openPulsarProducer(url, topic);
    return {
      write: producer.send,
      countLeft: () => countPulsarBacklog(url, topic),
      close: async () => producer.close(),
    };
  },
};

export const queueBacklog: Backlog = {
  broker: "BullMQ",
  source: (queue) => ({ kind: "queue-source", config: { connection: "queue", queue } }),
  async open({ redis: { url } }, name) {
    const connection = new Redis(url, { maxRetriesPerRequest: null });
    const queue = new Queue(name, { connection });
    return {
      write: async (records) =>
        void (await queue.addBulk(records.map(({ value }) => ({ name: "n", data: JSON.parse(value) as object })))),
      countLeft: () => countJobs(url, name),
      async close() {
        await queue.close();
        connection.disconnect();
      },
    };
  },
};
