/**
 * Lets each key through once, within a time to live; what was seen before leaves by its own port, or is dropped when that is not wired.
 * Reserves the key, lets the message go on, and confirms when everything made of it is safe: a crash in between delivers it again.
 * Sharp edge: the key must name the event. One that names a customer takes every later event of that customer for a duplicate.
 */
import * as z from "zod";
import { duration, wordDuration } from "../duration";
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
    help: `Like 15m, 12h or 7d; at most ${maxTtl}. What comes again later goes through again.`,
    placeholder: "7d",
  }),
  scope: z
    .string()
    .regex(/^[a-z0-9-]{1,60}$/, "a name matches [a-z0-9-]+, at most 60 characters")
    .or(z.literal(""))
    .optional()
    .meta({
      title: "Shared as",
      help: "Receivers with the same name know the same keys, over flows too. Empty: this node alone.",
      placeholder: "orders",
      widget: "text",
      advanced: true,
    }),
  limit: wholeNumber(
    { min: 1_000, max: 100_000_000, initial: 5_000_000 },
    {
      title: "Keys at most",
      help: "Beyond it the oldest are forgotten before their time, and the log says so. A million take up to 400 MB.",
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
  help: `Remembers the key of each message in Postgres and lets it through once. A message whose key was seen before leaves by **duplicate**; leave that without a wire to drop it.

What another flow wrote with *Message id* on its Kafka sink is told apart by \`headers['${messageIdHeader}']\`.

| The key is | What happens |
|---|---|
| new, or forgotten | reserved for this message, which leaves by **out**; confirmed when everything made of it is written, or kept as a dead letter |
| of a message that was worked | leaves by **duplicate** |
| of another message that is still on its way | waits, and its lane with it, until that one is safe: then it is a duplicate. When the worker that had it is gone for 15 seconds, or gave it back, this one goes first |
| of this very message, which comes again after a crash or a stop | leaves by **out** again, unless it was confirmed: then nothing is left to do and it is dropped |
| of this very message, which a person sends again from the dead letters | leaves by **out** |

A dead letter keeps its key: send the letter again; a second copy of its message is a duplicate. Two of one key in one batch: the second is a duplicate of the first. A replay within the time to live is dropped.

While Postgres is away the lane waits; nothing is lost. A key takes up to 400 bytes there, however long it is; those past their time are forgotten within five minutes.

**Delivery**: removes duplicates that come in. At least once by itself: a crash after a sink wrote and before the key was confirmed delivers again, so give the sink behind it an id (a queue's *Take once for*, a service that knows \`Idempotency-Key\`) to have it once. The order stays.

**Sharp edge**: the key must name the event. With a customer's id as key, every later event of that customer is a duplicate and is dropped.`,
  config,
  ports: () => ({ in: ["in"], out: ["out", "duplicate"] }),
  subtitle: ({ key, ttl, scope }) => `${key || "key"} · ${ttl || "7d"}${scope ? ` · ${scope}` : ""}`,
  semantics: ({ ttl }) => ({
    // An effect of its own, in Postgres: it takes no part in a transaction of Kafka.
    repeat: { deduplicatedBy: "the keys that it remembers" },
    order: "keeps",
    mend: "A crash between a write and its confirmation delivers again: a sink that takes an id takes it once.",
    durability: `Keys are in Postgres, for ${wordDuration(ttl)}.`,
  }),
  example: {
    config: { key: "body.id", ttl: "7d", limit: 5_000_000 },
    input: { key: "c-7", body: { id: "o-1", total: 250 } },
  },
});
