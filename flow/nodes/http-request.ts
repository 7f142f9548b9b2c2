/**
 * Asks an HTTP service for each message, and may put its answer into the body. At least once; each request has an `Idempotency-Key`.
 * Sharp edge: a service that answers too late may have done its work, and is asked again.
 */
import * as z from "zod";
import { fieldPathPattern, parsePath } from "../body-path";
import { callFields, readCallPolicy } from "../call-fields";
import { connectionOr, headers, optionalExpression, optionalTemplate, template } from "../fields";
import { defineKind } from "../kind";
import { setShape, unknownShape } from "../shape/shape";

/** Names that `ok` may use. */
export const answerVariables = ["status", "answer", "headers"];

const config = z.strictObject({
  connection: connectionOr("http", "http", {
    help: "Gives base address, sign-in and headers.",
  }),
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).default("POST").meta({ title: "Method", widget: "method" }),
  url: template({
    title: "Address",
    help: "A path behind the connection's base address, or a whole address. May have holes.",
    placeholder: "/orders/${body.id}",
  }),
  body: optionalExpression({
    title: "Body",
    help: "Sent as JSON. Empty: the message's body; GET and DELETE send none.",
    placeholder: "{'id': body.id, 'quantity': body.quantity}",
    expects: "any",
  }),
  into: z
    .string()
    .regex(fieldPathPattern, "a field is a name or a path like warehouse.answer")
    .or(z.literal(""))
    .optional()
    .meta({
      title: "Answer into",
      help: "Field of the body that takes the answer. Empty: none does.",
      placeholder: "answer",
      widget: "text",
    }),
  ok: optionalExpression({
    title: "Succeeded when",
    help: "Over `status`, `answer` and `headers`. Empty: a status from 200 to 299.",
    placeholder: "status == 200 && answer.accepted",
    variables: answerVariables,
    expects: "bool",
    advanced: true,
  }),
  headers: headers({ title: "Headers", help: "Secrets belong into the connection.", advanced: true }),
  idempotencyKey: optionalTemplate({
    title: "Idempotency key",
    help: "Sent as `Idempotency-Key`. Empty: made of the message's place and of what is sent.",
    placeholder: "order-${body.id}",
    advanced: true,
  }),
  oncePerKey: z.boolean().default(false).meta({
    title: "Works once per key",
    help: "The service remembers `Idempotency-Key` and does its work once for each.",
    widget: "switch",
    advanced: true,
  }),
  ...callFields,
});
export type HttpRequestConfig = z.output<typeof config>;

export const httpRequest = defineKind({
  kind: "http-request",
  version: 1,
  role: "step",
  category: "Call",
  label: "HTTP request",
  summary: "Ask a service",
  icon: "globe",
  help: `Sends a request for each message. It leaves by **out**, with the answer in the field that *Answer into* names.

| Answer | What happens |
|---|---|
| 200 to 299, or what *Succeeded when* says | goes on by **out** |
| 429, 503, refused, too late | the service counts as away: asked again until it is back; no attempt is spent |
| other 5xx | tried again, then the error port or the dead letters |
| other 4xx | the error port or the dead letters, at once |

Every request carries \`traceparent\` and an \`Idempotency-Key\` that stays the same over retries, crashes and the dead letters.

A service that fails again and again (*Open the circuit after*) is left alone for a while; messages wait and spend no attempt.

**Delivery**: at least once. A service that remembers \`Idempotency-Key\` does its work once (*Works once per key*).

**Sharp edge**: a service that answers too late may have done its work, and is asked again.`,
  config,
  ports: () => ({ in: ["in"], out: ["out"] }),
  shape: ({ into }, input) => (into ? setShape(input, parsePath(into), unknownShape) : input),
  subtitle: ({ method, url }) => `${method ?? "POST"} ${url || "—"}`,
  calls: readCallPolicy,
  semantics: ({ method, concurrency, order, oncePerKey, idempotencyKey }) => ({
    repeat:
      method !== "POST" && method !== "PATCH"
        ? "harmless"
        : oncePerKey
          ? { deduplicatedBy: "its `Idempotency-Key`", ...(idempotencyKey ? { byContent: true } : {}) }
          : "duplicates",
    order:
      order === "none" && concurrency > 1
        ? { lost: `up to ${concurrency} requests are on their way at once, and go on as they are answered` }
        : "keeps",
    mend: "When the service remembers `Idempotency-Key`, turn on *Works once per key*.",
    durability: "The service decides what it keeps.",
  }),
  example: {
    config: {
      connection: "http",
      method: "POST",
      url: "https://api.example.com/orders/${body.id}",
      body: "{'quantity': body.quantity}",
      into: "answer",
      headers: {},
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
