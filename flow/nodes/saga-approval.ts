/**
 * Asks a person before the saga goes on.
 * Sharp edge: where `rejected` is not wired, a no is a failure, and the saga is undone.
 */
import * as z from "zod";
import { optionalDuration } from "../duration";
import { template } from "../fields";
import { defineKind } from "../kind";
import { longestWait } from "../saga/fields";

const config = z.strictObject({
  question: template({
    title: "Question",
    help: "What the person reads. May have holes.",
    placeholder: "Ship order ${key} for ${body.total} €?",
  }),
  role: z.enum(["editor", "operator", "admin"]).default("operator").meta({
    title: "Who may decide",
    help: "A role of the project, or one above it.",
    widget: "select",
  }),
  within: optionalDuration(longestWait, {
    title: "At most",
    help: "Like 4h or 2d. Then it goes on by `timeout`. Empty: for ever.",
    placeholder: "2d",
  }),
});
export type SagaApprovalConfig = z.output<typeof config>;

export const sagaApproval = defineKind({
  kind: "saga-approval",
  version: 1,
  role: "step",
  category: "Saga",
  inSaga: "only",
  label: "Approval",
  summary: "Ask a person",
  icon: "user-check",
  help: `The saga waits here for a person with the right role. A yes goes on by **approved**, a no by **rejected**, no answer in time by **timeout**. Where *rejected* or *timeout* is not wired, that is a failure, and what was done is undone.

**Delivery**: part of the saga. Who decided, when and in which words is kept with it.

**Sharp edge**: whoever has a higher role may decide as well.`,
  config,
  ports: () => ({ in: ["in"], out: ["approved", "rejected", "timeout"] }),
  subtitle: ({ role, within }) => `${role ?? "operator"}${within ? ` · ${within}` : ""}`,
  semantics: () => ({ order: "keeps" }),
  example: {
    config: { question: "Ship order ${key}?", role: "operator", within: "2d" },
    input: { key: "o-1", body: { id: "o-1" } },
  },
});
