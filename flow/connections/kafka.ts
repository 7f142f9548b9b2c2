/**
 * A Kafka cluster. What it keeps is the cluster's: replication and `min.insync.replicas` of the topic decide what a broken broker costs.
 * Sharp edge: the address is the bootstrap list; the brokers answer with the addresses that they advertise, and those must be reachable too.
 */
import * as z from "zod";
import { defineConnectionKind } from "../connection-kind";

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
  mechanism: z
    .enum(["none", "plain", "scram-sha-256", "scram-sha-512"])
    .default("none")
    .meta({ title: "Sign-in", help: "The SASL mechanism that the cluster expects.", widget: "select" }),
  username: z
    .string()
    .optional()
    .meta({ title: "User name", when: { field: "mechanism", is: ["plain", "scram-sha-256", "scram-sha-512"] } }),
  clientId: z.string().optional().meta({
    title: "Client id",
    help: "How this worker is called in the brokers' logs and quotas.",
    placeholder: "millrace",
    advanced: true,
  }),
});
export type KafkaConfig = z.output<typeof config>;

export const kafka = defineConnectionKind({
  kind: "kafka",
  label: "Kafka",
  summary: "A Kafka cluster, 2.1 or newer",
  icon: "share-2",
  config,
  secrets: [{ name: "password", title: "Password", help: "For the sign-in of the user above." }],
  missing: ({ mechanism, username }, secretsSet) =>
    mechanism === "none"
      ? []
      : [
          ...(username ? [] : [`Sign-in by ${mechanism} needs a user name.`]),
          ...(secretsSet.includes("password") ? [] : [`Sign-in by ${mechanism} needs a password.`]),
        ],
  guarantees:
    "A written message is acknowledged by all in-sync replicas. It survives what the topic's replication and min.insync.replicas survive.",
});
