import type { AsyncMessage, Channel } from "rabbitmq-client";
import { sleep } from "../../backoff";
import { within } from "../within";
import { isNoStream, isUnsupported } from "./causes";
import { RabbitLink } from "./link";

const askTimeoutMs = 5_000;
const lookMs = 25;
/** Broken off when nothing has come for so long: the end of a stream is not told. */
const quietMs = 200;
const emptyMs = 1_000;

/** A delivery of a stream has its offset among the headers; one of a queue has none. */
export function offsetOf({ headers }: Pick<AsyncMessage, "headers">): number | undefined {
  const offset: unknown = headers?.["x-stream-offset"];
  return typeof offset === "number" ? offset : undefined;
}

/** Is it a stream? RabbitMQ refuses to consume anything else by offset; of one that does not (before 3.10) a look into it tells. */
export async function isStream(link: RabbitLink, queue: string): Promise<boolean> {
  const channel = await link.channel();
  try {
    await within(channel.basicQos({ prefetchCount: 1 }), askTimeoutMs);
    const consume = { queue, arguments: { "x-stream-offset": "next" } };
    await within(
      channel.basicConsume(consume, () => {}),
      askTimeoutMs,
    );
  } catch (error) {
    if (isNoStream(error)) return false;
    throw error;
  } finally {
    void within(channel.close(), askTimeoutMs).catch(() => {});
  }
  // The answer for a stream ends the connection: nobody else is to lose it.
  const own = new RabbitLink(link.address, "millrace (looking)");
  try {
    const looking = await own.channel();
    const got = await within(looking.basicGet({ queue }), askTimeoutMs);
    if (got) looking.basicNack({ deliveryTag: got.deliveryTag, requeue: true });
    return false;
  } catch (error) {
    if (isUnsupported(error)) return true;
    throw error;
  } finally {
    void own.close();
  }
}

/** Offset of the oldest message that is kept; `undefined` in an empty stream. */
export async function findFirst(link: RabbitLink, stream: string): Promise<number | undefined> {
  const [first] = await look(link, stream, "first", ({ length }) => length > 0);
  return first && offsetOf(first);
}

/** Offset of the newest message; `undefined` in an empty stream. While much is written, of one that was it a moment ago. */
export async function findLast(link: RabbitLink, stream: string): Promise<number | undefined> {
  const last = (await look(link, stream, "last")).at(-1);
  return last && offsetOf(last);
}

/** Offset of a message in the last chunk that was written: a lower bound of the newest, without reading all of it. */
export async function findLastChunk(link: RabbitLink, stream: string): Promise<number | undefined> {
  const [first] = await look(link, stream, "last", ({ length }) => length > 0);
  return first && offsetOf(first);
}

/** The newest messages, oldest first. */
export async function readNewest(link: RabbitLink, stream: string, limit: number): Promise<AsyncMessage[]> {
  const chunk = await look(link, stream, "last");
  const last = chunk.length > 0 ? offsetOf(chunk.at(-1)!) : undefined;
  if (chunk.length >= limit || last === undefined) return chunk.slice(-limit);
  const isThere = (taken: readonly AsyncMessage[]) => (offsetOf(taken.at(-1)!) ?? last) >= last;
  const newest = await look(link, stream, Math.max(0, last - limit + 1), isThere, limit);
  return newest.slice(-limit);
}

/** Reads from a place on, without moving anybody's; until it has enough, or nothing more comes. */
async function look(
  link: RabbitLink,
  stream: string,
  from: "first" | "last" | number,
  hasEnough: (taken: readonly AsyncMessage[]) => boolean = () => false,
  prefetchCount = 1,
): Promise<AsyncMessage[]> {
  const channel: Channel = await link.channel();
  try {
    const taken: AsyncMessage[] = [];
    let lastAt = performance.now();
    await within(channel.basicQos({ prefetchCount }), askTimeoutMs);
    const consume = { queue: stream, arguments: { "x-stream-offset": from } };
    const asked = channel.basicConsume(consume, (delivery) => {
      taken.push(delivery);
      lastAt = performance.now();
    });
    await within(asked, askTimeoutMs);
    lastAt = performance.now();
    while (performance.now() - lastAt < (taken.length > 0 ? quietMs : emptyMs)) {
      if (taken.length > 0 && hasEnough(taken)) break;
      await sleep(lookMs);
    }
    return taken;
  } finally {
    void within(channel.close(), askTimeoutMs).catch(() => {});
  }
}
