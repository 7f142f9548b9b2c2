/**
 * A Redis (or Valkey) server, a cluster, or a primary found by sentinels, for its streams. Redis keeps what its persistence keeps.
 * Sharp edge: a Redis without an append-only file, or with `appendfsync everysec`, loses its last entries when it is killed.
 */
import * as z from "zod";
import { defineConnectionKind } from "../connection-kind";
import { certificateAuthority } from "./certificate";
import { describeInRedis, type RedisKeeping } from "./redis-keeping";
import { streamNamePattern, streamNameRule } from "./stream-name";

const oneHost = "[^\\s,/@]+";
const addresses = new RegExp(`^$|^rediss?://([^\\s,/@]+@)?${oneHost}(\\s*,\\s*${oneHost})*(/\\d+)?$`);

const config = z.strictObject({
  mode: z.enum(["single", "cluster", "sentinel"]).default("single").meta({
    title: "Kind of server",
    help: "One server, a cluster, or a primary that sentinels watch over. Replicas are copied to after the answer: what they did not have yet is lost with the primary.",
    widget: "select",
  }),
  url: z
    .string()
    .refine(
      (url) => !/^rediss?:\/\/[^@/]*:[^@/]+@/.test(url),
      "leave the password out of the address: it has its own field",
    )
    .refine((url) => addresses.test(url), "an address looks like redis://host:6379/0; several are separated by commas")
    .default("")
    .meta({
      title: "Address",
      help: "Without the password; `rediss://` for TLS. Of a cluster or of sentinels: several, separated by commas. Empty: the server that the worker was started with (REDIS_URL).",
      placeholder: "redis://localhost:6379/0",
    }),
  primary: z
    .string()
    .min(1)
    .default("mymaster")
    .meta({
      title: "Name of the primary",
      help: "As the sentinels call it.",
      when: { field: "mode", is: ["sentinel"] },
    }),
  certificate: certificateAuthority("With `rediss://`"),
});
export type RedisConfig = z.output<typeof config>;

export const redis = defineConnectionKind({
  kind: "redis",
  label: "Redis Streams",
  summary: "Streams in Redis 7 or newer",
  icon: "waves",
  config,
  address: { field: "url", whenEmpty: "The Redis that the worker was started with" },
  secrets: [
    { name: "password", title: "Password", help: "Of the Redis server, when it asks for one." },
    {
      name: "sentinelPassword",
      title: "Password of the sentinels",
      help: "When they ask for one of their own.",
      when: { field: "mode", is: ["sentinel"] },
    },
  ],
  missing: ({ mode, url }) =>
    mode !== "single" && url === ""
      ? [`${mode === "cluster" ? "A cluster" : "A server behind sentinels"} needs an address.`]
      : [],
  guarantees:
    "An entry stays in the stream until it is trimmed. Redis keeps what its persistence keeps: only with `appendfsync always` is nothing lost when Redis itself is killed.",
  places: [
    {
      type: "stream",
      title: "Stream",
      plural: "Streams",
      placeholder: "orders.dead",
      name: { pattern: streamNamePattern, rule: streamNameRule },
      origin:
        "A stream exists as soon as it has its first entry, or a flow reads it. Deploy a flow that writes to one.",
      unmade: "New: the stream is made with its first entry.",
      messages: { title: "Entries kept", word: "kept" },
    },
  ],
  deadLettersTo: "stream",
  groups: "consumer groups",
  keepingToldBy: ["server"],
  describeRest: (_role, { server }: { readonly server?: RedisKeeping }) =>
    server && describeInRedis(server, "entry", "entries"),
});
