/**
 * Writes each message into a Pulsar topic, in order within a partition, and waits for the broker's receipt. At least once.
 * Sharp edge: batching puts several keys into one entry, which key-shared subscriptions cannot take apart.
 */
import * as z from "zod";
import { pulsarTopicName } from "../connections/pulsar-topic";
import { connectionOr, headers, optionalExpression, wholeNumber } from "../fields";
import { defineKind } from "../kind";
import { messageIdHeader } from "./message-id";
import { messageIdField, sentCodecField } from "./sent-fields";

const config = z.strictObject({
  connection: connectionOr("pulsar", "pulsar"),
  topic: z.string().min(1).meta({
    title: "Topic",
    help: "May have holes: `orders.${body.country}`. In the connection's tenant and namespace, or with its own: acme/shop/orders.",
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
  headers: headers({ title: "Properties", help: "Added to those that the message has.", advanced: true }),
  messageId: messageIdField(`property \`${messageIdHeader}\``),
  codec: sentCodecField(),
  batching: z.boolean().default(false).meta({
    title: "Batching",
    help: "Many messages become one entry of the topic, which costs the brokers less. Not where a subscription is key-shared.",
    widget: "switch",
    advanced: true,
  }),
  compression: z.enum(["none", "lz4", "zlib", "zstd", "snappy"]).default("none").meta({
    title: "Compression",
    help: "Of what the topic keeps.",
    widget: "select",
    advanced: true,
  }),
  delayMs: wholeNumber(
    { min: 0, max: 31_536_000_000, initial: 0 },
    {
      title: "Delay",
      help: "Shared subscriptions deliver it so much later; others at once.",
      unit: "ms",
      advanced: true,
    },
  ),
});
export type PulsarSinkConfig = z.output<typeof config>;

export const pulsarSink = defineKind({
  kind: "pulsar-sink",
  version: 1,
  role: "sink",
  category: "Sinks",
  label: "Pulsar topic",
  summary: "Write to a topic",
  icon: "satellite-dish",
  help: `Writes each message into a topic; it counts when the broker says that it is stored. The same key goes to the same partition as with Pulsar's own clients; messages without a key are spread. Headers become properties, a body of \`null\` an empty payload with the property \`millrace-body\`.

**Delivery**: at least once, in order within a partition. After a crash, or when a connection breaks, the messages that were on their way are written again, in their order; with *Message id* readers can tell, as what is written twice has the same \`${messageIdHeader}\`.

**Sharp edge**: through the WebSocket API a broker takes about 750 kB at once, until its \`webSocketMaxTextFrameSize\` is raised (a third more than the largest message). A larger message goes to the error port or the dead letters.`,
  config,
  ports: () => ({ in: ["in"], out: [] }),
  subtitle: ({ topic, key }) => `${topic || "topic: —"}${key ? ` · key ${key}` : ""}`,
  // With holes the name is known only per message; the transport looks at it then.
  check: ({ topic }) =>
    topic.includes("${") || pulsarTopicName.pattern.test(topic)
      ? []
      : [
          {
            code: "config-field-invalid",
            field: "topic",
            message: `\`${topic}\` is not the name of a topic: ${pulsarTopicName.rule}.`,
          },
        ],
  semantics: ({ connection, topic, key, messageId, delayMs }) => ({
    // Also with an id: Pulsar does not look at it, so the second one stands in the topic.
    repeat: "duplicates",
    order:
      delayMs > 0
        ? { lost: "a delay changes the order in which shared subscriptions get them" }
        : { by: key?.trim() || "key" },
    place: { connection, type: "topic", ...(topic.includes("${") ? {} : { name: topic }) },
    mend: `${messageId ? "Readers" : "With *Message id* readers"} that look at \`${messageIdHeader}\` take each message once.`,
    limits: "Pulsar's WebSocket API has no transactions: what is written here stands, whatever becomes of the rest.",
    durability: "Stored by the namespace's quorum of bookies before it counts as written.",
  }),
  example: {
    config: {
      connection: "pulsar",
      topic: "orders.de",
      key: "body.id",
      headers: {},
      messageId: false,
      codec: "as-it-came",
      batching: false,
      compression: "none",
      delayMs: 0,
    },
    input: { key: "c-7", body: { id: "o-1", total: 25 } },
  },
});
