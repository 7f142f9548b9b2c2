import { expect, it } from "vitest";
import type { OpenSource } from "../behaviour";
import type { KafkaPort } from "../connection-ports";
import { makeSourceContext, RecordedHandlers } from "../testing/node-context";
import { kafkaSource } from "./kafka-source";
import { kafkaSourceBehaviour } from "./kafka-source.behaviour";

const opened = { settle: () => {}, progress: async () => [], stop: async () => {} } satisfies OpenSource;

async function open(config: Record<string, unknown>) {
  let asked: Parameters<KafkaPort["consume"]>[0] | undefined;
  const kafka: KafkaPort = {
    request: () => Promise.reject(new Error("not asked here")),
    consume: async (options) => {
      asked = options;
      return opened;
    },
    produce: async () => [],
  };
  const context = makeSourceContext({ start: { from: "time", at: 5 } }, { kafka });
  const source = await kafkaSourceBehaviour.open(kafkaSource.config.parse(config), context, new RecordedHandlers());
  return { asked: asked!, source };
}

it("consumes as the deployment's group, from where the deployment says", async () => {
  const { asked, source } = await open({ topic: "orders", start: "latest", codec: "text", onGap: "earliest" });
  expect(source).toBe(opened);
  expect(asked).toMatchObject({
    node: "here",
    topic: "orders",
    groupId: "millrace.default.orders.here",
    fallback: "latest",
    start: { from: "time", at: 5 },
    onGap: "earliest",
    codec: { name: "text" },
  });
});

it("uses a group of its own when it names one", async () => {
  expect((await open({ topic: "orders", groupId: "mine" })).asked.groupId).toBe("mine");
  expect((await open({ topic: "orders", groupId: "" })).asked.groupId).toBe("millrace.default.orders.here");
});

it("gives each worker all: a group and lanes of its own, the same for as long as the worker lives", async () => {
  const { asked } = await open({ topic: "orders", distribution: "each" });
  expect(asked).toMatchObject({ groupId: "millrace.default.orders.here@w-1", ownName: "@w-1" });
  expect((await open({ topic: "orders" })).asked).toMatchObject({ ownName: "" });
});

it("keeps its consumer while connection, topic, group, codec and rule for gaps stay", () => {
  const identity = (change: object) =>
    kafkaSourceBehaviour.identity(kafkaSource.config.parse({ topic: "orders", ...change }));
  expect(identity({ start: "latest" })).toBe(identity({}));
  expect(identity({ groupId: "" })).toBe(identity({}));
  const others = [
    { topic: "other" },
    { connection: "other" },
    { groupId: "mine" },
    { codec: "text" },
    { onGap: "latest" },
    { distribution: "each" },
  ];
  expect(new Set([identity({}), ...others.map(identity)]).size).toBe(others.length + 1);
});

it("refuses what is no topic", () => {
  for (const topic of ["", "a b", "orders/1", "x".repeat(250)])
    expect(kafkaSource.config.safeParse({ topic }).success).toBe(false);
});
