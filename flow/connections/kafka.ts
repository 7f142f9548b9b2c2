/**
 * A Kafka cluster. What it keeps is the cluster's: replication and `min.insync.replicas` of the topic decide what a broken broker costs.
 * Sharp edge: the address is the bootstrap list; the brokers answer with the addresses that they advertise, and those must be reachable too.
 */
import * as z from "zod";
import { defineConnectionKind } from "../connection-kind";
import { wholeNumber } from "../fields";
import { certificateAuthority } from "./certificate";
import { describeReadTopic, describeWrittenTopic, type TopicKeeping } from "./kafka-keeping";

const signsIn = ["plain", "scram-sha-256", "scram-sha-512"];

const config = z.strictObject({
  brokers: z
    .string()
    .regex(
      /^$|^\s*[^\s,:]+:\d{1,5}(\s*,\s*[^\s,:]+:\d{1,5})*\s*$/,
      "addresses look like host:9092, separated by commas",
    )
    .default("")
    .meta({
      title: "Brokers",
      help: "Addresses to begin with, separated by commas. Empty: the ones that the worker was started with (KAFKA_BROKERS).",
      placeholder: "kafka-1:9092, kafka-2:9092",
    }),
  tls: z
    .boolean()
    .default(false)
    .meta({ title: "TLS", help: "Encrypts the connection and checks the broker's certificate.", widget: "switch" }),
  certificate: certificateAuthority("With TLS", { field: "tls", is: [true] }),
  mechanism: z
    .enum(["none", "plain", "scram-sha-256", "scram-sha-512"])
    .default("none")
    .meta({ title: "Sign-in", help: "The SASL mechanism that the cluster expects.", widget: "select" }),
  username: z
    .string()
    .optional()
    .meta({ title: "User name", when: { field: "mechanism", is: signsIn } }),
  clientId: z.string().optional().meta({
    title: "Client id",
    help: "How this worker is called in the brokers' logs and quotas.",
    placeholder: "millrace",
    advanced: true,
  }),
});
export type KafkaConfig = z.output<typeof config>;

export const topicName = {
  pattern: /^[A-Za-z0-9._-]{1,249}$/,
  rule: "a topic's name has letters, digits, dots, hyphens and underscores",
};

/** What may be chosen when a topic is made. */
const newTopic = z.strictObject({
  partitions: wholeNumber(
    { min: 1, max: 1_000, initial: 4 },
    {
      title: "Partitions",
      help: "How many consumers can share the work. Can grow later, never shrink.",
      unit: "partitions",
    },
  ),
  replication: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .meta({ title: "Replicas", help: "Copies of each message. Empty: as the cluster is set.", widget: "number" }),
});
export type NewTopic = z.output<typeof newTopic>;

export const kafka = defineConnectionKind({
  kind: "kafka",
  label: "Kafka",
  summary: "A Kafka cluster, 2.1 or newer",
  icon: "share-2",
  config,
  address: { field: "brokers", whenEmpty: "The brokers that the worker was started with" },
  secrets: [
    {
      name: "password",
      title: "Password",
      help: "For the sign-in of the user above.",
      when: { field: "mechanism", is: signsIn },
    },
  ],
  missing: ({ mechanism, username }, secretsSet) =>
    mechanism === "none"
      ? []
      : [
          ...(username ? [] : [`Sign-in by ${mechanism} needs a user name.`]),
          ...(secretsSet.includes("password") ? [] : [`Sign-in by ${mechanism} needs a password.`]),
        ],
  guarantees:
    "A written message is acknowledged by all in-sync replicas. It survives what the topic's replication and min.insync.replicas survive.",
  places: [
    {
      type: "topic",
      title: "Topic",
      plural: "Topics",
      placeholder: "orders.dead",
      name: topicName,
      mustExist: true,
      origin: "Topics are made here, by a deploy, or by other applications of this Kafka.",
      create: newTopic,
      messages: { title: "Messages kept", word: "kept" },
    },
  ],
  deadLettersTo: "topic",
  groups: "consumer groups",
  keepingToldBy: ["places"],
  describeRest(role, { place }: { readonly place?: TopicKeeping }) {
    if (!place) return undefined;
    return role === "source" ? describeReadTopic(place) : describeWrittenTopic(place);
  },
});
