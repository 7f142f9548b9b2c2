/**
 * Begins a saga for each message: everything from here to its ends is one piece of work that is done as a whole, or undone.
 * Sharp edge: a second message with the same business key is the same saga, and starts nothing.
 */
import * as z from "zod";
import { duration } from "../duration";
import { optionalExpression } from "../fields";
import { defineKind } from "../kind";
import { longestWait } from "../saga/fields";

const config = z.strictObject({
  key: optionalExpression({
    title: "Business key",
    help: "Names the saga: one for each key. Empty: the message's key.",
    placeholder: "body.id",
    expects: "any",
  }),
  data: optionalExpression({
    title: "Data",
    help: "What the saga begins with: `body` in its expressions. Empty: the message's body.",
    placeholder: "{'id': body.id, 'items': body.items}",
    expects: "any",
  }),
  keepFor: duration(longestWait, "30d", {
    title: "Keep for",
    help: "A saga that has ended can be looked at, and is known by its key, for so long: 12h, 7d, 30d.",
    placeholder: "30d",
    advanced: true,
  }),
});
export type SagaStartConfig = z.output<typeof config>;

export const sagaStart = defineKind({
  kind: "saga-start",
  version: 1,
  role: "step",
  category: "Saga",
  holds: "saga",
  label: "Saga start",
  summary: "Begin a saga",
  icon: "flag",
  help: `Begins a saga. What stands behind **out**, up to the saga's ends, belongs to it: steps with what undoes them, forks, waits, approvals. When a step fails for good, everything that was done before it is undone, in reverse order; then a message with the saga's data leaves by **compensated**.

A saga is kept in the store (Postgres, or the Redis that the flow's settings name), written with each transition: killed workers and lost brokers lose nothing of it. It ends on the version of the flow on which it began.

**Delivery**: the message is safe as soon as its saga is stored. Commands are sent at least once, each with a key that stays the same.

**Sharp edge**: the key names the saga. A second message with the same key is the same saga, and starts nothing as long as that is kept. A message without a key is refused.`,
  config,
  ports: () => ({ in: ["in"], out: ["out", "compensated"] }),
  subtitle: ({ key }) => `key ${key || "of the message"}`,
  semantics: () => ({ order: { lost: "each saga goes its own way" }, keptIn: "store" }),
  example: {
    config: { key: "body.id", keepFor: "30d" },
    input: { key: "c-7", body: { id: "o-1", total: 250 } },
  },
});
