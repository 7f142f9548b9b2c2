import { openSeam } from "../by-hand/seam";
import { shapes } from "../shapes";
import { openSockets } from "../sockets";

const chunkMessages = 4_000;
const chunksAtOnce = 4;
const jobsAtOnce = 500;

/** Writes so many messages of a shape into a topic. */
export async function fillTopic(
  brokers: readonly string[],
  topic: string,
  shapeName: string,
  count: number,
): Promise<void> {
  const shape = shapes[shapeName]!;
  const client = await openSeam(brokers);
  let next = 0;
  const fill = async () => {
    while (next < count) {
      const from = next;
      next = Math.min(count, from + chunkMessages);
      await client.write(
        Array.from({ length: next - from }, (_, index) => {
          const { key, value, headers } = shape.message(from + index);
          return { topic, key: Buffer.from(key), value, headers: client.addHeaders(undefined, headers) };
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: chunksAtOnce }, fill));
  await client.close();
}

/** Adds so many jobs of a shape to a queue. */
export async function fillQueue(redisUrl: string, name: string, shapeName: string, count: number): Promise<void> {
  const [{ Queue }, { Redis }] = await Promise.all([import("bullmq"), import("ioredis")]);
  const shape = shapes[shapeName]!;
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue(name, { connection });
  for (let from = 0; from < count; from += jobsAtOnce) {
    await queue.addBulk(
      Array.from({ length: Math.min(jobsAtOnce, count - from) }, (_, index) => ({
        name: "order",
        data: JSON.parse(shape.message(from + index).value) as object,
        opts: { removeOnComplete: true },
      })),
    );
  }
  await queue.close();
  connection.disconnect();
}

/** Publishes so many persistent messages of a shape to a durable queue, and waits until the server has them. */
export async function fillRabbit(url: string, queue: string, shapeName: string, count: number): Promise<void> {
  const { Connection } = await import("rabbitmq-client");
  const shape = shapes[shapeName]!;
  const connection = new Connection(url);
  const publisher = connection.createPublisher({ confirm: true, queues: [{ queue, durable: true }] });
  for (let from = 0; from < count; from += chunkMessages) {
    const sent = Array.from({ length: Math.min(chunkMessages, count - from) }, (_, index) => {
      const { value, headers } = shape.message(from + index);
      return publisher.send({ routingKey: queue, durable: true, headers }, Buffer.from(value));
    });
    await Promise.all(sent);
  }
  await publisher.close();
  await connection.close();
}

/** Adds so many entries of a shape to a stream, as Millrace writes them. */
export async function fillStream(redisUrl: string, stream: string, shapeName: string, count: number): Promise<void> {
  const { Redis } = await import("ioredis");
  const shape = shapes[shapeName]!;
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  for (let from = 0; from < count; from += chunkMessages) {
    const pipeline = redis.pipeline();
    for (let n = from; n < Math.min(count, from + chunkMessages); n++) {
      const { key, value } = shape.message(n);
      pipeline.xadd(stream, "*", "key", key, "value", value);
    }
    await pipeline.exec();
  }
  redis.disconnect();
}

/** Writes so many messages of a shape to a topic of Pulsar. */
export async function fillPulsar(url: string, topic: string, shapeName: string, count: number): Promise<void> {
  const shape = shapes[shapeName]!;
  const sockets = openSockets(url);
  const producer = await sockets.open(`producer/${topic}`);
  for (let from = 0; from < count; from += chunkMessages) {
    const to = Math.min(count, from + chunkMessages);
    let open = to - from;
    await new Promise<void>((resolve, reject) => {
      const heard = (data: unknown) => {
        const { result, errorMsg } = JSON.parse(String(data)) as Record<string, string>;
        if (result !== "ok") reject(new Error(`not written: ${errorMsg}`));
        if (--open > 0) return;
        producer.off("message", heard);
        resolve();
      };
      producer.on("message", heard);
      for (let n = from; n < to; n++) {
        const { key, value, headers } = shape.message(n);
        const payload = Buffer.from(value).toString("base64");
        producer.send(JSON.stringify({ payload, key, properties: headers, context: String(n) }));
      }
    });
  }
  sockets.close();
}
