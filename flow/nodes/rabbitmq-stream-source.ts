/**
 * Reads a RabbitMQ stream by offset: one worker at a time, in the order of the stream. At least once.
 * Sharp edge: the broker keeps no reader's place; how far the node came rests in a small stream beside it.
 */
import * as z from "zod";
import { queueName } from "../connections/rabbitmq-names";
import { describeDistribution, distribution } from "../distribution";
import { optionalDuration } from "../duration";
import { connectionOr, wholeNumber } from "../fields";
import { defineKind } from "../kind";
import { schemaField, shapeOfSource } from "../shape/schema-field";
import { bindingFields } from "./rabbitmq-fields";
import { bytesCodecField, gapField, groupField, riskOfGap } from "./received-fields";

const declared = { field: "declare", is: [true] };

const config = z.strictObject({
  connection: connectionOr("rabbitmq", "rabbitmq"),
  stream: z
    .string()
    .regex(queueName.pattern, queueName.rule)
    .meta({
      title: "Stream",
      placeholder: "orders.log",
      widget: "place",
      place: "queue",
      placeOptions: { type: "stream" },
      madeWhen: declared,
    }),
  start: z
    .enum(["earliest", "latest", "offset"])
    .default("earliest")
    .meta({
      title: "Begin at",
      help: "Where the first deploy begins: at the oldest message kept, with those to come, or at an offset.",
      widget: "select",
      words: { earliest: "earliest", latest: "latest", offset: "an offset" },
    }),
  offset: wholeNumber(
    { min: 0, max: Number.MAX_SAFE_INTEGER, initial: 0 },
    {
      title: "Offset",
      help: "Of the first message to read. Where retention has removed it: the oldest that is kept.",
      when: { field: "start", is: ["offset"] },
    },
  ),
  declare: z.boolean().default(false).meta({
    title: "Declare",
    help: "Makes the stream, and binds it, where it is missing. One with other settings is left as it is, and the node says what differs.",
    widget: "switch",
  }),
  ...bindingFields("declare"),
  maxAge: optionalDuration("3650d", {
    title: "Keep for",
    help: "Like 12h or 7d: what is older is removed, read or not.",
    placeholder: "7d",
    advanced: true,
    when: declared,
  }),
  maxBytes: z.int().min(1_000_000).max(Number.MAX_SAFE_INTEGER).optional().meta({
    title: "Keep bytes",
    help: "Beyond it the oldest are removed, read or not, in segments of 500 MB.",
    widget: "number",
    advanced: true,
    when: declared,
  }),
  prefetch: wholeNumber(
    { min: 1, max: 5_000, initial: 1_000 },
    {
      title: "Prefetch",
      help: "With so many messages in hand the worker asks for no more. They come in chunks, the last one whole.",
      advanced: true,
    },
  ),
  codec: bytesCodecField("a message's"),
  schema: schemaField,
  onGap: gapField("Removed unread, or the stream was made anew"),
  groupId: groupField(
    "Reader's name",
    "Its place in the stream is kept under it. ",
    z
      .string()
      .regex(
        /^$|^(?!amq\.)\S{1,100}$/,
        "it has no spaces, does not begin with amq. and is not longer than 100 characters",
      ),
  ),
  distribution,
});
export type RabbitStreamSourceConfig = z.output<typeof config>;

export const rabbitStreamSource = defineKind({
  kind: "rabbitmq-stream-source",
  version: 1,
  role: "source",
  category: "Sources",
  label: "RabbitMQ stream",
  summary: "Read a log by offset",
  icon: "rabbit",
  help: `Reads a stream, RabbitMQ's log that keeps what was read; positions are its offsets. One worker at a time reads, and another takes over when that is gone.

**Delivery**: at least once, in the order of the stream. Over AMQP RabbitMQ keeps no reader's place: the node keeps it in a small stream, \`<reader's name>.offset.<stream>\`, whose newest message says up to where all is safe: \`{"settled":41}\`. The user needs the rights for it and for \`<reader's name>.owner.<stream>\`, which tells who reads. The first stays after the flow: remove it by hand.

**Sharp edge**: retention also removes what was not read, and a stream may be made anew under its name. The node sees both, as it looks for the message that it settled last; it stops and says what is gone. *Begin at* speaks for the first deploy only, or when nobody reads and the stream with the place was deleted.

**Each worker gets all**: a worker's place lasts as long as the worker; a new one begins where *Begin at* says.`,
  config,
  ports: () => ({ in: [], out: ["out"] }),
  shape: shapeOfSource,
  subtitle: ({ stream, start, offset }) =>
    `${stream || "stream: —"} · ${start === "offset" ? `from ${offset}` : (start ?? "earliest")}`,
  semantics: ({ connection, stream, start, onGap, distribution }) => ({
    place: { connection, type: "queue", name: stream },
    ...riskOfGap(onGap, "retention removed"),
    source: {
      replies: "address",
      order: "lane",
      past: true,
      ...describeDistribution(distribution, start === "latest" ? "latest" : "earliest"),
      durability: "The stream and its replicas keep messages as long as its retention says.",
    },
  }),
  example: {
    config: {
      connection: "rabbitmq",
      stream: "orders.log",
      start: "earliest",
      offset: 0,
      declare: true,
      exchange: "shop.events",
      exchangeType: "as-it-is",
      bindingKeys: "orders.#",
      bindingHeaders: {},
      maxAge: "7d",
      prefetch: 1_000,
      codec: "json",
      onGap: "halt",
      distribution: "shared",
    },
    input: { key: "c-7", headers: { "message-id": "o-1" }, body: { id: "o-1", country: "DE", quantity: 2 } },
  },
});
