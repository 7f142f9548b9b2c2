/**
 * Lets a saga wait for an event from outside, told apart by a value that both have. An event that comes first is kept for a while.
 * Sharp edge: where `timeout` is not wired, too late is a failure, and the saga is undone.
 */
import * as z from "zod";
import { duration, optionalDuration } from "../duration";
import { expression, optionalExpression } from "../fields";
import { defineKind } from "../kind";
import { intoField, longestWait } from "../saga/fields";

const config = z.strictObject({
  awaits: expression({
    title: "Waits for",
    help: "A value of the saga. The event with the same value lets it go on.",
    placeholder: "key",
    expects: "any",
  }),
  event: optionalExpression({
    title: "Event's value",
    help: "Over the message that comes in by `event`. Empty: its key.",
    placeholder: "body.orderId",
    expects: "any",
  }),
  into: intoField({
    title: "Event into",
    help: "Field of the saga's data that takes the event's body. Empty: none does.",
    placeholder: "payment",
  }),
  within: optionalDuration(longestWait, {
    title: "At most",
    help: "Like 30s, 15m, 12h or 7d. Then it goes on by `timeout`. Empty: for ever.",
    placeholder: "2d",
  }),
  keepEvents: duration("90d", "1d", {
    title: "Keep events for",
    help: "An event that comes before the saga waits for it is kept so long.",
    placeholder: "1d",
    advanced: true,
  }),
});
export type SagaWaitConfig = z.output<typeof config>;

export const sagaWait = defineKind({
  kind: "saga-wait",
  version: 1,
  role: "step",
  category: "Saga",
  inSaga: "only",
  entrances: ["event"],
  label: "Wait in saga",
  summary: "Wait for an event",
  icon: "hourglass",
  help: `The saga waits here until a message comes in by **event** whose value is the one that it waits for, then goes on by **out**. When none comes in time it goes on by **timeout**; where that is not wired it has failed, and what was done is undone.

**Delivery**: an event is safe as soon as it is kept or its saga has it. The same event that comes twice counts once.

**Sharp edge**: an event that comes before the saga waits for it is kept for as long as *Keep events for* says, no longer.`,
  config,
  ports: () => ({ in: ["in", "event"], out: ["out", "timeout"] }),
  subtitle: ({ awaits, within }) => `${awaits || "—"}${within ? ` · ${within}` : ""}`,
  semantics: () => ({ order: "keeps" }),
  example: {
    config: { awaits: "key", event: "body.orderId", into: "payment", within: "2d", keepEvents: "1d" },
    input: { key: "o-1", body: { id: "o-1" } },
  },
});
