/**
 * Holds each message until an event with the same value comes in, or until it is too late. At least once; held in the store meanwhile.
 * Sharp edge: an event that comes first is kept for a while only, and lets one message after the other go.
 */
import * as z from "zod";
import { parsePath } from "../body-path";
import { duration } from "../duration";
import { expression, optionalExpression } from "../fields";
import { defineKind } from "../kind";
import { intoField, longestWait } from "../saga/fields";
import { setShape, unknownShape } from "../shape/shape";

const config = z.strictObject({
  awaits: expression({
    title: "Waits for",
    help: "A value of the message. The event with the same value lets it go.",
    placeholder: "body.id",
    expects: "any",
  }),
  event: optionalExpression({
    title: "Event's value",
    help: "Over the event that comes in by `event`. Empty: its key.",
    placeholder: "body.orderId",
    expects: "any",
  }),
  into: intoField({
    title: "Event into",
    help: "Field of the message's body that takes the event's body. Empty: none does.",
    placeholder: "payment",
  }),
  within: duration(longestWait, "1d", {
    title: "At most",
    help: "Like 30s, 15m, 12h or 7d. Then the message leaves by `timeout`.",
    placeholder: "1d",
  }),
  keepEvents: duration("90d", "1d", {
    title: "Keep events for",
    help: "An event that comes before its message waits for it so long.",
    placeholder: "1d",
    advanced: true,
  }),
});
export type WaitConfig = z.output<typeof config>;

export const wait = defineKind({
  kind: "wait",
  version: 1,
  role: "step",
  category: "Hold",
  holds: "message",
  entrances: ["event"],
  label: "Wait for event",
  summary: "Hold until an event comes",
  icon: "hourglass",
  help: `Holds each message in the store (Postgres, or the Redis that the flow's settings name) until an event comes in by **event** whose value is the one that the message waits for; then it leaves by **out**. When none comes in time it leaves by **timeout**.

**Delivery**: at least once. A held message and a kept event are safe: their sources may settle them.

**Sharp edge**: what leaves has no order, and an event that comes before its message is kept for as long as *Keep events for* says, no longer.`,
  config,
  ports: () => ({ in: ["in", "event"], out: ["out", "timeout"] }),
  shape: ({ into }, input, port) => (into && port === "out" ? setShape(input, parsePath(into), unknownShape) : input),
  subtitle: ({ awaits, within }) => `${awaits || "—"} · ${within || "1d"}`,
  semantics: () => ({ order: { lost: "each message leaves when its event comes" }, keptIn: "store" }),
  example: {
    config: { awaits: "body.id", event: "body.orderId", into: "payment", within: "1d", keepEvents: "1d" },
    input: { key: "c-7", body: { id: "o-1", total: 250 } },
  },
});
