import * as z from "zod";
import { breakerFields, paceFields, readCallLimits } from "../call-fields";
import { duration } from "../duration";
import { headers, optionalExpression, optionalTemplate, wholeNumber } from "../fields";
import type { CallLimits } from "../kind";
import { queueNamePattern, queueNameRule } from "../nodes/queue-name";
import type { ProblemDraft } from "../problems";

export type CallBy = "http" | "topic" | "queue";

/** Names that `final` may use. */
export const failureVariables = ["status", "answer", "code"];
/** Names that `ok` may use. */
export const answerVariables = ["status", "answer", "headers"];

/** Kind of the connection that each way of calling needs; a call that names none uses the connection that is named as its kind. */
export const connectionKindsByCall = {
  http: "http",
  topic: "kafka",
  kafka: "kafka",
  queue: "queue",
  redis: "redis",
  rabbitmq: "rabbitmq",
  pulsar: "pulsar",
} as const;
export type CallName = keyof typeof connectionKindsByCall;

const by = (...is: CallBy[]) => ({ when: { field: "call", is } });

/** Something that a saga has done elsewhere: an HTTP request, a message whose answer comes back, a job with its result. */
export const callGroup = (attempts: number) =>
  z
    .strictObject({
      call: z
        .enum(["http", "topic", "queue"])
        .default("http")
        .meta({
          title: "By",
          help: "http: a request. topic: a message, whose answer comes in by `reply`. queue: a BullMQ job, whose result is the answer.",
          widget: "select",
          words: { http: "HTTP request", topic: "Message on a topic", queue: "Job in a queue" },
        }),
      connection: z.string().optional().meta({
        title: "Connection",
        help: "A named broker or endpoint from the Connections page.",
        widget: "connection",
        connectionByCall: "http",
      }),
      method: z
        .enum(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .default("POST")
        .meta({ title: "Method", widget: "method", ...by("http") }),
      url: optionalTemplate({
        title: "Address",
        help: "A path behind the connection's base address, or a whole address. May have holes.",
        placeholder: "/reservations/${body.id}",
        needed: true,
        ...by("http"),
      }),
      topic: z
        .string()
        .optional()
        .meta({
          title: "Topic",
          help: "May have holes. It must exist.",
          placeholder: "stock.commands",
          needed: true,
          widget: "place",
          place: "topic",
          holes: true,
          ...by("topic"),
        }),
      key: optionalExpression({
        title: "Key",
        help: "Of the message. Empty: the saga's key.",
        placeholder: "body.id",
        expects: "any",
        ...by("topic"),
      }),
      queue: z
        .string()
        .optional()
        .meta({
          title: "Queue",
          help: "May have holes. A queue is made with its first job.",
          placeholder: "stock-commands",
          needed: true,
          widget: "place",
          place: "queue",
          holes: true,
          ...by("queue"),
        }),
      jobName: optionalTemplate({
        title: "Job name",
        help: "BullMQ workers may tell jobs apart by it.",
        placeholder: "reserve",
        ...by("queue"),
      }),
      body: optionalExpression({
        title: "Body",
        help: "What is sent, as JSON. Empty: the saga's data; GET and DELETE send none.",
        placeholder: "{'order': body.id, 'items': body.items}",
        expects: "any",
      }),
      timeoutMs: wholeNumber(
        { min: 1, max: 86_400_000, initial: 10_000 },
        { title: "Answer within", help: "Later it may have taken effect all the same.", unit: "ms" },
      ),
      attempts: wholeNumber(
        { min: 1, max: 1_000, initial: attempts },
        { title: "Attempts", help: "Each carries the same idempotency key." },
      ),
      headers: headers({ title: "Headers", help: "Secrets belong into the connection.", advanced: true }),
      replyTo: optionalTemplate({
        title: "Answer to",
        help: "Topic where the answer is expected, sent as header `reply-to`.",
        placeholder: "stock.answers",
        advanced: true,
        ...by("topic"),
      }),
      ok: optionalExpression({
        title: "Succeeded when",
        help: "Over `status`, `answer` and `headers`. Empty: a status from 200 to 299.",
        placeholder: "status == 200 && answer.accepted",
        variables: answerVariables,
        expects: "bool",
        advanced: true,
        ...by("http"),
      }),
      final: optionalExpression({
        title: "Failed for good when",
        help: "Over `status`, `answer` and the cause's `code`. Empty: a status from 400 to 499 other than 408, 425 and 429, and what an answer says itself.",
        placeholder: "status == 422 || answer.reason == 'sold-out'",
        variables: failureVariables,
        expects: "bool",
        advanced: true,
      }),
      backoff: z.enum(["exponential", "fixed"]).default("exponential").meta({
        title: "Waits",
        help: "Exponential: each is twice as long as the one before.",
        widget: "select",
        advanced: true,
      }),
      delayMs: wholeNumber(
        { min: 0, max: 3_600_000, initial: 200 },
        { title: "First wait", unit: "ms", advanced: true },
      ),
      maxDelayMs: wholeNumber(
        { min: 0, max: 86_400_000, initial: 30_000 },
        { title: "Longest wait", unit: "ms", advanced: true },
      ),
      holdFor: duration("30d", "15m", {
        title: "Hold while away",
        help: "429, 503, a refused connection, a broker that is away and an open circuit spend no attempt for this long; after it they do.",
        placeholder: "15m",
        advanced: true,
      }),
      ...paceFields,
      breakAfter: breakerFields.breakAfter.meta({
        ...breakerFields.breakAfter.meta(),
        help: "So many sagas in a row failed here: all hold, and one call after a while tells whether the service is back. 0: never.",
        ...by("http"),
      }),
      breakMs: breakerFields.breakMs.meta({ ...breakerFields.breakMs.meta(), ...by("http") }),
    })
    .transform((call) => ({ ...call, connection: call.connection || connectionKindsByCall[call.call] }));

export type CallConfig = z.output<ReturnType<typeof callGroup>>;

const needed = { http: ["url", "Address"], topic: ["topic", "Topic"], queue: ["queue", "Queue"] } as const;

/** What is wrong with a call beyond its single fields; `path` leads to it. */
export function checkCall(call: CallConfig, path: string): ProblemDraft[] {
  const [name, title] = needed[call.call];
  const value = call[name];
  if (!value)
    return [{ code: "config-field-missing", field: `${path}.${name}`, message: `${title} of the ${path} is empty.` }];
  // With holes the name is known only when it is sent.
  if (name === "queue" && !value.includes("${") && !queueNamePattern.test(value)) {
    const message = `\`${value}\` is not the name of a queue: ${queueNameRule}.`;
    return [{ code: "config-field-invalid", field: `${path}.queue`, message }];
  }
  return [];
}

/** How the calls of a step are held in check, in each worker; only a service that is asked directly has a circuit. */
export function readLimits({ call, perSecond, breakAfter, breakMs }: CallConfig): CallLimits {
  return readCallLimits({ perSecond, breakAfter: call === "http" ? breakAfter : 0, breakMs });
}

/** `POST /reservations`, `stock.commands`: a call in a word. */
export function wordCall(call: Partial<CallConfig> | undefined): string {
  const { call: by = "http", method = "POST", url, topic, queue } = call ?? {};
  if (by === "http") return `${method} ${url || "—"}`;
  return by === "topic" ? `topic ${topic || "—"}` : `queue ${queue || "—"}`;
}
