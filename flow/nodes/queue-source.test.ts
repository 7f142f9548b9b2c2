import { expect, it } from "vitest";
import type { OpenSource } from "../behaviour";
import type { QueuePort } from "../connection-ports";
import { makeSourceContext, RecordedHandlers } from "../testing/node-context";
import { queueSource } from "./queue-source";
import { queueSourceBehaviour } from "./queue-source.behaviour";

it("works its queue with as many jobs at once as it says", async () => {
  const opened: OpenSource = { settle: () => {}, progress: async () => [], stop: async () => {} };
  let asked: Parameters<QueuePort["consume"]>[0] | undefined;
  const queue: QueuePort = {
    request: () => Promise.reject(new Error("not asked here")),
    consume: async (options) => {
      asked = options;
      return opened;
    },
    add: async () => [],
    readResult: () => Promise.reject(new Error("not asked here")),
    awaitResult: () => Promise.reject(new Error("not asked here")),
  };
  const config = queueSource.config.parse({ queue: "warehouse", concurrency: 3 });
  const source = await queueSourceBehaviour.open(config, makeSourceContext({}, { queue }), new RecordedHandlers());
  expect(source).toBe(opened);
  expect(asked).toMatchObject({ node: "here", queue: "warehouse", concurrency: 3, codec: { name: "json" } });
});

it("is opened anew when connection, queue or concurrency change", () => {
  const identity = (change: object) =>
    queueSourceBehaviour.identity(queueSource.config.parse({ queue: "a", ...change }));
  expect(
    new Set([{}, { queue: "b" }, { connection: "other" }, { concurrency: 1 }, { codec: "text" }].map(identity)).size,
  ).toBe(5);
});

it("refuses names that BullMQ or Redis would take for something else", () => {
  for (const queue of ["", "a:b", "{a}", "a b"]) expect(queueSource.config.safeParse({ queue }).success).toBe(false);
  expect(queueSource.config.safeParse({ queue: "orders-other", concurrency: 0 }).success).toBe(false);
});
