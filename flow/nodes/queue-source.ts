/**
 * Works a BullMQ queue: each job's data becomes a message, and the job is done when the message is safe. At least once.
 * Sharp edge: jobs are worked side by side, so their order is not kept unless one worker works one at a time.
 */
import * as z from "zod";
import { distribution, refuseEach } from "../distribution";
import { connectionOr, wholeNumber } from "../fields";
import { defineKind } from "../kind";
import { schemaField, shapeOfSource } from "../shape/schema-field";
import { queueNamePattern, queueNameRule } from "./queue-name";
import { receivedCodecField } from "./received-fields";

const config = z.strictObject({
  connection: connectionOr("queue", "queue"),
  queue: z
    .string()
    .regex(queueNamePattern, queueNameRule)
    .meta({ title: "Queue", placeholder: "warehouse", widget: "place", place: "queue" }),
  concurrency: wholeNumber(
    { min: 1, max: 1000, initial: 20 },
    { title: "At once", help: "How many jobs each worker has in hand." },
  ),
  codec: receivedCodecField(
    'How a job\'s data becomes a body: the JSON itself, a text, or the bytes in `{"base64": …}`.',
    true,
  ),
  schema: schemaField,
  distribution,
});
export type QueueSourceConfig = z.output<typeof config>;

export const queueSource = defineKind({
  kind: "queue-source",
  version: 1,
  role: "source",
  category: "Sources",
  label: "BullMQ queue",
  summary: "Work jobs",
  icon: "list-start",
  help: `Works the jobs of a queue. A job's data becomes the body; it is marked as completed when everything behind the source has written the message, or it is kept in the dead letters. Jobs may come from any BullMQ application.

**Delivery**: at least once. When a worker is killed, its jobs go to another one after BullMQ's lock has run out (20 s).

**Sharp edge**: no order is promised: jobs are worked side by side and by several workers. Redis keeps what its persistence keeps.`,
  config,
  ports: () => ({ in: [], out: ["out"] }),
  shape: shapeOfSource,
  subtitle: ({ queue, concurrency }) => `${queue || "queue: —"} · ${concurrency ?? 20} at once`,
  check: ({ distribution }) =>
    refuseEach(
      distribution,
      "A BullMQ job is worked once, by one worker: a queue cannot give it to each. Read a Kafka topic, or let workers share the jobs.",
    ),
  semantics: ({ connection, queue }) => ({
    place: { connection, type: "queue", name: queue },
    mend: "Jobs are worked side by side, by several workers; a Kafka topic keeps the order of each key.",
    source: {
      replies: "waiting",
      order: "none",
      delivery: "at-least-once",
      durability: "A job stays in the queue until it is done; Redis keeps what its persistence keeps.",
    },
  }),
  example: {
    config: { connection: "queue", queue: "warehouse", concurrency: 20, distribution: "shared", codec: "json" },
    input: { body: { id: "o-1", quantity: 2 } },
  },
});
