import { Kafka, logLevel, Partitioners } from "kafkajs";
import { fetching } from "../by-hand/hand";
import type { Broker } from "../case";
import { openSockets } from "../sockets";
import type { PaceOrder } from "./pace";

export interface Servers {
  readonly brokers: readonly string[];
  readonly redisUrl: string;
  readonly rabbitmqUrl: string;
  /** Empty where none runs. */
  readonly pulsarUrl: string;
}

interface Timed {
  readonly key: string;
  readonly value: string;
  readonly headers: Record<string, string>;
}

/** Plain clients of one broker: one writes, the other reads. */
export interface Probe {
  /** Resolves when the broker has them. */
  send(messages: readonly Timed[]): Promise<unknown>;
  close(): Promise<unknown>;
}

type OpenProbe = (servers: Servers, order: PaceOrder, take: (values: readonly unknown[]) => void) => Promise<Probe>;

/** Opens them; `take` is called with what came out at the other end. */
export const openProbe: OpenProbe = (servers, order, take) =>
  (order.over ? probes[order.over] : probeKafka)(servers, order, take);

const probeKafka: OpenProbe = async ({ brokers }, order, take) => {
  const kafka = new Kafka({ clientId: "probe", brokers: [...brokers], logLevel: logLevel.ERROR });
  const producer = kafka.producer({ createPartitioner: Partitioners.JavaCompatiblePartitioner });
  const consumer = kafka.consumer({ groupId: `probe-${order.output}-${Math.random()}`, ...fetching });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic: order.output, fromBeginning: !order.fromEnd });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({
    partitionsConsumedConcurrently: 4,
    eachBatch: async ({ batch }) => take(batch.messages.map(({ value }) => value)),
  });
  await joined;
  return {
    send: (messages) => producer.send({ topic: order.input, acks: -1, messages: [...messages] }),
    close: () => Promise.all([producer.disconnect(), consumer.disconnect()]),
  };
};

const probeRabbit: OpenProbe = async ({ rabbitmqUrl }, order, take) => {
  const { Connection } = await import("rabbitmq-client");
  const connection = new Connection(rabbitmqUrl);
  const publisher = connection.createPublisher({ confirm: true });
  const channel = await connection.acquire();
  // The client reads JSON by itself where the message says that it is.
  const textOf = (body: unknown) => (Buffer.isBuffer(body) ? body : JSON.stringify(body));
  await channel.basicConsume({ queue: order.output, noAck: true }, ({ body }) => take([textOf(body)]));
  return {
    send: (messages) =>
      Promise.all(
        messages.map(({ value }) => publisher.send({ routingKey: order.input, durable: true }, Buffer.from(value))),
      ),
    async close() {
      await channel.close();
      await publisher.close();
      await connection.close();
    },
  };
};

const probeStream: OpenProbe = async ({ redisUrl }, order, take) => {
  const { Redis } = await import("ioredis");
  const [writer, reader] = [1, 2].map(() => new Redis(redisUrl, { maxRetriesPerRequest: null })) as [
    InstanceType<typeof Redis>,
    InstanceType<typeof Redis>,
  ];
  let running = true;
  const reading = (async () => {
    let last = "0";
    while (running) {
      const found = await reader.xread("COUNT", 1_000, "BLOCK", 100, "STREAMS", order.output, last);
      const entries = found?.[0]?.[1] ?? [];
      if (entries.length === 0) continue;
      last = entries.at(-1)![0];
      take(entries.map(([, fields]) => fields[fields.indexOf("value") + 1]));
    }
  })();
  return {
    send(messages) {
      const pipeline = writer.pipeline();
      for (const { key, value } of messages) pipeline.xadd(order.input, "*", "key", key, "value", value);
      return pipeline.exec();
    },
    async close() {
      running = false;
      await reading;
      reader.disconnect();
      writer.disconnect();
    },
  };
};

const probePulsar: OpenProbe = async ({ pulsarUrl }, order, take) => {
  const sockets = openSockets(pulsarUrl);
  const consumer = await sockets.open(`consumer/${order.output}/by-hand?receiverQueueSize=1000`);
  const producer = await sockets.open(`producer/${order.input}`);
  consumer.on("message", (data) => {
    const { messageId, payload } = JSON.parse(String(data)) as Record<"messageId" | "payload", string>;
    take([Buffer.from(payload, "base64")]);
    consumer.send(JSON.stringify({ messageId }));
  });
  let open = 0;
  let allThere: () => void = () => {};
  producer.on("message", () => --open === 0 && allThere());
  return {
    send(messages) {
      open += messages.length;
      for (const { key, value } of messages)
        producer.send(JSON.stringify({ payload: Buffer.from(value).toString("base64"), key, context: "" }));
      return Promise.resolve();
    },
    async close() {
      if (open > 0) await new Promise<void>((resolve) => (allThere = resolve));
      sockets.close();
    },
  };
};

const probes: Readonly<Record<Broker, OpenProbe>> = {
  rabbitmq: probeRabbit,
  "redis-stream": probeStream,
  pulsar: probePulsar,
};
