/**
 * Waits for every branch of its fork, then goes on once.
 * Sharp edge: a branch that could end elsewhere would leave it waiting, so `check` refuses that.
 */
import * as z from "zod";
import { defineKind } from "../kind";

const config = z.strictObject({});
export type SagaJoinConfig = z.output<typeof config>;

export const sagaJoin = defineKind({
  kind: "saga-join",
  version: 1,
  role: "step",
  category: "Saga",
  inSaga: "only",
  noErrorPort: true,
  label: "Join",
  summary: "Wait for all branches",
  icon: "git-merge",
  help: `Waits until every branch of its **Fork** has arrived, then goes on by **out**.

**Delivery**: part of the saga, which is stored as a whole.

**Sharp edge**: every way of every branch must lead here. An end, or an output that is not wired, inside a branch would leave it waiting for ever.`,
  config,
  ports: () => ({ in: ["in"], out: ["out"] }),
  subtitle: () => "all branches",
  semantics: () => ({ order: "keeps" }),
  example: { config: {}, input: { key: "o-1", body: { id: "o-1" } } },
});
