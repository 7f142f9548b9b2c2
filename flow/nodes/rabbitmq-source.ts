/**
 * Consumes a RabbitMQ queue: a delivery is acknowledged when its message is safe. At least once, in the order in which the broker hands over.
 * Sharp edge: several workers share a queue, and each has its part in order only; a single active consumer keeps the order of the whole.
 */
import * as z from "zod";
import { queueName } from "../connections/rabbitmq-names";
import { describeDistribution, distribution } from "../distribution";
import { connectionOr, wholeNumber } from "../fields";
import { defineKind } from "../kind";
import { schemaField, shapeOfSource } from "../shape/schema-field";
import { bindingFields, queueFields } from "./rabbitmq-fields";
import { receivedCodecField } from "./received-fields";

const declared = { field: "declare", is: [true] };

const config = z.strictObject({
  connection: connectionOr("rabbitmq", "rabbitmq"),
  queue: z
    .string()
    .regex(queueName.pattern, queueName.rule)
    .meta({ title: "Queue", placeholder: "orders", widget: "place", place: "queue", madeWhen: declared }),
  prefetch: wholeNumber(
    { min: 1, max: 5_000, initial: 200 },
    {
      title: "Prefetch",
      help: "Messages that each worker has in hand at most. Fewer spread slow work more evenly over workers; more are faster.",
    },
  ),
  declare: z.boolean().default(false).meta({
    title: "Declare",
    help: "Makes the queue, and binds it, where it is missing. One that is there with other settings is left as it is, and the node says what differs. Off: the queue must be there.",
    widget: "switch",
  }),
  ...bindingFields("declare"),
  ...queueFields("declare"),
  codec: receivedCodecField("How a message's bytes become a body.", true),
  schema: schemaField,
  distribution,
});
export type RabbitSourceConfig = z.output<typeof config>;

export const rabbitSource = defineKind({
  kind: "rabbitmq-source",
  version: 1,
  role: "source",
  category: "Sources",
  label: "RabbitMQ queue",
  summary: "Consume a queue",
  icon: "rabbit",
  help: `Consumes a queue, classic or quorum. A message is acknowledged when everything behind the source has written it, or it is kept in the dead letters. Properties such as \`correlation-id\` come as headers.

**Delivery**: at least once. What a worker has in hand when it, or its connection, is lost is delivered again to whoever consumes the queue.

A stream is read by *RabbitMQ stream*.

**Sharp edge**: several workers share the queue, and each has its part in order only. With *Single active consumer* one worker at a time has all of it, in order. A message that is delivered again comes under another position: what tells repeats apart must look at its content, as \`headers['message-id']\`.

**Each worker gets all**: every worker declares a classic queue of its own, \`<queue>@<worker>\`, and binds it to the exchange as the node says. It gets what is published from then on, in order; RabbitMQ removes it ten minutes after its worker is gone.`,
  config,
  ports: () => ({ in: [], out: ["out"] }),
  shape: shapeOfSource,
  subtitle: ({ queue, prefetch }) => `${queue || "queue: —"} · ${prefetch ?? 200} in hand`,
  check: ({ distribution, declare, exchange }) =>
    distribution === "shared" || (declare && exchange)
      ? []
      : [
          {
            code: "distribution-unsupported",
            field: "distribution",
            message:
              "A queue gives each message to one worker: that each gets all takes a queue for each, bound to an exchange. Switch *Declare* on and name the exchange, or let workers share the messages.",
            fix: { do: "set-field", field: "distribution", value: "shared", label: "Share the messages" },
          },
        ],
  semantics: ({ connection, queue, exchange, declare, singleActiveConsumer, distribution }) => ({
    place:
      distribution === "each" && exchange
        ? { connection, type: "exchange", name: exchange }
        : { connection, type: "queue", name: queue },
    ...(distribution === "each" || (declare && singleActiveConsumer)
      ? {}
      : { mend: "A queue with a single active consumer keeps the order of all its messages." }),
    source: {
      replies: "address",
      order: distribution === "each" || (declare && singleActiveConsumer) ? "lane" : "none",
      ...describeDistribution(distribution, "latest"),
      durability: "A message stays in the queue until it is acknowledged; in a quorum queue also when a node is lost.",
      resends: "A message that is delivered again, after a worker or a connection was lost, comes under a new position",
    },
  }),
  example: {
    config: {
      connection: "rabbitmq",
      queue: "orders",
      prefetch: 200,
      declare: true,
      queueType: "quorum",
      singleActiveConsumer: false,
      exchange: "shop.events",
      exchangeType: "as-it-is",
      bindingKeys: "orders.*.created",
      bindingHeaders: {},
      codec: "json",
      distribution: "shared",
    },
    input: { key: "c-7", headers: { "message-id": "o-1" }, body: { id: "o-1", country: "DE", quantity: 2 } },
  },
});
