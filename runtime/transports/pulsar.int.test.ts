import { randomUUID } from "node:crypto";
import type { SourceHandlers } from "../../flow/behaviour";
import { jsonCodec } from "../../flow/codecs/json";
import type { SubscriptionType } from "../../flow/connections/pulsar-port";
import { ownNameOf } from "../../flow/distribution";
import { describeConformance, type Subject } from "./conformance";
import { openPulsar } from "./pulsar";
import { TcpProxy } from "./tcp-proxy";

const url = process.env.PULSAR_URL ?? "";
if (url === "") throw new Error("PULSAR_URL is not set: these tests need a real Pulsar");
const { hostname, port } = new URL(url);
const plain = { batching: false, compression: "none" } as const;

function openSubject(type: SubscriptionType, proxy?: TcpProxy): Subject {
  const transport = openPulsar({
    name: "pulsar",
    config: proxy === undefined ? {} : { url: `ws://127.0.0.1:${proxy.port}` },
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "", pulsarUrl: url },
    log: () => {},
  });
  const consume = (topic: string, ownName: string, handlers: SourceHandlers, signal: AbortSignal) =>
    transport.port.consume(
      {
        node: "in",
        topic,
        subscription: `millrace.test${ownName}`,
        ownName,
        type,
        fallback: "earliest",
        start: { from: "kind" },
        prefetch: 1_000,
        codec: jsonCodec,
        signal,
      },
      handlers,
    );
  return {
    transport,
    makePlace: async () => {
      const topic = `t-${randomUUID()}`;
      await transport.createPlace?.("topic", topic, { partitions: 3 });
      return topic;
    },
    consume: (topic, handlers, signal) => consume(topic, "", handlers, signal),
    consumeEach: (topic, worker, handlers, signal) => consume(topic, ownNameOf("each", worker), handlers, signal),
    write: (topic, messages, signal) =>
      transport.port.produce(
        messages.map(({ key, value, headers }) => ({ topic, key, value, headers })),
        plain,
        signal,
      ),
    close: () => transport.close(),
  };
}

/** `12:5:2`, with the place in its batch behind it: by ledger, entry, place. */
function compareIds(a: string, b: string): number {
  const [[ledgerA = 0, entryA = 0, , atA = 0], [ledgerB = 0, entryB = 0, , atB = 0]] = [a, b].map((id) =>
    id.split(":").map(Number),
  ) as [number[], number[]];
  return ledgerA - ledgerB || entryA - entryB || atA - atB;
}

for (const [type, settles] of [
  ["failover", "contiguous"],
  ["shared", "individual"],
] as const) {
  describeConformance({
    name: `pulsar, ${type}`,
    settles,
    comparePositions: compareIds,
    // As base64 it fits into a frame of 1 MB.
    largeBytes: 700_000,
    makeProxy: () => new TcpProxy({ host: hostname, port: Number(port) }),
    open: (proxy) => openSubject(type, proxy),
  });
}
