/**
 * BullMQ queues in one Redis (or, to try things out, in Postgres). A job is kept until it is done; Redis keeps what its persistence keeps.
 * Sharp edge: a Redis without an append-only file, or with `appendfsync everysec`, loses its last jobs when it is killed.
 */
import * as z from "zod";
import { defineConnectionKind } from "../connection-kind";
import { queueNamePattern, queueNameRule } from "../nodes/queue-name";
import { certificateAuthority } from "./certificate";
import { describeHeldByQueues, describeJobs, type QueueKeeping } from "./queue-keeping";

const config = z.strictObject({
  url: z
    .string()
    .regex(/^$|^rediss?:\/\/[^\s]+$/, "an address looks like redis://host:6379/0")
    .refine(
      (url) => !/^rediss?:\/\/[^@/]*:[^@/]+@/.test(url),
      "leave the password out of the address: it has its own field",
    )
    .default("")
    .meta({
      title: "Address",
      help: "Redis without its password; `rediss://` for TLS. Empty: what the worker was started with (REDIS_URL, or else queues in Postgres).",
      placeholder: "redis://localhost:6379/0",
    }),
  prefix: z
    .string()
    .regex(/^[^\s:{}]+$/, "a prefix has no colons, braces or spaces")
    .default("bull")
    .meta({
      title: "Prefix",
      help: "Of BullMQ's keys. Applications that share the queues must use the same one.",
      placeholder: "bull",
      advanced: true,
    }),
  certificate: certificateAuthority("With `rediss://`"),
});
export type QueueConfig = z.output<typeof config>;

export const queue = defineConnectionKind({
  kind: "queue",
  label: "BullMQ",
  summary: "Job queues in Redis",
  icon: "layers",
  config,
  address: { field: "url", whenEmpty: "The Redis that the worker was started with" },
  secrets: [{ name: "password", title: "Password", help: "Of the Redis server, when it asks for one." }],
  missing: () => [],
  guarantees:
    "A job stays until it is done, also when a worker is killed. Redis keeps what its persistence keeps: only with `appendfsync always` is nothing lost when Redis itself is killed.",
  places: [
    {
      type: "queue",
      title: "Queue",
      plural: "Queues",
      placeholder: "orders-dead",
      name: { pattern: queueNamePattern, rule: queueNameRule },
      origin: "A queue exists as soon as it holds its first job. Deploy a flow that writes to one.",
      unmade: "New: the queue is made with its first job.",
      messages: { title: "Jobs", word: "waiting" },
      states: [
        ["wait", "Waiting"],
        ["waiting", "Waiting"],
        ["prioritized", "Prioritized"],
        ["delayed", "Delayed"],
        ["active", "Active"],
        ["completed", "Completed"],
        ["failed", "Failed"],
        ["paused", "Paused"],
      ],
    },
  ],
  deadLettersTo: "queue",
  keepingToldBy: ["server"],
  describeRest: (_role, { server }: { readonly server?: QueueKeeping }) => server && describeJobs(server),
  describeHeld: (name, server) => describeHeldByQueues(name, server as QueueKeeping),
});
