/**
 * Sends each message over a broker with a correlation id and a reply address, and awaits the answer. At least once; the id stays the same.
 * Sharp edge: an answer that nobody awaits any more is dropped, and what was asked for may have been done all the same.
 */
import * as z from "zod";
import { fieldPathPattern, parsePath } from "../body-path";
import { callFields, readCallPolicy } from "../call-fields";
import { pulsarTopicName } from "../connections/pulsar-topic";
import { streamNamePattern, streamNameRule } from "../connections/stream-name";
import { headers, optionalExpression, optionalTemplate } from "../fields";
import { defineKind } from "../kind";
import type { ProblemDraft } from "../problems";
import { connectionKindsByCall } from "../saga/call-config";
import { setShape, unknownShape } from "../shape/shape";
import { answerVariables } from "./http-request";
import { queueNamePattern, queueNameRule } from "./queue-name";

/** How long the result of a job stays in its queue, for a request that is tried again. */
export const resultKeptMs = 3_600_000;
/** Where Kafka's answers are expected, unless a node says otherwise. */
export const defaultReplyTopic = "millrace.replies";

const over = (...is: string[]) => ({ when: { field: "call", is } });
const asMessage = over("kafka", "rabbitmq", "redis", "pulsar");

const config = z
  .strictObject({
    call: z
      .enum(["kafka", "rabbitmq", "redis", "pulsar", "queue"])
      .default("kafka")
      .meta({
        title: "Over",
        help: "A message whose answer comes to this worker's reply address; over BullMQ a job, whose result is the answer.",
        widget: "select",
        words: {
          kafka: "Kafka, on a topic",
          rabbitmq: "RabbitMQ, in a queue",
          redis: "Redis, on a stream",
          pulsar: "Pulsar, on a topic",
          queue: "BullMQ, as a job",
        },
      }),
    connection: z.string().optional().meta({
      title: "Connection",
      help: "A named broker or endpoint from the Connections page.",
      widget: "connection",
      connectionByCall: "kafka",
    }),
    topic: z
      .string()
      .optional()
      .meta({
        title: "Topic",
        help: "May have holes. It must exist.",
        placeholder: "prices.requests",
        needed: true,
        widget: "place",
        place: "topic",
        holes: true,
        ...over("kafka", "pulsar"),
      }),
    queue: z
      .string()
      .optional()
      .meta({
        title: "Queue",
        help: "May have holes. BullMQ makes a queue with its first job; in RabbitMQ it must be there.",
        placeholder: "price-requests",
        needed: true,
        widget: "place",
        place: "queue",
        holes: true,
        ...over("queue", "rabbitmq"),
      }),
    stream: z
      .string()
      .optional()
      .meta({
        title: "Stream",
        help: "May have holes. A stream is made with its first entry.",
        placeholder: "price-requests",
        needed: true,
        widget: "place",
        place: "stream",
        holes: true,
        ...over("redis"),
      }),
    key: optionalExpression({
      title: "Key",
      help: "Of the message. Empty: the one that it has.",
      placeholder: "body.id",
      expects: "any",
      ...asMessage,
    }),
    jobName: optionalTemplate({
      title: "Job name",
      help: "BullMQ workers may tell jobs apart by it.",
      placeholder: "price",
      ...over("queue"),
    }),
    body: optionalExpression({
      title: "Body",
      help: "Sent as JSON. Empty: the message's body.",
      placeholder: "{'id': body.id, 'quantity': body.quantity}",
      expects: "any",
    }),
    into: z
      .string()
      .regex(fieldPathPattern, "a field is a name or a path like price.answer")
      .or(z.literal(""))
      .optional()
      .meta({
        title: "Answer into",
        help: "Field of the body that takes the answer. Empty: the answer becomes the body.",
        placeholder: "answer",
        widget: "text",
      }),
    ok: optionalExpression({
      title: "Succeeded when",
      help: "Over `status`, `answer` and `headers`. Empty: a status from 200 to 299; an answer that has none counts as 200.",
      placeholder: "answer.accepted",
      variables: answerVariables,
      expects: "bool",
      advanced: true,
    }),
    headers: headers({ title: "Headers", help: "Over those that the message has.", advanced: true }),
    replyTopic: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,249}$/, "a topic's name has letters, digits, dots, underscores and hyphens")
      .default(defaultReplyTopic)
      .meta({
        title: "Reply topic",
        help: "Where answers are expected. Made, with one partition, when it is not there.",
        advanced: true,
        widget: "text",
        ...over("kafka", "pulsar"),
      }),
    headerNames: z
      .enum(["plain", "spring"])
      .default("plain")
      .meta({
        title: "Header names",
        help: "plain: `reply-to` and `correlation-id`. spring: `kafka_replyTopic` and `kafka_correlationId`, as Spring for Apache Kafka has them.",
        widget: "select",
        advanced: true,
        ...over("kafka"),
      }),
    oncePerKey: z
      .boolean()
      .default(false)
      .meta({
        title: "Works once per id",
        help: "The service remembers the correlation id and does its work once for each.",
        widget: "switch",
        advanced: true,
        ...asMessage,
      }),
    ...callFields,
  })
  .transform((request) => ({ ...request, connection: request.connection || connectionKindsByCall[request.call] }));
export type RequestConfig = z.output<typeof config>;

/** Field of the place that is asked, by broker, and its title. */
export const placeFields = {
  kafka: ["topic", "Topic"],
  queue: ["queue", "Queue"],
  rabbitmq: ["queue", "Queue"],
  redis: ["stream", "Stream"],
  pulsar: ["topic", "Topic"],
} as const;

const nameRules: Partial<Record<RequestConfig["call"], { readonly pattern: RegExp; readonly rule: string }>> = {
  queue: { pattern: queueNamePattern, rule: queueNameRule },
  redis: { pattern: streamNamePattern, rule: streamNameRule },
  pulsar: pulsarTopicName,
};

function checkPlace(request: RequestConfig): ProblemDraft[] {
  const [name, title] = placeFields[request.call];
  const value = request[name];
  if (!value) return [{ code: "config-field-missing", field: name, message: `${title} is empty.` }];
  // With holes the name is known only when it is sent.
  const names = nameRules[request.call];
  if (!names || value.includes("${") || names.pattern.test(value)) return [];
  const message = `\`${value}\` is not the name of a ${name}: ${names.rule}.`;
  return [{ code: "config-field-invalid", field: name, message }];
}

export const request = defineKind({
  kind: "request",
  version: 1,
  role: "step",
  category: "Call",
  label: "Request",
  summary: "Ask over a broker",
  icon: "message-circle-question-mark",
  help: `Sends each message over a broker and waits for the answer, which becomes the body, or goes into the field that *Answer into* names. The other side is any program that answers, or a flow with a *Respond*.

| Over | The request carries | The answer |
|---|---|---|
| Kafka | \`reply-to\` and \`correlation-id\` (or Spring's names) | comes on the reply topic with the same correlation id |
| RabbitMQ | the properties \`reply-to\` and \`correlation-id\` | comes in an exclusive queue of this worker |
| BullMQ | its correlation id as job id | is the job's result |
| Redis Streams | the headers \`reply-to\` and \`correlation-id\` | comes on a stream of this worker, which is trimmed as it is read, and expires |
| Pulsar | the properties \`reply-to\` and \`correlation-id\` | comes on the reply topic, with the same correlation id |

| Answer | What happens |
|---|---|
| without a status, 200 to 299, or what *Succeeded when* says | goes on by **out** |
| none in time | tried again, then the error port or the dead letters |
| status 429, 503; the broker is away | asked again until it is back; no attempt is spent |
| other 5xx; a job that failed | tried again, then the error port or the dead letters |
| other 4xx; larger than 1 MiB | the error port or the dead letters, at once |

A caller that waits, behind a webhook, gets 504 when its own time is over. With one attempt (*Retry*) and a wire from **error** to a *Respond* the flow itself says what it gets.

Each try of a request carries the same correlation id, in other workers too, and the same as \`idempotency-key\`. So a late answer to one try answers the next. What comes after that, and a second answer, is dropped and counted.

**Delivery**: at least once: a request that was not answered in time, or whose worker was killed, is sent again with its id. Over BullMQ it stays one job, and its result is kept for an hour.

**Sharp edge**: no answer in time does not say that nothing was done. The message stays where it was sent, and may be worked later.`,
  config,
  ports: () => ({ in: ["in"], out: ["out"] }),
  shape: ({ into }, input) => (into ? setShape(input, parsePath(into), unknownShape) : unknownShape),
  subtitle: (config) => {
    const [name] = placeFields[config.call ?? "kafka"];
    return config[name] || `${name}: —`;
  },
  check: checkPlace,
  calls: readCallPolicy,
  semantics: ({ call, concurrency, order, oncePerKey }) => ({
    repeat:
      call === "queue"
        ? { deduplicatedBy: "its correlation id, which is the job's", windowMs: resultKeptMs }
        : oncePerKey
          ? { deduplicatedBy: "its correlation id" }
          : "duplicates",
    order:
      order === "none" && concurrency > 1
        ? { lost: `up to ${concurrency} requests are on their way at once, and go on as they are answered` }
        : "keeps",
    ...(call === "queue"
      ? {}
      : { mend: "When the service remembers the correlation id, turn on *Works once per id*." }),
    durability: "The broker keeps the request; its answer is waited for in the worker's memory.",
  }),
  example: {
    config: {
      call: "kafka",
      connection: "kafka",
      topic: "prices.requests",
      body: "{'id': body.id, 'quantity': body.quantity}",
      into: "answer",
      headers: {},
      replyTopic: defaultReplyTopic,
      headerNames: "plain",
      oncePerKey: false,
      timeoutMs: 10_000,
      concurrency: 8,
      order: "key",
      perSecond: 0,
      breakAfter: 10,
      breakMs: 5_000,
    },
    input: { key: "c-7", body: { id: "o-1", quantity: 2 } },
  },
});
