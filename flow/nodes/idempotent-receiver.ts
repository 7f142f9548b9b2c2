/**
 * Lets each key through once, within a time to live; what was seen before leaves by its own port, or is dropped when that is not wired.
 * Reserves the key, lets the message go on, and confirms when everything made of it is safe: a crash in between delivers it again.
 * Sharp edge: the key must name the event. One that names a customer takes every later event of that customer for a duplicate.
 */
import * as z from "zod";
import { duration, parseDuration } from "../duration";
import { optionalExpression, wholeNumber } from "../fields";
import { defineKind } from "../kind";
import { messageIdHeader } from "./message-id";

const maxTtl = "90d";

const config = z.strictObject({
  key: optionalExpression({
    title: "Key",
    help: "Tells an event from all others. Empty: the message's key.",
    placeholder: "body.id",
    expects: "any",
  }),
  ttl: duration(maxTtl, "7d", {
    title: "Remember for",
    help: `Like 15m, 12h or 7d, at most ${maxTtl}. Later it counts as new.`,
    placeholder: "7d",
  }),
  scope: z
    .string()
    .regex(/^[a-z0-9-]{1,60}$/, "a name matches [a-z0-9-]+, at most 60 characters")
    .or(z.literal(""))
    .optional()
    .meta({
      title: "Shared as",
      help: "Receivers of one name share their keys. Empty: this node alone.",
      placeholder: "orders",
      widget: "text",
      advanced: true,
    }),
  limit: wholeNumber(
    { min: 1_000, max: 100_000_000, initial: 5_000_000 },
    {
      title: "Keys at most",
      help: "Past it the oldest are forgotten early, and the log says so. A million take up to 400 MB.",
      advanced: true,
    },
  ),
});
export type IdempotentReceiverConfig = z.output<typeof config>;

export const idempotentReceiver = defineKind({
  kind: "idempotent-receiver",
  version: 1,
  role: "step",
  category: "Route",
  label: "Idempotent receiver",
  summary: "Let each key through once",
  icon: "fingerprint",
  help: `Remembers keys in Postgres. A message whose key was seen before leaves by **duplicate**, or is dropped when that is not wired. The key \`headers['${messageIdHeader}']\` tells apart what a Kafka sink with *Message id* wrote.

A key is confirmed when everything made of its message is written or a dead letter.

| The key is | The message |
|---|---|
| new or forgotten | leaves by **out** |
| confirmed, another message's | is a duplicate |
| another's that is still on its way | waits with its lane until that is safe, given back or its worker gone for 10 s |
| its own, not confirmed | leaves by **out** |
| its own, confirmed | is dropped; sent again from the dead letters it leaves by **out** |

A replay within the time is dropped. While Postgres is away the lane waits. A key takes up to 400 bytes there.

**Delivery**: removes duplicates that come in. A crash between a write and its confirmation delivers again: give the sink an id to have it once.

**Sharp edge**: the key must name the event. By a customer's id, every later event of that customer is a duplicate.`,
  config,
  ports: () => ({ in: ["in"], out: ["out", "duplicate"] }),
  shape: (_, input) => input,
  subtitle: ({ key, ttl, scope }) => `${key || "key"} · ${ttl || "7d"}${scope ? ` · ${scope}` : ""}`,
  semantics: ({ key, ttl }) => ({
    guards: { by: key ? `\`${key}\`` : "the message's key", windowMs: parseDuration(ttl) },
    order: "keeps",
  }),
  example: {
    config: { key: "body.id", ttl: "7d", limit: 5_000_000 },
    input: { key: "c-7", body: { id: "o-1", total: 250 } },
  },
});
