/**
 * Consumes a Kafka topic as a member of a group: workers share its partitions, and each partition's order is kept. At least once.
 * Sharp edge: `start` speaks only for the first deploy; after that the group goes on where it stood.
 */
import * as z from "zod";
import { topicName } from "../connections/kafka";
import { describeDistribution, distribution } from "../distribution";
import { connectionOr } from "../fields";
import { defineKind } from "../kind";
import { schemaField, shapeOfSource } from "../shape/schema-field";
import { bytesCodecField, gapField, groupField, riskOfGap, startField } from "./received-fields";

const config = z.strictObject({
  connection: connectionOr("kafka", "kafka"),
  topic: z
    .string()
    .regex(topicName.pattern, topicName.rule)
    .meta({ title: "Topic", placeholder: "orders", widget: "place", place: "topic" }),
  start: startField(),
  codec: bytesCodecField("the value's"),
  schema: schemaField,
  onGap: gapField("Retention removed messages unread"),
  groupId: groupField(),
  distribution,
});
export type KafkaSourceConfig = z.output<typeof config>;

export const kafkaSource = defineKind({
  kind: "kafka-source",
  version: 1,
  role: "source",
  category: "Sources",
  label: "Kafka topic",
  summary: "Consume as a group",
  icon: "share-2",
  help: `Consumes a topic as a member of a consumer group. Workers share the partitions; a new version takes over without leaving the group.

**Delivery**: at least once, in the order of each partition. A position is committed when all behind the source have written the message, or it is a dead letter.

**Sharp edge**: *Begin at* speaks only for the first deploy. After that the group goes on where it stood; *Deploy* lets you begin elsewhere. A group of your own that another application uses shares the partitions with it.

**Each worker gets all**: every worker has a group of its own, named after it, and works all partitions. Its positions hold for as long as the worker lives, also over a broken connection and a new version. A worker that starts is a new group and begins where *Begin at* says: at the newest it never sees what came before, at the oldest it works the whole topic again. Groups of workers that are gone stay until Kafka forgets them (\`offsets.retention.minutes\`).`,
  config,
  ports: () => ({ in: [], out: ["out"] }),
  shape: shapeOfSource,
  subtitle: ({ topic, start }) => `${topic || "topic: —"} · ${start ?? "earliest"}`,
  semantics: ({ connection, topic, onGap, start, distribution }) => ({
    transaction: connection,
    place: { connection, type: "topic", name: topic },
    ...riskOfGap(onGap, "retention removed"),
    source: {
      replies: "address",
      order: "partition",
      past: true,
      ...describeDistribution(distribution, start),
      durability:
        "Kafka keeps the messages as long as the topic's retention says; the position is committed to the group.",
    },
  }),
  example: {
    config: {
      connection: "kafka",
      topic: "orders",
      start: "earliest",
      codec: "json",
      onGap: "halt",
      distribution: "shared",
    },
    input: { key: "c-7", body: { id: "o-1", customer: "c-7", country: "DE", price: 12.5, quantity: 2 } },
  },
});
