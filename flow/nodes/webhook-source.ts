/**
 * Serves an HTTP path: each request becomes a message, and is answered when the message is safe. At least once, if the caller tries again.
 * Sharp edge: the path is open to whoever reaches the address.
 */
import * as z from "zod";
import { wholeNumber } from "../fields";
import { defineKind } from "../kind";
import { schemaField, shapeOfSource } from "../shape/schema-field";
import { receivedCodecField } from "./received-fields";

const config = z.strictObject({
  path: z
    .string()
    .regex(
      /^[A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*$/,
      "a path has letters, digits, dots, hyphens and slashes inside, none at its ends",
    )
    .meta({ title: "Path", help: "Served under `/in/`.", placeholder: "orders", widget: "path" }),
  method: z.enum(["POST", "PUT", "PATCH", "DELETE", "GET"]).default("POST").meta({ title: "Method", widget: "method" }),
  codec: receivedCodecField("How the request's body is read. What is not JSON is refused with 400.", true),
  schema: schemaField,
  timeoutMs: wholeNumber(
    { min: 100, max: 300_000, initial: 25_000 },
    {
      title: "Answer within",
      help: "When the message is not safe by then, the caller gets 503 and should send it again; 504 from a flow with a Respond.",
      unit: "ms",
      advanced: true,
    },
  ),
});
export type WebhookConfig = z.output<typeof config>;

export const webhookSource = defineKind({
  kind: "webhook-source",
  version: 1,
  role: "source",
  category: "Sources",
  label: "Webhook",
  summary: "Serve an HTTP path",
  icon: "webhook",
  help: `Serves a path under \`/in/\` at the address of the app. The request's body becomes the body of a message, its headers the message's headers (without cookies and credentials); a query comes as the header \`webhook-query\`.

The caller gets \`202 {"accepted": true, "id": …}\` when the message is safe: written by every sink behind it, or kept in the dead letters (then with \`"deadLetter": true\`). It gets 400 for a body that is not JSON, 413 for one that is too large, 404 when no running flow serves the path, 503 when the message was not safe in time or the flow is stopping.

With a *Respond* in the flow the caller gets what that says, once the message is safe. It gets 202 where the message ends without one, and 504 when it is not safe in time or ends in the dead letters (then with \`"deadLetter": true\`).

**Delivery**: at least once for a caller that sends again until it gets 202. What was answered with 503 may still have been written.

**Sharp edge**: the path is open to whoever reaches the address. Requests are worked side by side, so no order is promised.`,
  config,
  ports: () => ({ in: [], out: ["out"] }),
  shape: shapeOfSource,
  subtitle: ({ method, path }) => `${method ?? "POST"} /in/${path || "—"}`,
  semantics: () => ({
    source: {
      order: "none",
      keyless: true,
      replies: "waiting",
      resends: "A caller who gets no answer and sends again makes a new message",
      delivery: "at-least-once",
      durability:
        "The caller keeps the message until it is answered 202; until then it is only in the worker's memory.",
    },
  }),
  example: {
    config: { path: "orders", method: "POST", codec: "json", timeoutMs: 25_000 },
    input: { headers: { "content-type": "application/json" }, body: { id: "o-1", country: "DE", quantity: 2 } },
  },
});
