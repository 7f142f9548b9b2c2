import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll } from "vitest";
import { jsonCodec } from "../../flow/codecs/json";
import type { StreamSharing } from "../../flow/connections/redis-stream-port";
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
  return {
    transport,
    makePlace: async () => `${prefix}-${randomUUID()}`,
    consume: (stream, handlers, signal) =>
      transport.port.consume(
        {
          node: "in",
          stream,
          partitions,
          sharing,
          group: "millrace.test.flow.in",
          fallback: "earliest",
          start: { from: "kind" },
          onGap: "halt",
          maxDeliveries: 10,
          layout: "message",
          codec: jsonCodec,
          signal,
        },
        handlers,
      ),
    write: (stream, messages, signal) =>
      transport.port.add(
        messages.map(({ key, value, headers }) => ({ stream, key, value, headers })),
        { partitions, layout: "message" },
        signal,
      ),
    close: () => transport.close(),
  };
}

for (const sharing of ["workers", "one-worker"] as const) {
  describeConformance({
    name: `redis streams read by ${sharing}`,
    settles: "contiguous",
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
