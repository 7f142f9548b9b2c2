/**
 * Adds each message to a Redis stream, or to the partition of its key. At least once, in order within a stream.
 * Sharp edge: a stream grows until somebody trims it; trimmed by length or age it loses what its readers have not read by then.
 */
import * as z from "zod";
import { streamNamePattern, streamNameRule } from "../connections/stream-name";
import { optionalDuration, parseDuration } from "../duration";
import { connectionOr, headers, optionalExpression, wholeNumber } from "../fields";
import { defineKind } from "../kind";
import { messageIdHeader } from "./message-id";
import { messageIdField, sentCodecField } from "./sent-fields";

const config = z.strictObject({
  connection: connectionOr("redis", "redis"),
  stream: z.string().min(1).meta({
    title: "Stream",
    help: "May have holes: `orders-${body.country}`. A stream is made with its first entry.",
    placeholder: "orders",
    widget: "place",
    place: "stream",
    holes: true,
  }),
  partitions: wholeNumber(
    { min: 1, max: 256, initial: 1 },
    {
      title: "Partitions",
      help: "More than 1: a message goes to `orders.0`, `orders.1`, … by its key, as with Java's default partitioner for Kafka.",
    },
  ),
  key: optionalExpression({
    title: "Key",
    help: "Written beside the value; with partitions, messages of one key keep their order. Empty: the key that the message has.",
    placeholder: "body.id",
    expects: "any",
  }),
  headers: headers({ title: "Headers", help: "Added to those that the message has.", advanced: true }),
  messageId: messageIdField(`header \`${messageIdHeader}\``),
  trim: z.enum(["never", "length", "age"]).default("never").meta({
    title: "Trim",
    help: "What adding removes from the beginning of the stream, read or not.",
    widget: "select",
  }),
  maxLength: wholeNumber(
    { min: 1, max: 1_000_000_000, initial: 100_000 },
    {
      title: "Entries kept",
      help: "About so many, of each partition: Redis removes whole blocks (MAXLEN ~).",
      when: { field: "trim", is: ["length"] },
    },
  ),
  maxAge: optionalDuration("365d", {
    title: "Kept for",
    help: "Like 12h or 7d: older entries are removed, in whole blocks (MINID ~).",
    placeholder: "7d",
    needed: true,
    when: { field: "trim", is: ["age"] },
  }),
  layout: z.enum(["message", "fields"]).default("message").meta({
    title: "Layout",
    help: "Message: fields `key`, `value` and `header:…`. Fields: the members of the body become the fields, for readers that expect those; key and headers are not written.",
    widget: "select",
    advanced: true,
  }),
  codec: sentCodecField({ field: "layout", is: ["message"] }),
});
export type RedisStreamSinkConfig = z.output<typeof config>;

export const redisStreamSink = defineKind({
  kind: "redis-stream-sink",
  version: 1,
  role: "sink",
  category: "Sinks",
  label: "Redis stream",
  summary: "Add an entry",
  icon: "waves-arrow-down",
  help: `Adds each message to a stream, as fields that every Redis client reads: \`key\`, \`value\`, and \`header:<name>\` for each header. With partitions the same key goes to the same stream.

**Delivery**: at least once, in order within a stream. After a crash the messages that were on their way are added again; with *Message id* readers can tell, as what is added twice has the same \`${messageIdHeader}\`.

**Sharp edge**: a stream that nobody trims grows until Redis is full; then the sink waits and says so. Trimming removes entries whether they were read or not. Redis keeps what its persistence keeps.`,
  config,
  ports: () => ({ in: ["in"], out: [] }),
  subtitle: ({ stream, partitions }) =>
    `${stream || "stream: —"}${partitions > 1 ? ` · ${partitions} partitions` : ""}`,
  // With holes the name is known only per message; the behaviour looks at it then.
  check: ({ stream, trim, maxAge }) => [
    ...(stream.includes("${") || streamNamePattern.test(stream)
      ? []
      : [
          {
            code: "config-field-invalid" as const,
            field: "stream",
            message: `\`${stream}\` is not the name of a stream: ${streamNameRule}.`,
          },
        ]),
    ...(trim === "age" && !maxAge
      ? [{ code: "config-field-missing" as const, field: "maxAge", message: "Say how long entries are kept, like 7d." }]
      : []),
  ],
  semantics: ({ connection, stream, partitions, key, messageId, trim, maxLength, maxAge }) => ({
    place: { connection, type: "stream", ...(stream.includes("${") ? {} : { name: stream }) },
    // Also with an id: Redis does not look at it, so the second one stands in the stream.
    repeat: "duplicates",
    order: partitions > 1 ? { by: key?.trim() || "key" } : "keeps",
    ...(trim === "never"
      ? {}
      : {
          risk: {
            text: `Entries are removed ${trim === "length" ? `beyond about ${maxLength}` : `after ${maxAge ?? "a while"}`}, also those that were not read.`,
            mend: "Keep them longer than their readers may stand still.",
          },
        }),
    mend: `${messageId ? "Readers" : "With *Message id* readers"} that look at \`${messageIdHeader}\` take each message once.`,
    durability: "The entry is in Redis, which keeps what its persistence keeps.",
  }),
  example: {
    config: {
      connection: "redis",
      stream: "orders.de",
      partitions: 1,
      key: "body.id",
      headers: {},
      messageId: false,
      trim: "never",
      maxLength: 100_000,
      layout: "message",
      codec: "as-it-came",
    },
    input: { key: "c-7", body: { id: "o-1", total: 25 } },
  },
});

/** What each adding trims, by the config. */
export function trimOf({ trim, maxLength, maxAge }: RedisStreamSinkConfig) {
  if (trim === "length") return { maxLength };
  return trim === "age" && maxAge ? { maxAgeMs: parseDuration(maxAge) } : undefined;
}
