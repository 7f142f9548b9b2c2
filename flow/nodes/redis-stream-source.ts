/**
 * Reads a Redis stream as a consumer group: shared by all workers, or each stream by one worker at a time, in order. At least once.
 * Sharp edge: what a stream's writers trim away before it was read is gone.
 */
import * as z from "zod";
import { streamNamePattern, streamNameRule } from "../connections/stream-name";
import { describeDistribution, distribution } from "../distribution";
import { connectionOr, wholeNumber } from "../fields";
import { defineKind } from "../kind";
import { schemaField, shapeOfSource } from "../shape/schema-field";
import { bytesCodecField, gapField, groupField, riskOfGap, startField } from "./received-fields";

const config = z.strictObject({
  connection: connectionOr("redis", "redis"),
  stream: z
    .string()
    .regex(streamNamePattern, streamNameRule)
    .meta({ title: "Stream", placeholder: "orders", widget: "place", place: "stream" }),
  partitions: wholeNumber(
    { min: 1, max: 256, initial: 1 },
    {
      title: "Partitions",
      help: "More than 1: reads `orders.0`, `orders.1`, …, each by one worker at a time, so that each key keeps its order.",
    },
  ),
  sharing: z
    .enum(["workers", "one-worker"])
    .default("workers")
    .meta({
      title: "Read by",
      help: "All workers side by side, without an order; or one worker at a time, in the order of the stream.",
      widget: "select",
      words: { workers: "all workers, no order", "one-worker": "one worker at a time, in order" },
      when: { field: "partitions", is: [1] },
    }),
  start: startField("entry"),
  layout: z.enum(["message", "fields"]).default("message").meta({
    title: "Layout",
    help: "Message: `key`, `value` and `header:…` are what they say, and an entry with other fields is read as a JSON object of them. Fields: every entry is.",
    widget: "select",
    advanced: true,
  }),
  codec: bytesCodecField("the value's"),
  schema: schemaField,
  onGap: gapField("Trimmed unread, or lost with their group", "entries"),
  maxDeliveries: wholeNumber(
    { min: 2, max: 1000, initial: 10 },
    {
      title: "Deliveries",
      help: "An entry whose workers died so often goes to the dead letters. From the third on it is worked alone.",
      advanced: true,
    },
  ),
  groupId: groupField(),
  distribution,
});
export type RedisStreamSourceConfig = z.output<typeof config>;

/** Is each stream read by one worker at a time? With partitions always: they are there for the order; and where a worker has its own group. */
export function sharingOf({
  partitions,
  sharing,
  distribution,
}: Pick<RedisStreamSourceConfig, "partitions" | "sharing" | "distribution">) {
  return partitions > 1 || distribution === "each" ? "one-worker" : sharing;
}

export const redisStreamSource = defineKind({
  kind: "redis-stream-source",
  version: 1,
  role: "source",
  category: "Sources",
  label: "Redis stream",
  summary: "Read as a consumer group",
  icon: "waves-arrow-up",
  help: `Reads a stream as a consumer group. An entry is acknowledged when everything behind the source has written the message, or it is kept in the dead letters. What a killed worker had in hand goes to another one after 10 s.

**Delivery**: at least once. Workers share a plain stream side by side, without an order between them. Read by one worker at a time it keeps its order; with partitions each key keeps it, and the work is spread over workers: each partition has one reader, who holds a lease of 10 s.

**Sharp edge**: whoever writes with MAXLEN or MINID removes entries also when they were not read. The source stops then and says how many are gone; *When entries are gone* lets it go on. *Begin at* speaks only for the first deploy. Fewer partitions than before leave what is in the others unread.

**Each worker gets all**: every worker has a group of its own, named after it, and reads in order. A worker that starts begins where *Begin at* says. Groups of workers that are gone stay in Redis, small, until someone removes them (\`XGROUP DESTROY\`).`,
  config,
  ports: () => ({ in: [], out: ["out"] }),
  shape: shapeOfSource,
  subtitle: ({ stream, partitions, start }) =>
    `${stream || "stream: —"} · ${partitions > 1 ? `${partitions} partitions` : (start ?? "earliest")}`,
  semantics: (config) => ({
    place: { connection: config.connection, type: "stream", name: config.stream },
    ...riskOfGap(config.onGap, "were trimmed", "entries"),
    ...(sharingOf(config) === "workers"
      ? { mend: "Read by one worker at a time the stream keeps its order; with partitions each key does." }
      : {}),
    source: {
      replies: "address",
      order: sharingOf(config) === "workers" ? "none" : config.partitions > 1 ? "partition" : "lane",
      ...describeDistribution(config.distribution, config.start),
      durability: "An entry stays in the stream until it is trimmed; Redis keeps what its persistence keeps.",
    },
  }),
  example: {
    config: {
      connection: "redis",
      stream: "orders",
      partitions: 1,
      sharing: "workers",
      start: "earliest",
      layout: "message",
      codec: "json",
      onGap: "halt",
      maxDeliveries: 10,
      distribution: "shared",
    },
    input: { key: "c-7", body: { id: "o-1", customer: "c-7", country: "DE", price: 12.5, quantity: 2 } },
  },
});
