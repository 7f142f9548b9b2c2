/**
 * Reads a RabbitMQ stream by offset: one worker at a time, in the order of the stream. At least once.
 * Sharp edge: the broker keeps no reader's place; how far the node came rests in a queue beside the stream.
 */
import * as z from "zod";
import { queueName } from "../connections/rabbitmq-names";
import { describeDistribution, distribution } from "../distribution";
import { optionalDuration } from "../duration";
import { connectionOr, wholeNumber } from "../fields";
import { defineKind } from "../kind";
import { schemaField, shapeOfSource } from "../shape/schema-field";
import { bindingFields } from "./rabbitmq-fields";

const declared = { field: "declare", is: [true] };

const config = z.strictObject({
  connection: connectionOr("rabbitmq", "rabbitmq"),
  stream: z
    .string()
    .regex(queueName.pattern, queueName.rule)
    .meta({ title: "Stream", placeholder: "orders.log", widget: "place", place: "queue", madeWhen: declared }),
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
    help: "Makes the stream, and binds it, where it is missing. One that is there with other settings is left as it is, and the node says what differs. Off: the stream must be there.",
    widget: "switch",
  }),
  ...bindingFields("declare"),
  maxAge: optionalDuration("3650d", {
    title: "Keep for",
    help: "Like 12h or 7d: what is older is removed, read or not. Empty: for ever.",
    placeholder: "7d",
    advanced: true,
    when: declared,
  }),
  maxBytes: z.int().min(1_000_000).max(Number.MAX_SAFE_INTEGER).optional().meta({
    title: "Keep bytes",
    help: "The oldest is removed beyond it, read or not, in segments of up to 500 MB. Empty: all.",
    widget: "number",
    advanced: true,
    when: declared,
  }),
  prefetch: wholeNumber(
    { min: 1, max: 5_000, initial: 1_000 },
    {
      title: "Prefetch",
      help: "From so many messages in hand on the worker asks for no more. They come in the broker's chunks, the last one whole.",
      advanced: true,
    },
  ),
  codec: z.enum(["json", "text", "bytes"]).default("json").meta({
    title: "Format",
    help: "How a message's bytes become a body. What does not fit goes to the dead letters with its bytes.",
    widget: "select",
  }),
  schema: schemaField,
  onGap: z.enum(["halt", "earliest", "latest"]).default("halt").meta({
    title: "When messages are gone",
    help: "Retention removed them unread, or the stream was made anew: wait for a person, go on with the oldest, or with the newest.",
    widget: "select",
    advanced: true,
  }),
  groupId: z
    .string()
    .regex(
      /^$|^(?!amq\.)\S{1,100}$/,
      "a name has no spaces, does not begin with amq. and is not longer than 100 characters",
    )
    .optional()
    .meta({
      title: "Reader's name",
      help: "Its place in the stream is kept under it. Empty: one that belongs to this node, fixed at the first deploy.",
      placeholder: "millrace.default.flow.node",
      advanced: true,
    }),
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
  help: `Reads a stream, RabbitMQ's log that keeps what was read. Positions are the stream's offsets. One worker at a time reads it, in order; when that one is gone, another takes over within some seconds.

**Delivery**: at least once, in the order of the stream. RabbitMQ keeps no reader's place over AMQP: the node keeps its own in a quorum queue beside the stream, \`<reader's name>.offset.<stream>\`, whose one message says up to where all is safe, as \`{"settled":41}\`. It is written whenever messages became safe, one writing at a time. The user needs the rights to make that queue, and \`<reader's name>.owner.<stream>\`, which tells workers who reads.

**Sharp edge**: retention removes messages also when they were not read, and a stream may be deleted and made anew. The node sees both: it compares the message at its place with the one that it settled. It stops then and says what is gone; *When messages are gone* lets it go on. Whoever deletes the queue with its place while no worker reads lets it begin anew, where *Begin at* says; else that speaks only for the first deploy. Stays after the flow is deleted: remove the queue by hand.

**Each worker gets all**: every worker reads all, from where *Begin at* says. Its place holds for as long as the worker lives, also over a broken connection; a worker that starts is a new one.`,
  config,
  ports: () => ({ in: [], out: ["out"] }),
  shape: shapeOfSource,
  subtitle: ({ stream, start, offset }) =>
    `${stream || "stream: —"} · ${start === "offset" ? `from ${offset}` : (start ?? "earliest")}`,
  semantics: ({ connection, stream, start, onGap, distribution }) => ({
    place: { connection, type: "queue", name: stream },
    ...(onGap === "halt"
      ? {}
      : {
          risk: {
            text: "Messages that retention removed before they were read are passed over.",
            mend: "Let it wait for a person when messages are gone.",
          },
        }),
    source: {
      replies: "address",
      order: "lane",
      past: true,
      ...describeDistribution(distribution, start === "latest" ? "latest" : "earliest"),
      durability: "The stream keeps its messages as long as its retention says, read or not; so do its replicas.",
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
