/**
 * Holds each message for a while, or until a time that it says, then lets it go on. At least once; held in the store meanwhile.
 * Sharp edge: what leaves has no order, as each message leaves at its own time.
 */
import * as z from "zod";
import { defineKind } from "../kind";
import { checkTime, timeFields, wordTime } from "../saga/fields";

const config = z.strictObject(timeFields);
export type DelayConfig = z.output<typeof config>;

export const delay = defineKind({
  kind: "delay",
  version: 1,
  role: "step",
  category: "Hold",
  holds: "message",
  label: "Delay",
  summary: "Hold for a while",
  icon: "timer",
  help: `Holds each message in the store (Postgres, or the Redis that the flow's settings name) until its time has come, then lets it leave by **out**. While the flow is stopped nothing leaves; what is due by then leaves after the next deploy.

**Delivery**: at least once. A held message is safe: its source may settle it. It is known by its place, so a message that is delivered again while it is held is held once.

**Sharp edge**: what leaves has no order, as each message leaves at its own time.`,
  config,
  ports: () => ({ in: ["in"], out: ["out"] }),
  shape: (_, input) => input,
  subtitle: wordTime,
  check: checkTime,
  semantics: () => ({ order: { lost: "each message leaves when its own time has come" }, keptIn: "store" }),
  example: {
    config: { for: "15m" },
    input: { key: "c-7", body: { id: "o-1", total: 250 } },
  },
});
