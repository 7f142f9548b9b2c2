/**
 * Publishes each message to a RabbitMQ queue or exchange, confirmed by the broker. At least once.
 * Sharp edge: an exchange keeps nothing; a message that no queue takes is rejected, unless the node says that it may be dropped.
 */
import * as z from "zod";
import { exchangeTypes, queueName } from "../connections/rabbitmq-names";
import { optionalDuration } from "../duration";
import { connectionOr, headers, optionalExpression, optionalTemplate } from "../fields";
import { defineKind } from "../kind";
import { queueFields } from "./rabbitmq-fields";
import { messageIdField, sentCodecField } from "./sent-fields";

const toQueue = { field: "to", is: ["queue"] };
const toExchange = { field: "to", is: ["exchange"] };

const config = z.strictObject({
  connection: connectionOr("rabbitmq", "rabbitmq"),
  to: z.enum(["queue", "exchange"]).default("queue").meta({
    title: "Publish to",
    help: "A queue by its name, or an exchange, which routes to the queues that are bound to it.",
    widget: "select",
  }),
  queue: z
    .string()
    .optional()
    .meta({
      title: "Queue",
      help: "May have holes: `orders.${body.country}`.",
      placeholder: "orders",
      widget: "place",
      place: "queue",
      madeWhen: { field: "declare", is: [true] },
      holes: true,
      needed: true,
      when: toQueue,
    }),
  exchange: z
    .string()
    .optional()
    .meta({
      title: "Exchange",
      help: "May have holes.",
      placeholder: "shop.events",
      widget: "place",
      place: "exchange",
      madeWhen: { field: "exchangeType", is: [...exchangeTypes] },
      holes: true,
      needed: true,
      when: toExchange,
    }),
  routingKey: optionalTemplate({
    title: "Routing key",
    help: "May have holes: `orders.${body.country}.created`. Empty: the message's key.",
    placeholder: "orders.${body.country}.created",
    when: toExchange,
  }),
  exchangeType: z
    .enum(["as-it-is", ...exchangeTypes])
    .default("as-it-is")
    .meta({
      title: "Exchange type",
      help: "As it is: the exchange must be there. Else it is declared, durable; one that is there with another type is left as it is, and the node says so.",
      widget: "select",
      advanced: true,
      when: toExchange,
    }),
  declare: z.boolean().default(false).meta({
    title: "Declare",
    help: "Makes the queue where it is missing. One that is there with other settings is left as it is, and the node says what differs. Off: the queue must be there.",
    widget: "switch",
    when: toQueue,
  }),
  ...queueFields("declare"),
  key: optionalExpression({
    title: "Key",
    help: "Goes along as the header `millrace-key`. Empty: the key that the message has.",
    placeholder: "body.id",
    expects: "any",
    advanced: true,
  }),
  headers: headers({
    title: "Headers",
    help: "Added to those that the message has. `correlation-id`, `reply-to`, `message-id`, `content-type` and `type` become AMQP's properties.",
    advanced: true,
  }),
  priority: optionalExpression({
    title: "Priority",
    help: "A whole number from 0 to 255; larger goes first, in queues that tell priorities apart.",
    placeholder: "body.urgent ? 9 : 0",
    expects: "number",
    advanced: true,
  }),
  expiration: optionalDuration("30d", {
    title: "Lives for",
    help: "Like 30s, 15m or 1d: a message that waits longer is removed, or goes to the queue's dead-letter exchange.",
    placeholder: "1d",
    advanced: true,
  }),
  mandatory: z.boolean().default(true).meta({
    title: "Must be routed",
    help: "A message that no queue takes is rejected. Off: RabbitMQ drops it without a word.",
    widget: "switch",
    advanced: true,
  }),
  persistent: z.boolean().default(true).meta({
    title: "Persistent",
    help: "Written to disk, so that it survives a restart of the broker. Off: a classic queue forgets it then.",
    widget: "switch",
    advanced: true,
  }),
  messageId: messageIdField("property `message-id`"),
  codec: sentCodecField(),
});
export type RabbitSinkConfig = z.output<typeof config>;

export const rabbitSink = defineKind({
  kind: "rabbitmq-sink",
  version: 1,
  role: "sink",
  category: "Sinks",
  label: "RabbitMQ",
  summary: "Publish to a queue or exchange",
  icon: "rabbit",
  help: `Publishes each message; the broker confirms it when every queue that it was routed to has it. Headers go along, those that are properties of AMQP as such; a body of \`null\` is an empty one with the header \`millrace-null\`.

**Delivery**: at least once, in order. After a crash the messages that were on their way are written again. When RabbitMQ is short of memory or disk it takes no messages: the flow waits, and the node says why.

**Sharp edge**: an exchange keeps nothing. A message that no queue takes is rejected: to the error port, or to the dead letters. With an exchange of the type \`x-consistent-hash\` the routing key decides the queue: an empty *Routing key* spreads by the message's key, each key in order.`,
  config,
  ports: () => ({ in: ["in"], out: [] }),
  subtitle: ({ to, queue, exchange, routingKey }) =>
    to === "exchange" ? `${exchange || "exchange: —"}${routingKey ? ` · ${routingKey}` : ""}` : queue || "queue: —",
  check: ({ to, queue, declare }) => {
    if (to !== "queue" || !queue) return [];
    const problem = (message: string) => [{ code: "config-field-invalid" as const, field: "queue", message }];
    if (!queue.includes("${")) {
      if (queueName.pattern.test(queue)) return [];
      return problem(`\`${queue}\` is not the name of a queue: ${queueName.rule}.`);
    }
    if (!declare) return [];
    return problem(
      "A queue whose name has holes is not declared: it is known per message only. Switch *Declare* off, or give one name.",
    );
  },
  semantics: ({ connection, to, queue, exchange, priority, expiration, persistent, mandatory, messageId }) => ({
    place: { connection, type: to, ...named(to === "queue" ? queue : exchange) },
    // Also with an id: RabbitMQ does not look at it, so the second one stands in the queue.
    repeat: "duplicates",
    order: priority ? { lost: "a priority changes the order in which a queue hands over" } : "keeps",
    mend: `${messageId ? "Readers" : "With *Message id* readers"} that look at \`message-id\` take each message once.`,
    durability: persistent
      ? "Confirmed when every queue that it was routed to has it on its disk."
      : "Confirmed when every queue that it was routed to has it; a classic queue keeps it in memory only.",
    ...(persistent && mandatory && !expiration ? {} : { risk: riskOf({ persistent, mandatory, expiration }) }),
  }),
  example: {
    config: {
      connection: "rabbitmq",
      to: "exchange",
      exchange: "shop.events",
      routingKey: "orders.${body.country}.created",
      headers: { "correlation-id": "${body.id}" },
      exchangeType: "as-it-is",
      declare: false,
      queueType: "quorum",
      singleActiveConsumer: false,
      mandatory: true,
      persistent: true,
      messageId: false,
      codec: "as-it-came",
    },
    input: { key: "c-7", body: { id: "o-1", country: "DE", total: 25 } },
  },
});

/** With holes it is known per message only. */
function named(name: string | undefined): { readonly name?: string } {
  return !name || name.includes("${") ? {} : { name };
}

function riskOf({
  persistent,
  mandatory,
  expiration,
}: Pick<RabbitSinkConfig, "persistent" | "mandatory" | "expiration">) {
  if (!persistent) {
    return {
      text: "Messages are not persistent: when RabbitMQ restarts, those in classic queues are gone.",
      mend: "Switch *Persistent* on.",
    };
  }
  if (!mandatory) {
    return {
      text: "A message that no queue takes is dropped without a word.",
      mend: "Switch *Must be routed* on.",
    };
  }
  return {
    text: `A message that waits longer than ${expiration} is removed, or goes to the queue's dead-letter exchange.`,
    mend: "Leave *Lives for* empty.",
  };
}
