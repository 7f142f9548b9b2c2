import { expect, it } from "vitest";
import type { TopicKeeping } from "./connections/kafka-keeping";
import type { QueueKeeping } from "./connections/queue-keeping";
import { describeRest } from "./durability";
import { formatSpan } from "./duration";
import type { NodeSemantics } from "./kind";

const place = { connection: "kafka", type: "topic", name: "orders" } as const;
const sink: NodeSemantics = { place, durability: "As the cluster keeps it." };
const source: NodeSemantics = {
  place,
  source: { order: "partition", delivery: "at-least-once", durability: "As long as it is kept." },
};
const restOf = (semantics: NodeSemantics, topic: TopicKeeping) =>
  describeRest(semantics, { kafka: { kind: "kafka", places: { topic: { orders: topic } } } });

it.each<[TopicKeeping, string, RegExp]>([
  [{ replication: 1, minInSync: 1 }, "weak", /^The topic has one copy/],
  [{ brokers: 1, replication: 1, minInSync: 1 }, "weak", /^The cluster has one broker/],
  [{ replication: 3, minInSync: 1 }, "weak", /one alone may acknowledge/],
  [{ replication: 3, minInSync: 2, uncleanLeaders: true }, "weak", /lags behind/],
  [{ replication: 3 }, "unknown", /does not say/],
  [{ replication: 3, minInSync: 2 }, "safe", /^On at least 2 of 3 replicas/],
])("a topic that is written: %j is %s", (topic, strength, words) => {
  expect(restOf(sink, topic)).toMatchObject({ strength, text: expect.stringMatching(words) });
});

it.each<[TopicKeeping, string, RegExp]>([
  [{ replication: 1, retentionMs: 604_800_000, retentionBytes: -1 }, "safe", /for 7 days: what/],
  [{ replication: 1, retentionMs: 3_600_000 }, "weak", /for 1 h:/],
  [{ replication: 1, retentionMs: -1, retentionBytes: 1_073_741_824 }, "safe", /up to 1.07 GB a partition:/],
  [{ replication: 1, retentionMs: -1, retentionBytes: -1 }, "safe", /for ever/],
  [{ replication: 1, retentionMs: 604_800_000, compacted: true }, "weak", /compacted/],
  [{ replication: 1 }, "unknown", /does not tell/],
])("a topic that is read: %j is %s", (topic, strength, words) => {
  expect(restOf(source, topic)).toMatchObject({ strength, text: expect.stringMatching(words) });
});

it.each<[QueueKeeping, string, RegExp]>([
  [{ server: "postgres" }, "safe", /Postgres/],
  [{ server: "redis", appendOnly: false }, "weak", /no append-only file/],
  [{ server: "redis", appendOnly: true, fsync: "everysec" }, "weak", /last second/],
  [{ server: "redis", appendOnly: true, fsync: "no" }, "weak", /to the system/],
  [{ server: "redis", appendOnly: true, fsync: "always" }, "safe", /before it answers/],
  [{ server: "redis", appendOnly: true }, "unknown", /does not say/],
  [{ server: "redis", appendOnly: true, fsync: "always", evicts: "allkeys-lru" }, "weak", /removes keys/],
])("a queue on %j is %s", (queues, strength, words) => {
  const jobs: NodeSemantics = { place: { connection: "queue", type: "queue" }, durability: "In Redis." };
  const rest = describeRest(jobs, { queue: { kind: "queue", server: queues } });
  expect(rest).toMatchObject({ strength, text: expect.stringMatching(words) });
  expect(rest?.mend === undefined).toBe(strength !== "weak");
});

it("without a word of the broker, the kind's own; where nothing rests, nothing", () => {
  const holes: NodeSemantics = { place: { connection: "kafka", type: "topic" }, durability: "Somewhere." };
  expect(restOf(holes, { replication: 1 })).toEqual({ strength: "unknown", text: "Somewhere." });
  expect(describeRest(sink)).toEqual({ strength: "unknown", text: "As the cluster keeps it." });
  expect(describeRest({ order: "keeps" })).toBeUndefined();
});

it("spans in their largest whole unit", () => {
  expect([604_800_000, 86_400_000, 5_400_000, 90_000, 1_500].map(formatSpan)).toEqual([
    "7 days",
    "1 day",
    "90 min",
    "90 s",
    "1500 ms",
  ]);
});
