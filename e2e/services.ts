/** What stands around Millrace, with clients of others: a plain kafkajs on the broker, a proxy before it. */
import { once } from "node:events";
import { createServer, connect as open, type Server, type Socket } from "node:net";
import { Kafka, logLevel } from "kafkajs";

export const brokers = (process.env.KAFKA_BROKERS ?? "127.0.0.1:9092").split(",");
const kafka = new Kafka({ brokers, clientId: "walk", logLevel: logLevel.NOTHING });

/** Makes a topic with 4 partitions. */
export async function createTopic(topic: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.createTopics({ topics: [{ topic, numPartitions: 4 }], waitForLeaders: false });
    // kafkajs's own wait throws when the broker has not yet heard of its new topic.
    for (let tries = 0; tries < 100; tries++) {
      const offsets = await admin.fetchTopicOffsets(topic).catch(() => []);
      if (offsets.length === 4) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`The topic ${topic} did not appear.`);
  } finally {
    await admin.disconnect();
  }
}

/** How many partitions topics have; one that is not there has no entry. */
export async function describeTopics(topics: string[]): Promise<Record<string, number>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const there = (await admin.listTopics()).filter((topic) => topics.includes(topic));
    const { topics: found } = await admin.fetchTopicMetadata({ topics: there });
    return Object.fromEntries(found.map(({ name, partitions }) => [name, partitions.length]));
  } finally {
    await admin.disconnect();
  }
}

/** Writes messages as any other application would. */
export async function produce(
  topic: string,
  messages: { key?: string; value: string; headers?: Record<string, string> }[],
): Promise<void> {
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    await producer.send({ topic, messages });
  } finally {
    await producer.disconnect();
  }
}

export interface Read {
  key: string | null;
  value: string | null;
  headers: Readonly<Record<string, string>>;
  partition: number;
}

/** Reads a topic from its beginning until so many messages are there, or enough by another measure, or the time is over; gives what it has then. */
export async function readTopic(
  topic: string,
  enough: number | ((read: readonly Read[]) => boolean),
  timeoutMs = 20_000,
): Promise<Read[]> {
  const isEnough = typeof enough === "number" ? (all: readonly Read[]) => all.length >= enough : enough;
  const consumer = kafka.consumer({ groupId: `walk-${topic}-${Date.now()}`, allowAutoTopicCreation: false });
  const read: Read[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, timeoutMs);
      const run = consumer.run({
        eachMessage: async ({ message, partition }) => {
          read.push({
            key: message.key?.toString() ?? null,
            value: message.value?.toString() ?? null,
            headers: Object.fromEntries(
              Object.entries(message.headers ?? {}).map(([name, text]) => [name, String(text)]),
            ),
            partition,
          });
          if (!isEnough(read)) return;
          clearTimeout(timer);
          resolve();
        },
      });
      run.catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return read;
}

/** A port on which nothing listens. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Passes on what comes to a port: to the broker, which gives its own address to whoever asks. Gives how to end it. */
export async function startProxy(port: number, target: string): Promise<() => Promise<void>> {
  const [host = "127.0.0.1", targetPort = "9092"] = target.split(":");
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = open({ host, port: Number(targetPort) });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
      from.pipe(to);
    }
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
}
