/**
 * Makes messages by itself, at a steady rate: to try a flow, to show one, to load one. Runs once over all workers, its count is stored.
 * Sharp edge: `random()` and `pick()` follow from `n`, so the same messages come again each time it counts from 1.
 */
import * as z from "zod";
import { expression, optionalExpression } from "../fields";
import { defineKind } from "../kind";

/** Names that the body's expression may use. */
export const generateVariables = ["n", "now", "random", "pick"];
/** Names that the key's expression may use. */
export const generateKeyVariables = [...generateVariables, "body"];

const config = z.strictObject({
  perSecond: z
    .number()
    .positive()
    .max(10_000)
    .default(10)
    .meta({ title: "Per second", help: "How many messages a second, over all workers.", widget: "number" }),
  count: z.int().min(1).optional().meta({
    title: "Count",
    help: "How many in all. Empty: without end.",
    placeholder: "without end",
    widget: "number",
  }),
  body: expression({
    title: "Body",
    help: "`n` counts from 1, `now` is the time as text, `random()` a number from 0 to below 1, `pick(list)` one of a list.",
    placeholder: "{'id': 'o-' + n, 'country': pick(['DE', 'FR'])}",
    variables: generateVariables,
    expects: "any",
  }),
  key: optionalExpression({
    title: "Key",
    help: "The same names, and `body`. Empty: no key.",
    placeholder: "body.id",
    variables: generateKeyVariables,
    expects: "any",
  }),
});
export type GenerateConfig = z.output<typeof config>;

export const generateSource = defineKind({
  kind: "generate-source",
  version: 1,
  role: "source",
  category: "Sources",
  label: "Generator",
  summary: "Make messages at a rate",
  icon: "timer",
  help: `Makes messages at a steady rate. The body is an expression over \`n\` (counts from 1), \`now\` (the time, as text), \`random()\` (a number from 0 to below 1) and \`pick(list)\` (one item of a list).

**Delivery**: at least once. It runs in one worker at a time, another takes over when that one ends, and the count goes on where it stood: also after a stop, also with a new version. To count from 1 again, deploy from the beginning.

**Sharp edge**: messages that were on their way when a worker was killed are made again, with the same \`n\`. What \`random()\` and \`pick()\` give follows from \`n\`, so they are the same but for \`now\`; and the same messages come each time it counts from 1.`,
  config,
  ports: () => ({ in: [], out: ["out"] }),
  // Its body is all that its expression makes.
  shape: ({ body }, _input, _port, give) => give(body, { n: { is: "number" }, now: { is: "time" } }),
  subtitle: ({ perSecond, count }) =>
    `${perSecond ?? 10} per second${count ? ` · ${String(count).replace(/\B(?=(\d{3})+$)/g, ",")} in all` : ""}`,
  semantics: ({ key }) => ({
    source: {
      order: "lane",
      keyless: !key,
      delivery: "at-least-once",
      durability: "The count is stored in Postgres; messages on their way when a worker is killed are made again.",
    },
  }),
  example: {
    config: { perSecond: 5, count: 100, body: "{'id': 'o-' + n, 'at': now}", key: "body.id" },
  },
});
