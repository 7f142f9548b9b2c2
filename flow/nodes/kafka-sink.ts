/**
 * Writes each message into a Kafka topic, acknowledged by all in-sync replicas, in order within a partition. At least once.
 * Sharp edge: the key decides the partition, as with Java's default partitioner; another key is another order.
 */
import * as z from "zod";
import { connectionOr, headers, optionalExpression } from "../fields";
import { defineKind } from "../kind";
import { messageIdHeader } from "./message-id";
import { messageIdField, sentCodecField } from "./sent-fields";

const config = z.strictObject({
  connection: connectionOr("kafka", "kafka"),
  topic: z.string().min(1).meta({
    title: "Topic",
    help: "May have holes: `orders.${body.country}`. They must exist.",
    placeholder: "orders.de",
    widget: "place",
    place: "topic",
    holes: true,
  }),
  key: optionalExpression({
    title: "Key",
    help: "Messages of one key keep their order. Empty: the key that the message has.",
    placeholder: "body.id",
    expects: "any",
  }),
  headers: headers({ title: "Headers", help: "Added to those that the message has.", advanced: true }),
  messageId: messageIdField(`header \`${messageIdHeader}\``),
  codec: sentCodecField(),
  compression: z.enum(["none", "gzip", "snappy", "lz4", "zstd"]).default("none").meta({
    title: "Compression",
    help: "Of what goes to the topic. lz4 and snappy cost little time, zstd and gzip make it smaller.",
    widget: "select",
    advanced: true,
  }),
});
export type KafkaSinkConfig = z.output<typeof config>;

export const kafkaSink = defineKind({
  kind: "kafka-sink",
  version: 1,
  role: "sink",
  category: "Sinks",
  label: "Kafka topic",
  summary: "Write to a topic",
  icon: "arrow-right-to-line",
  help: `Writes each message into a topic; all in-sync replicas acknowledge it. The same key goes to the same partition as with Java's default partitioner; messages without a key are spread. Headers go along, a body of \`null\` is written as a tombstone.

**Delivery**: at least once, in order within a partition. After a crash the messages that were on their way are written again; with *Message id* readers can tell, as what is written twice has the same \`${messageIdHeader}\`.

**Sharp edge**: a new key is a new order. Messages that came in order by customer and leave with \`body.id\` as key are in order by id.`,
  config,
  ports: () => ({ in: ["in"], out: [] }),
  subtitle: ({ topic, key }) => `${topic || "topic: —"}${key ? ` · key ${key}` : ""}`,
  semantics: ({ connection, topic, key, messageId }) => ({
    // Also with an id: Kafka does not look at it, so the second one stands in the topic.
    repeat: "duplicates",
    order: { by: key?.trim() || "key" },
    transaction: connection,
    place: { connection, type: "topic", ...(topic.includes("${") ? {} : { name: topic }) },
    mend: `${messageId ? "Readers" : "With *Message id* readers"} that look at \`${messageIdHeader}\` take each message once.`,
    durability: "Acknowledged by all in-sync replicas of the partition.",
  }),
  example: {
    config: {
      connection: "kafka",
      topic: "orders.de",
      key: "body.id",
      headers: {},
      messageId: false,
      codec: "as-it-came",
      compression: "none",
    },
    input: { key: "c-7", body: { id: "o-1", total: 25 } },
  },
});
