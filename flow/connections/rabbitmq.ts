/**
 * One virtual host of a RabbitMQ (AMQP 0-9-1). What its queues keep is decided by their type: a quorum queue is written by a majority of nodes.
 * Sharp edge: AMQP has no call that lists queues; names are listed where the management API answers, and typed where it does not.
 */
import * as z from "zod";
import { defineConnectionKind } from "../connection-kind";
import { certificateAuthority } from "./certificate";
import { exchangeName, exchangeTypes, queueName, queueTypes } from "./rabbitmq-names";

const config = z.strictObject({
  url: z
    .string()
    .regex(/^$|^amqps?:\/\/[^\s]+$/, "an address looks like amqp://user@host:5672/vhost")
    .refine(
      (url) => !/^amqps?:\/\/[^@/]*:[^@/]+@/.test(url),
      "leave the password out of the address: it has its own field",
    )
    .default("")
    .meta({
      title: "Address",
      help: "User, host and virtual host, without the password; `amqps://` for TLS. Without a user: guest. Empty: what the worker was started with (RABBITMQ_URL).",
      placeholder: "amqp://user@localhost:5672/vhost",
    }),
  certificate: certificateAuthority("With `amqps://`"),
  management: z
    .string()
    .regex(/^$|^https?:\/\/[^\s@]+$/, "an address looks like http://host:15672, without a user")
    .default("")
    .meta({
      title: "Management API",
      help: "Where the management plugin answers; it lists queues and exchanges. Empty: port 15672 of the same host; with `amqps://` port 15671, by TLS.",
      placeholder: "http://localhost:15672",
      advanced: true,
    }),
});
export type RabbitConfig = z.output<typeof config>;

/** What may be chosen when a queue is made; other settings are given by a node that declares it, or by a policy of the broker. */
const newQueue = z.strictObject({
  type: z.enum(queueTypes).default("quorum").meta({
    title: "Type",
    help: "A quorum queue is kept by a majority of the cluster's nodes, a classic one by one node. A stream is a log that keeps what was read.",
    widget: "select",
  }),
});
const newExchange = z.strictObject({
  type: z.enum(exchangeTypes).default("topic").meta({
    title: "Type",
    help: "How it routes: by the whole routing key, by patterns of it, to all queues, or by headers. x-consistent-hash needs a plugin.",
    widget: "select",
  }),
});

export const rabbitmq = defineConnectionKind({
  kind: "rabbitmq",
  label: "RabbitMQ",
  summary: "Queues, streams and exchanges, AMQP 0-9-1",
  icon: "rabbit",
  config,
  address: { field: "url", whenEmpty: "The RabbitMQ that the worker was started with" },
  secrets: [{ name: "password", title: "Password", help: "Of the user in the address; `guest` when none is given." }],
  missing: () => [],
  guarantees:
    "A written message is confirmed by the broker when every queue that it was routed to has it. Persistent messages in durable queues survive a restart; in quorum queues also the loss of a node.",
  places: [
    {
      type: "queue",
      title: "Queue",
      plural: "Queues",
      placeholder: "orders.dead",
      name: queueName,
      mustExist: true,
      origin:
        "Queues are made here, by nodes that declare them, or by other applications. They are listed where the management API answers; else their names must be typed.",
      create: newQueue,
      messages: { title: "Messages", word: "waiting" },
    },
    {
      type: "exchange",
      title: "Exchange",
      plural: "Exchanges",
      placeholder: "shop.events",
      name: exchangeName,
      mustExist: true,
      origin:
        "Exchanges are made here, by nodes that declare them, or by other applications. They are listed where the management API answers; else their names must be typed.",
      create: newExchange,
    },
  ],
  deadLettersTo: "queue",
  groups: "places of stream readers (streams named after them)",
});
