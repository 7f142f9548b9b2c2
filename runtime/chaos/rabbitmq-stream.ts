import { type AsyncMessage, Connection } from "rabbitmq-client";
import { sleep } from "../backoff";

/** Streams of a RabbitMQ, as another program would use them. */

const quietMs = 300;

export async function createRabbitStream(url: string, stream: string): Promise<void> {
  await connected(url, async (connection) => {
    await connection.queueDeclare({ queue: stream, durable: true, arguments: { "x-queue-type": "stream" } });
  });
}

/** Messages of a stream behind the place that a reader has written down. */
export async function countRabbitStreamLeft(url: string, stream: string, reader: string): Promise<number> {
  return connected(url, async (connection) => {
    const last = (await readLast(connection, stream))?.headers?.["x-stream-offset"] ?? -1;
    const place = await readLast(connection, `${reader}.offset.${stream}`).catch(() => undefined);
    const { settled = -1 } = (place?.body ?? {}) as { settled?: number };
    return last - settled;
  });
}

export async function isRabbitStreamRead(url: string, stream: string, reader: string): Promise<boolean> {
  return (await countRabbitStreamLeft(url, stream, reader)) === 0;
}

async function readLast(connection: Connection, stream: string): Promise<AsyncMessage | undefined> {
  const channel = await connection.acquire();
  try {
    let last: AsyncMessage | undefined;
    let lastAt = performance.now();
    await channel.basicQos({ prefetchCount: 1 });
    const consume = { queue: stream, arguments: { "x-stream-offset": "last" } };
    await channel.basicConsume(consume, (delivery) => {
      last = delivery;
      lastAt = performance.now();
    });
    while (performance.now() - lastAt < quietMs) await sleep(quietMs / 10);
    return last;
  } finally {
    await channel.close().catch(() => {});
  }
}

async function connected<T>(url: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = new Connection(url);
  connection.on("error", () => {});
  try {
    return await work(connection);
  } finally {
    await connection.close().catch(() => {});
  }
}
