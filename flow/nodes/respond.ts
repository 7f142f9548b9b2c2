/**
 * Answers whoever waits for the message: the caller of a webhook, the reply address that a message names, the sender of a job.
 * Sharp edge: the first answer counts, and one that comes after its caller has left is counted and dropped.
 */
import * as z from "zod";
import { headers, optionalExpression, optionalTemplate } from "../fields";
import { defineKind } from "../kind";

const config = z.strictObject({
  status: optionalExpression({
    title: "Status",
    help: "From 200 to 599, as HTTP has them. Empty: 200.",
    placeholder: "body.found ? 200 : 404",
    expects: "number",
  }),
  body: optionalExpression({
    title: "Body",
    help: "Answered as JSON; a text under another content type as it is. Empty: the message's body.",
    placeholder: "{'id': body.id, 'price': body.answer.price}",
    expects: "any",
  }),
  contentType: optionalTemplate({
    title: "Content type",
    help: "Empty: that of the body, application/json for what an expression gives.",
    placeholder: "application/json",
    advanced: true,
  }),
  headers: headers({ title: "Headers", help: "Of the answer.", advanced: true }),
  unasked: z.enum(["reject", "ignore"]).default("reject").meta({
    title: "Without a reply address",
    help: "reject: the message goes to the error port or the dead letters. ignore: it is done.",
    widget: "select",
    advanced: true,
  }),
});
export type RespondConfig = z.output<typeof config>;

export const respond = defineKind({
  kind: "respond",
  version: 1,
  role: "sink",
  category: "Sinks",
  responds: true,
  label: "Respond",
  summary: "Answer who waits",
  icon: "reply",
  help: `Answers whoever waits for the message that came in by the flow's source.

| The message came by | The answer |
|---|---|
| webhook | is what the caller gets, once the message is safe: written by every other sink, too |
| Kafka, RabbitMQ or a Redis stream, with \`reply-to\` (or Spring's \`kafka_replyTopic\`) | is written there, with the message's correlation id and the status as \`reply-status\` |
| BullMQ | is the job's result; a status from 400 on makes the job fail |

The first answer to a message counts; what another *Respond*, or a second part of the same message, says after it is dropped. So is an answer whose caller has left. Both show in the node's counts, and are no failure.

A webhook's caller gets 202 when the message is safe and nothing answered, and 504 when it is not safe in time, or ends in the dead letters.

An answer larger than 1 MiB is refused: error port or dead letters.

**Delivery**: at least once at a reply address: after a crash the answer may be written twice. A webhook's caller gets one, or none when the worker is killed.

**Sharp edge**: behind a delay, a wait or a saga nobody waits any more by webhook or as the sender of a job. A reply address is answered however late.`,
  config,
  ports: () => ({ in: ["in"], out: [] }),
  subtitle: ({ status, body }) => `${status || "200"} · ${body || "the message"}`,
  semantics: () => ({
    // The second answer finds nobody who waits for it.
    repeat: "harmless",
    order: "keeps",
    durability: "Whoever asked has it.",
  }),
  example: {
    config: {
      status: "body.found ? 200 : 404",
      body: "{'id': body.id, 'price': body.price}",
      headers: {},
      unasked: "reject",
    },
    input: { body: { id: "o-1", found: true, price: 3.36 } },
  },
});
