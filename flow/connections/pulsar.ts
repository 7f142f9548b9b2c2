/**
 * A Pulsar cluster, by its WebSocket API and its admin API. What it keeps is the cluster's: the quorum of its namespace decides what a broken
 * disk costs, retention and time to live what is there to be read.
 * Sharp edge: the WebSocket API must be switched on (`webSocketServiceEnabled=true`), and takes 1 MB at once unless it is told otherwise.
 */
import * as z from "zod";
import { defineConnectionKind } from "../connection-kind";
import { wholeNumber } from "../fields";
import { describeReadTopic, describeWrittenTopic, type PulsarKeeping } from "./pulsar-keeping";
import { pulsarTopicName } from "./pulsar-topic";

const namePattern = /^[\w.=:-]{1,250}$/;
const nameRule = "it has letters, digits, dots, hyphens and underscores";

const config = z.strictObject({
  url: z
    .string()
    .regex(/^$|^wss?:\/\/[^\s/@]+\/?$/, "an address looks like ws://host:8080, without user and path")
    .default("")
    .meta({
      title: "Address",
      help: "Of the WebSocket API; `wss://` for TLS. Empty: the Pulsar that the worker was started with (PULSAR_URL).",
      placeholder: "ws://localhost:8080",
    }),
  adminUrl: z
    .string()
    .regex(/^$|^https?:\/\/[^\s/@]+\/?$/, "an address looks like http://host:8080, without user and path")
    .default("")
    .meta({
      title: "Admin address",
      help: "Of the admin API. Empty: host and port of the address above, which a broker serves both on.",
      placeholder: "http://localhost:8080",
      advanced: true,
    }),
  tenant: z.string().regex(namePattern, nameRule).default("public").meta({
    title: "Tenant",
    help: "Of topics that are named without one.",
    placeholder: "public",
  }),
  namespace: z.string().regex(namePattern, nameRule).default("default").meta({
    title: "Namespace",
    help: "Of topics that are named without one.",
    placeholder: "default",
  }),
});
export type PulsarConfig = z.output<typeof config>;

/** What may be chosen when a topic is made. */
const newTopic = z.strictObject({
  partitions: wholeNumber(
    { min: 0, max: 1_000, initial: 4 },
    {
      title: "Partitions",
      help: "Each has its own order. Can grow later, never shrink. 0: a topic without partitions.",
    },
  ),
});
export type NewPulsarTopic = z.output<typeof newTopic>;

export const pulsar = defineConnectionKind({
  kind: "pulsar",
  label: "Pulsar",
  summary: "An Apache Pulsar cluster",
  icon: "radio-tower",
  config,
  address: { field: "url", whenEmpty: "The Pulsar that the worker was started with" },
  secrets: [
    { name: "token", title: "Token", help: "Of a role that may consume and produce, where the cluster asks for one." },
  ],
  places: [
    {
      type: "topic",
      title: "Topic",
      plural: "Topics",
      placeholder: "orders",
      name: pulsarTopicName,
      mustExist: true,
      origin: "Topics are made here, by a deploy, or by other applications of this Pulsar.",
      create: newTopic,
      messages: { title: "Messages kept", word: "kept" },
    },
  ],
  deadLettersTo: "topic",
  groups: "subscriptions",
  keepingToldBy: ["places"],
  describeRest(role, { place }: { readonly place?: PulsarKeeping }) {
    if (!place) return undefined;
    return role === "source" ? describeReadTopic(place) : describeWrittenTopic(place);
  },
  missing: () => [],
  guarantees:
    "A written message is acknowledged once the namespace's quorum of bookies has it on disk. It stays until every subscription has acknowledged it.",
});
