import { beforeEach, expect, it } from "vitest";
import { ZodObject } from "zod";
import type { NodeContext } from "../flow/behaviour";
import { behaviourOf } from "../flow/behaviours";
import { kinds } from "../flow/catalog";
import type { ConnectionPorts, KafkaRecord, QueueJob } from "../flow/connection-ports";
import { planOf } from "../flow/plan";
import { drawFlow } from "../flow/testing/drawing";
import { headersOf } from "../flow/testing/node-context";
import { done } from "../flow/verdict";
import { Pipeline } from "./pipeline";
import { makeContext, makeMessage, openDelivery } from "./testing";

/** Ids that reach the outside through the engine: what is made of one message must never look like one another. */
const written = {
  kafka: [] as string[],
  queue: [] as string[],
  redis: [] as string[],
  rabbitmq: [] as string[],
  pulsar: [] as string[],
  http: [] as string[],
};
beforeEach(() => {
  for (const ids of Object.values(written)) ids.length = 0;
});

const ports: Partial<ConnectionPorts> = {
  kafka: {
    consume: () => Promise.reject(new Error("not asked here")),
    request: () => Promise.reject(new Error("not asked here")),
    produce: async (records: readonly KafkaRecord[]) => {
      written.kafka.push(...records.map((record) => headersOf(record)["millrace-message-id"]!));
      return records.map(() => done);
    },
  },
  queue: {
    consume: () => Promise.reject(new Error("not asked here")),
    request: () => Promise.reject(new Error("not asked here")),
    readResult: () => Promise.reject(new Error("not asked here")),
    awaitResult: () => Promise.reject(new Error("not asked here")),
    add: async (_queue, jobs: readonly QueueJob[]) => {
      written.queue.push(...jobs.map(({ deduplication }) => deduplication!.id));
      return jobs.map(() => done);
    },
  },
  redis: {
    consume: () => Promise.reject(new Error("not asked here")),
    request: () => Promise.reject(new Error("not asked here")),
    add: async (entries) => {
      written.redis.push(...entries.map((entry) => headersOf(entry)["millrace-message-id"]!));
      return entries.map(() => done);
    },
  },
  rabbitmq: {
    consume: () => Promise.reject(new Error("not asked here")),
    readStream: () => Promise.reject(new Error("not asked here")),
    request: () => Promise.reject(new Error("not asked here")),
    publisher: () => ({
      publish: async (messages) => {
        written.rabbitmq.push(...messages.map((message) => headersOf(message)["message-id"]!));
        return messages.map(() => done);
      },
      close: async () => {},
    }),
  },
  pulsar: {
    consume: () => Promise.reject(new Error("not asked here")),
    request: () => Promise.reject(new Error("not asked here")),
    produce: async (messages) => {
      written.pulsar.push(...messages.map((message) => headersOf(message)["millrace-message-id"]!));
      return messages.map(() => done);
    },
  },
  http: {
    request: async ({ headers }) => {
      written.http.push(headers["idempotency-key"]!);
      return { status: 200, headers: {}, body: new Uint8Array(), truncated: false };
    },
  },
};

// Two wires from the split to the sink: each item is written twice there, as drawn.
const flow = drawFlow(
  [
    ["in", "webhook-source", { path: "in" }],
    ["divide", "split", { items: "body" }],
    ["again", "split", { items: "[body, body]" }],
    ["keep", "map", { set: {}, value: "body" }],
    ["topic", "kafka-sink", { topic: "out", messageId: true }],
    ["pulsar", "pulsar-sink", { topic: "out", messageId: true }],
    ["jobs", "queue-sink", { queue: "out", deduplicateFor: "1d" }],
    ["stream", "redis-stream-sink", { stream: "out", messageId: true }],
    ["rabbit", "rabbitmq-sink", { queue: "out", messageId: true }],
    ["ask", "http-request", { url: "/" }],
  ],
  "in>divide",
  "divide>again",
  "again>keep",
  "again>topic",
  "keep>topic",
  "again>pulsar",
  "again>jobs",
  "again>stream",
  "again>rabbit",
  "again>ask",
);

function open(version: number): Promise<Pipeline> {
  const contextOf = (node: string): NodeContext => ({
    ...makeContext(node),
    connection: (kind) => ports[kind]!,
  });
  return Pipeline.open(
    {
      flowId: "flow-1",
      flow: "test",
      environment: "default",
      version,
      trace: undefined,
      delivery: "at-least-once",
      plan: planOf(flow),
    },
    (kind) => behaviourOf(kind)!,
    (_, { node }) => contextOf(node),
  );
}

const take = () => Object.fromEntries(Object.entries(written).map(([sink, ids]) => [sink, [...ids].sort()]));

it("looks at every sink that can write an id", () => {
  const able = kinds.filter(({ role, config }) => {
    const fields = config instanceof ZodObject ? Object.keys(config.shape) : [];
    return role === "sink" && fields.some((field) => field === "messageId" || field === "deduplicateFor");
  });
  expect(able.length).toBeGreaterThan(3);
  expect(flow.nodes.map(({ kind }) => kind)).toEqual(expect.arrayContaining(able.map(({ kind }) => kind)));
});

it("gives everything that is made of one message an id of its own, and the same one when it comes again", async () => {
  const pipeline = await open(1);
  const { delivery, letters } = openDelivery();
  const message = makeMessage(["a", "a", "b"], "7");
  expect(await delivery.deliver(pipeline.begin("in", [message]))).toBe(true);
  expect(letters).toEqual([]);
  const first = take();
  expect(first).toMatchObject({
    kafka: { length: 12 },
    queue: { length: 6 },
    redis: { length: 6 },
    rabbitmq: { length: 6 },
    pulsar: { length: 6 },
    http: { length: 6 },
  });
  for (const ids of Object.values(first)) expect(new Set(ids).size).toBe(ids.length);

  for (const ids of Object.values(written)) ids.length = 0;
  expect(await delivery.deliver((await open(2)).begin("in", [message]))).toBe(true);
  expect(take()).toEqual(first);
});

it("gives a dead letter that is sent again the ids that it would have had", async () => {
  const pipeline = await open(1);
  const { delivery } = openDelivery();
  await delivery.deliver(pipeline.begin("in", [makeMessage(["a"], "7")]));
  const first = take();
  for (const ids of Object.values(written)) ids.length = 0;
  const place = { source: "in", lane: "lane", position: "7", part: "0" };
  const message = makeMessage(["a"], "letter-1", "redrive");
  const resent = message.with({ meta: { ...message.meta, origin: { ...place, resent: true } } });
  await delivery.deliver(pipeline.beginAgain("in", resent, { as: "letter", id: "letter-1", place, attempts: 1 }));
  expect(take()).toEqual(first);
});
