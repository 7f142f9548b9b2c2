import type { Hand } from "../by-hand/hand";
import {
  type Broker,
  brokerSink,
  brokerSource,
  type Case,
  type FlowSide,
  type HandSide,
  type Places,
  passOn,
  type Side,
} from "../case";
import { orders } from "../shapes";
import { openSockets } from "../sockets";

interface Kind {
  readonly broker: Broker;
  readonly label: string;
  /** What its places are called, one and more. */
  readonly place: readonly [one: string, more: string];
  /** Messages that are laid ready for each second. */
  readonly perSecond: number;
  /** Of the config of its source, beside the place. */
  readonly source?: object;
  /** Writes messages as fast as they are taken; gives back how it is stopped. */
  write(place: string, hand: Hand): Promise<() => Promise<unknown>>;
}

/** Written and not confirmed, at most. */
const inHand = 500;
const batch = 1_000;
const message = orders.message(0);

const rabbitmq: Kind = {
  broker: "rabbitmq",
  label: "RabbitMQ",
  place: ["queue", "queues"],
  perSecond: 12_000,
  source: { prefetch: 500 },
  async write(queue, hand) {
    const { Connection } = await import("rabbitmq-client");
    const connection = new Connection(hand.rabbitmqUrl);
    const publisher = connection.createPublisher({ confirm: true });
    const stop = keepWriting(inHand, () =>
      publisher.send({ routingKey: queue, durable: true }, Buffer.from(message.value)),
    );
    return async () => {
      await stop();
      await publisher.close();
      await connection.close();
    };
  },
};

const redisStream: Kind = {
  broker: "redis-stream",
  label: "Redis Streams",
  place: ["stream", "streams"],
  perSecond: 100_000,
  async write(stream, hand) {
    const { Redis } = await import("ioredis");
    const redis = new Redis(hand.redisUrl, { maxRetriesPerRequest: null });
    const stop = keepWriting(2, () => {
      const pipeline = redis.pipeline();
      for (let n = 0; n < batch; n++) pipeline.xadd(stream, "*", "key", message.key, "value", message.value);
      return pipeline.exec();
    });
    return async () => {
      await stop();
      redis.disconnect();
    };
  },
};

const pulsar: Kind = {
  broker: "pulsar",
  label: "Pulsar",
  place: ["topic", "topics"],
  perSecond: 15_000,
  async write(topic, hand) {
    const sockets = openSockets(hand.pulsarUrl);
    const producer = await sockets.open(`producer/${topic}`);
    const answers: (() => void)[] = [];
    producer.on("message", () => answers.shift()?.());
    const record = JSON.stringify({ payload: Buffer.from(message.value).toString("base64"), key: message.key });
    const stop = keepWriting(inHand, () => {
      producer.send(record);
      return new Promise<void>((resolve) => answers.push(resolve));
    });
    return async () => {
      await stop();
      sockets.close();
    };
  },
};

/** So many writings at once, each followed by the next; until it is stopped. */
function keepWriting(atOnce: number, write: () => Promise<unknown>): () => Promise<unknown> {
  let running = true;
  const writers = Array.from({ length: atOnce }, async () => {
    while (running) await write();
  });
  return () => {
    running = false;
    return Promise.all(writers);
  };
}

const counts = [1, 2, 4];

function sidesOf(kind: Kind): Side[] {
  const { broker, label } = kind;
  const many = (count: number) => `${count} ${kind.place[count === 1 ? 0 : 1]}`;
  const writing = counts.map(
    (count): HandSide => ({
      by: "hand",
      name: `${broker}-write-${count}`,
      label: `${label}: a plain client only writes, ${many(count)}`,
      client: "none",
      input: { from: "itself" },
      output: { to: broker, places: count },
      async run({ outputs }, hand) {
        for (const place of outputs) hand.onStop(await kind.write(place, hand));
      },
    }),
  );
  const flows = ({ inputs, outputs }: Places) =>
    inputs.map((input, index) => passOn(brokerSource(broker, input, kind.source), brokerSink(broker, outputs[index]!)));
  const flow = (name: string, words: string, places: number, workers: number): FlowSide => ({
    by: "flow",
    name: `${broker}-${name}`,
    label: `${label}: flow, ${words}`,
    input: { from: broker, shape: orders, perSecond: kind.perSecond, places },
    output: { to: broker, places },
    workers,
    flows,
  });
  return [
    ...writing,
    ...counts.map((count) => flow(`places-${count}`, `${many(count)}, 1 worker`, count, 1)),
    ...counts.slice(1).map((count) => flow(`workers-${count}`, `${many(1)}, ${count} workers`, 1, count)),
  ];
}

/** What each broker takes here from a plain client that does nothing else, and what flows make of it with more places and workers. */
export const brokers: Case = {
  title: "What the brokers take",
  about:
    "A plain client that only writes, each message confirmed, beside flows that read, write and acknowledge: one flow for each queue, stream or topic.",
  input: { from: "itself" },
  output: { to: "rabbitmq" },
  perMessage: 1,
  manySides: true,
  sides: [rabbitmq, redisStream, pulsar].flatMap(sidesOf),
};
