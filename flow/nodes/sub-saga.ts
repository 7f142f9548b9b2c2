/**
 * Starts a saga of another flow and waits for its end. Undone with this one: cancelled while it runs, compensated when it is complete.
 * Sharp edge: one that is past its point of no return cannot be undone; then a person is asked.
 */
import * as z from "zod";
import { flowNamePattern } from "../document";
import { optionalDuration } from "../duration";
import { optionalExpression } from "../fields";
import { defineKind } from "../kind";
import { intoField, longestWait } from "../saga/fields";

const config = z.strictObject({
  flow: z.string().min(1).regex(flowNamePattern, "names match [a-z0-9-]+, at most 63 characters").meta({
    title: "Flow",
    help: "Name of the flow whose saga is started.",
    placeholder: "book-carrier",
    widget: "text",
  }),
  key: optionalExpression({
    title: "Business key",
    help: "Of the saga that is started. Empty: the key of this one.",
    placeholder: "key + '-shipping'",
    expects: "any",
  }),
  data: optionalExpression({
    title: "Data",
    help: "What it begins with. Empty: the data of this saga.",
    placeholder: "{'order': key, 'address': body.address}",
    expects: "any",
  }),
  into: intoField({
    title: "Result into",
    help: "Field of the data that takes the data of the other saga at its end. Empty: none does.",
    placeholder: "shipping",
  }),
  within: optionalDuration(longestWait, {
    title: "At most",
    help: "Like 30s, 15m, 12h or 7d. Then it counts as failed, and is undone. Empty: for ever.",
    placeholder: "1h",
  }),
});
export type SubSagaConfig = z.output<typeof config>;

export const subSaga = defineKind({
  kind: "sub-saga",
  version: 1,
  role: "step",
  category: "Saga",
  inSaga: "only",
  label: "Sub-saga",
  summary: "A saga of another flow",
  icon: "workflow",
  help: `Starts a saga of another flow, which must be deployed and have one *Saga start*, and waits for it. When that is complete this one goes on by **out**; when it was undone, this step has failed for good.

When this saga turns, the other one is undone with it: cancelled while it runs, compensated when it is complete.

**Delivery**: it is begun once, however often that is tried. The key is for whoever looks for it.

**Sharp edge**: a saga that is past its point of no return cannot be undone; then a person is asked. Sagas in sagas go eight deep.`,
  config,
  ports: () => ({ in: ["in"], out: ["out"] }),
  subtitle: ({ flow }) => flow || "flow: —",
  semantics: () => ({ order: "keeps" }),
  example: {
    config: { flow: "book-carrier", key: "key + '-shipping'", into: "shipping", within: "1h" },
    input: { key: "o-1", body: { id: "o-1" } },
  },
});
