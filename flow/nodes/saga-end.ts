/**
 * The saga is complete. A message that says so goes on from here, through the rest of the flow.
 * Sharp edge: it leaves at least once; its id stays the same.
 */
import * as z from "zod";
import { optionalExpression } from "../fields";
import { defineKind } from "../kind";

const config = z.strictObject({
  event: optionalExpression({
    title: "Event",
    help: "Body of the message that leaves. Empty: the saga's data.",
    placeholder: "{'order': key, 'carrier': body.booking}",
    expects: "any",
  }),
});
export type SagaEndConfig = z.output<typeof config>;

export const sagaEnd = defineKind({
  kind: "saga-end",
  version: 1,
  role: "step",
  category: "Saga",
  inSaga: "only",
  noErrorPort: true,
  label: "Saga end",
  summary: "The saga is complete",
  icon: "circle-check-big",
  help: `The saga is complete: nothing of it is undone any more. A message leaves by **out** with the saga's key, the headers of the message that started it, and \`saga-id\` and \`saga-outcome\`. Wire it to a topic to tell others; it need not be wired.

An event that cannot be made is a failure of the saga, as any other: it is undone, or past its point of no return a person is asked.

A saga may have several ends, for several ways through it; it comes to one of them, and one message leaves, by that end.

**Delivery**: the message leaves at least once, with an id that stays the same.

**Sharp edge**: every way through the saga must lead to an end, and none inside a fork.`,
  config,
  ports: () => ({ in: ["in"], out: ["out"] }),
  subtitle: ({ event }) => event || "the saga's data",
  semantics: () => ({ order: "keeps" }),
  example: { config: { event: "{'order': key}" }, input: { key: "o-1", body: { id: "o-1" } } },
});
