/**
 * Adds each message as a job to a BullMQ queue. At least once; with a job id a second adding is ignored while the first job is there.
 * Sharp edge: a priority or a delay changes the order in which jobs are worked.
 */
import * as z from "zod";
import { optionalDuration, parseDuration } from "../duration";
import { connectionOr, optionalExpression, optionalTemplate, wholeNumber } from "../fields";
import { defineKind } from "../kind";
import { queueNamePattern, queueNameRule } from "./queue-name";

const config = z.strictObject({
  connection: connectionOr("queue", "queue"),
  queue: z.string().min(1).meta({
    title: "Queue",
    help: "May have holes: `orders-${body.country}`. A queue is made with its first job.",
    placeholder: "orders-other",
    widget: "place",
    place: "queue",
    holes: true,
  }),
  jobName: optionalTemplate({
    title: "Job name",
    help: "BullMQ workers may tell jobs apart by it.",
    placeholder: "message",
  }),
  jobId: optionalExpression({
    title: "Job id",
    help: "At most one job with this id is in the queue at a time. Not only digits, no colon.",
    placeholder: "'order-' + body.id",
    expects: "string",
  }),
  deduplicateFor: optionalDuration("90d", {
    title: "Take once for",
    help: "Like 15m, 12h or 7d: for so long a second job with the same id is ignored.",
    placeholder: "1d",
    advanced: true,
  }),
  deduplicateBy: optionalExpression({
    title: "Take once by",
    help: "The id. Empty: made of the place that the message came from.",
    placeholder: "body.id",
    expects: "any",
    advanced: true,
  }),
  delayMs: wholeNumber(
    { min: 0, max: 31_536_000_000, initial: 0 },
    { title: "Delay", help: "How long the job waits before it may be worked.", unit: "ms", advanced: true },
  ),
  priority: wholeNumber(
    { min: 0, max: 2_097_152, initial: 0 },
    { title: "Priority", help: "1 goes first, larger numbers later; 0 is none and goes before all.", advanced: true },
  ),
  attempts: wholeNumber(
    { min: 1, max: 1000, initial: 1 },
    {
      title: "Attempts",
      help: "How often a BullMQ worker may try the job. Flows that work the queue follow their own retry settings.",
      advanced: true,
    },
  ),
});
export type QueueSinkConfig = z.output<typeof config>;

export const queueSink = defineKind({
  kind: "queue-sink",
  version: 1,
  role: "sink",
  category: "Sinks",
  label: "BullMQ queue",
  summary: "Add a job",
  icon: "list-end",
  help: `Adds each message as a job. The body is the job's data, so a plain BullMQ worker can work it.

**Delivery**: at least once. With *Take once for* BullMQ takes each message once within that time; removing its job by hand ends it early. A job id keeps a second job away only while the first is in the queue.

**Sharp edge**: BullMQ takes no ids that are only digits, and none with a colon: write \`'order-' + body.id\`. Redis keeps what its persistence keeps.`,
  config,
  ports: () => ({ in: ["in"], out: [] }),
  subtitle: ({ queue, jobId }) => `${queue || "queue: —"}${jobId ? ` · id ${jobId}` : ""}`,
  // With holes the name is known only per message; the behaviour looks at it then.
  check: ({ queue }) =>
    queue.includes("${") || queueNamePattern.test(queue)
      ? []
      : [
          {
            code: "config-field-invalid",
            field: "queue",
            message: `\`${queue}\` is not the name of a queue: ${queueNameRule}.`,
          },
        ],
  semantics: ({ connection, queue, deduplicateFor, deduplicateBy, delayMs, priority }) => ({
    place: { connection, type: "queue", ...(queue.includes("${") ? {} : { name: queue }) },
    // Also with a job id: BullMQ forgets it with the job, and a job that was worked quickly may be gone when it is added again.
    repeat: deduplicateFor
      ? {
          windowMs: parseDuration(deduplicateFor),
          ...(deduplicateBy
            ? { deduplicatedBy: `\`${deduplicateBy}\``, byContent: true }
            : { deduplicatedBy: "the message's place" }),
        }
      : "duplicates",
    order: delayMs || priority ? { lost: "a delay or a priority changes the order in which jobs are worked" } : "keeps",
    ...(deduplicateFor ? {} : { mend: "With *Take once for* the queue takes each message once within that time." }),
    durability: "The job is in Redis, which keeps what its persistence keeps.",
  }),
  example: {
    config: { connection: "queue", queue: "orders-other", jobId: "body.id", delayMs: 0, priority: 0, attempts: 1 },
    input: { key: "c-7", body: { id: "o-1", country: "US" } },
  },
});
