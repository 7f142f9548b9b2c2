/**
 * Lets a saga wait for a time. The time is part of the stored saga, so no restart loses it.
 * Sharp edge: a flow that is stopped lets its sagas rest; what is due by then goes on after the next deploy.
 */
import * as z from "zod";
import { defineKind } from "../kind";
import { checkTime, timeFields, wordTime } from "../saga/fields";

const config = z.strictObject(timeFields);
export type SagaTimerConfig = z.output<typeof config>;

export const sagaTimer = defineKind({
  kind: "saga-timer",
  version: 1,
  role: "step",
  category: "Saga",
  inSaga: "only",
  label: "Timer",
  summary: "Let the saga wait",
  icon: "alarm-clock",
  help: `The saga waits here for a while, or until a time that its data says, then goes on by **out**.

**Delivery**: part of the saga, which is stored with its time.

**Sharp edge**: a flow that is stopped lets its sagas rest; what is due by then goes on after the next deploy.`,
  config,
  ports: () => ({ in: ["in"], out: ["out"] }),
  subtitle: wordTime,
  check: checkTime,
  semantics: () => ({ order: "keeps" }),
  example: { config: { for: "15m" }, input: { key: "o-1", body: { id: "o-1" } } },
});
