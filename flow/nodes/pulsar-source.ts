/**
 * Consumes a Pulsar topic by a durable subscription, each partition a lane. At least once; which order is kept follows from the subscription's type.
 * Sharp edge: when the active consumer of a failover subscription changes, what the old one had in hand is delivered to the new one too.
 */
import * as z from "zod";
import { pulsarTopicName } from "../connections/pulsar-topic";
import { describeDistribution, distribution } from "../distribution";
import { connectionOr, wholeNumber } from "../fields";
import { defineKind } from "../kind";
import { schemaField, shapeOfSource } from "../shape/schema-field";
import { bytesCodecField, groupField, startField } from "./received-fields";

const sharing = ["shared", "key_shared"];

const config = z.strictObject({
  connection: connectionOr("pulsar", "pulsar"),
  topic: z.string().regex(pulsarTopicName.pattern, pulsarTopicName.rule).meta({
    title: "Topic",
    help: "In the connection's tenant and namespace, or with its own: acme/shop/orders.",
    placeholder: "orders",
    widget: "place",
    place: "topic",
  }),
  type: z
    .enum(["failover", "key_shared", "shared", "exclusive"])
    .default("failover")
    .meta({
      title: "Subscription",
      help: "Who gets what, and in which order.",
      widget: "select",
      words: {
        failover: "Failover: one worker a partition, in order",
        key_shared: "Key-shared: all workers, each key in order",
        shared: "Shared: all workers, in no order",
        exclusive: "Exclusive: one consumer alone",
      },
    }),
  start: startField(),
  codec: bytesCodecField("the payload's"),
  schema: schemaField,
  subscription: groupField(
    "Subscription name",
    "",
    z.string().regex(/^$|^[^\s/]{1,250}$/, "it has no spaces and no slashes"),
  ),
  prefetch: wholeNumber(
    { min: 1, max: 10_000, initial: 1_000 },
    {
      title: "Prefetch",
      help: "How many messages a worker may have waiting at the broker. Fewer are shared more evenly, and fewer come twice.",
      advanced: true,
    },
  ),
  maxRedeliver: wholeNumber(
    { min: 0, max: 1_000, initial: 0 },
    {
      title: "Deliveries before Pulsar's dead letters",
      help: "A message that was given out so often without being acknowledged, as it ends the worker, is moved away by Pulsar. 0: never.",
      advanced: true,
      when: { field: "type", is: sharing },
    },
  ),
  deadLetterTopic: z
    .string()
    .regex(/^$|^\S{1,500}$/, "it has no spaces")
    .optional()
    .meta({
      title: "Pulsar's dead letter topic",
      help: "Empty: the topic's name with the subscription's and -DLQ. It must exist where topics are not made by themselves.",
      placeholder: "persistent://public/default/orders-DLQ",
      advanced: true,
      when: { field: "type", is: sharing },
    }),
  distribution,
});
export type PulsarSourceConfig = z.output<typeof config>;

const orders = { failover: "partition", exclusive: "partition", key_shared: "key", shared: "none" } as const;

/** A worker that gets all is alone in its subscription: whatever it is called, its partitions are in order. */
export function typeOf({ type, distribution }: Pick<PulsarSourceConfig, "type" | "distribution">) {
  return distribution === "each" ? "failover" : type;
}

export const pulsarSource = defineKind({
  kind: "pulsar-source",
  version: 1,
  role: "source",
  category: "Sources",
  label: "Pulsar topic",
  summary: "Consume by a subscription",
  icon: "radio-tower",
  help: `Consumes a topic by a durable subscription. Its type says who gets what: *failover* gives each partition to one worker, in order, and to another when that one leaves; *key-shared* spreads keys over all workers and keeps the order of each; *shared* spreads messages, in no order; *exclusive* takes one consumer and refuses others.

**Delivery**: at least once. A message is acknowledged, by itself, when all behind the source have written it, or it is a dead letter. What was in hand when a connection breaks is delivered again, with its place, so that sinks which tell repeats apart do.

**Sharp edge**: when a worker joins or leaves a failover subscription, the partitions that move are delivered again from the first message that was not acknowledged, while the worker that had them ends what it has in hand. Key-shared needs producers that do not put several keys into one batch. At a value of \`null\` that a native client wrote, the WebSocket API stops: the lane fetches that message by the admin API and begins anew behind it, which takes about a second where such values are rare.

**Each worker gets all**: every worker has a subscription of its own, named after it, and reads all partitions in order. It is removed when the worker stops, and a worker that starts begins where *Begin at* says. That of a killed worker stays, and Pulsar keeps for it what comes, until the namespace's \`subscriptionExpirationTimeMinutes\` or somebody removes it.`,
  config,
  ports: () => ({ in: [], out: ["out"] }),
  shape: shapeOfSource,
  subtitle: ({ topic, type }) => `${topic || "topic: —"} · ${(type ?? "failover").replace("_", "-")}`,
  check: ({ type, maxRedeliver, deadLetterTopic }) =>
    sharing.includes(type) && maxRedeliver === 0 && deadLetterTopic
      ? [
          {
            code: "config-field-invalid",
            field: "maxRedeliver",
            message: "A dead letter topic of Pulsar's counts only with a number of deliveries above 0.",
          },
        ]
      : [],
  semantics: ({ connection, topic, type: chosen, start, maxRedeliver, distribution }) => {
    const type = typeOf({ type: chosen, distribution });
    return {
      place: { connection, type: "topic", name: topic },
      limits:
        "Pulsar's WebSocket API acknowledges each message by itself, none up to a position, and has no transactions: a flow from here is never exactly once.",
      ...(type === "shared"
        ? { mend: "A key-shared subscription keeps the order of each key, a failover one that of each partition." }
        : {}),
      ...(sharing.includes(type) && maxRedeliver > 0
        ? {
            risk: {
              text: `Pulsar moves what was given out more than ${maxRedeliver} times to its own dead letter topic, past this flow.`,
              mend: "Read that topic, or leave the number of deliveries at 0.",
            },
          }
        : {}),
      source: {
        order: orders[type],
        past: true,
        ...describeDistribution(distribution, start),
        replies: "address",
        durability: "Pulsar keeps each message until the subscription has acknowledged it.",
      },
    };
  },
  example: {
    config: {
      connection: "pulsar",
      topic: "orders",
      type: "failover",
      start: "earliest",
      codec: "json",
      prefetch: 1_000,
      maxRedeliver: 0,
      distribution: "shared",
    },
    input: { key: "c-7", body: { id: "o-1", customer: "c-7", country: "DE", price: 12.5, quantity: 2 } },
  },
});
