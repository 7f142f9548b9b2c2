import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll } from "vitest";
import type { SourceHandlers } from "../../flow/behaviour";
import { jsonCodec } from "../../flow/codecs/json";
import type { StreamSharing } from "../../flow/connections/redis-stream-port";
import { ownNameOf } from "../../flow/distribution";
import { describeConformance, type Subject } from "./conformance";
import { openRedis } from "./redis";
import { TcpProxy } from "./tcp-proxy";

const redisUrl = process.env.REDIS_URL;
if (redisUrl === undefined) throw new Error("REDIS_URL is not set: these tests need a real Redis");
const { hostname, port, pathname } = new URL(redisUrl);
const prefix = `test-${randomUUID().slice(0, 8)}`;

function openSubject(sharing: StreamSharing, partitions: number, proxy?: TcpProxy): Subject {
  const transport = openRedis({
    name: "redis",
    config: proxy === undefined ? {} : { url: `redis://127.0.0.1:${proxy.port}${pathname}` },
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl, databaseUrl: "" },
    log: () => {},
  });
  const consume = (stream: string, ownName: string, handlers: SourceHandlers, signal: AbortSignal) =>
    transport.port.consume(
      {
        node: "in",
        stream,
        partitions,
        sharing,
        group: `millrace.test.flow.in${ownName}`,
        ownName,
        fallback: "earliest",
        start: { from: "kind" },
        onGap: "halt",
        maxDeliveries: 10,
        layout: "message",
        codec: jsonCodec,
        signal,
      },
      handlers,
    );
  return {
    transport,
    makePlace: async () => `${prefix}-${randomUUID()}`,
    consume: (stream, handlers, signal) => consume(stream, "", handlers, signal),
    consumeEach: (stream, worker, handlers, signal) => consume(stream, ownNameOf("each", worker), handlers, signal),
    write: (stream, messages, signal) =>
      transport.port.add(
        messages.map(({ key, value, headers }) => ({ stream, key, value, headers })),
        { partitions, layout: "message" },
        signal,
      ),
    close: () => transport.close(),
  };
}

/** `1700000000000-3`: milliseconds, then a number within them. */
function compareIds(a: string, b: string): number {
  const [[timeA = 0, countA = 0], [timeB = 0, countB = 0]] = [a, b].map((id) => id.split("-").map(Number)) as [
    number[],
    number[],
  ];
  return timeA - timeB || countA - countB;
}

for (const sharing of ["workers", "one-worker"] as const) {
  describeConformance({
    name: `redis streams read by ${sharing}`,
    settles: "contiguous",
    comparePositions: compareIds,
    ...(sharing === "one-worker"
      ? { cannot: { share: "one worker at a time reads a stream, to keep its order" } }
      : {}),
    makeProxy: () => new TcpProxy({ host: hostname, port: Number(port || 6379) }),
    open: (proxy) => openSubject(sharing, 1, proxy),
  });
}

afterAll(async () => {
  const redis = new Redis(redisUrl);
  const keys = await redis.keys(`*${prefix}-*`);
  if (keys.length > 0) await redis.unlink(keys);
  redis.disconnect();
});
