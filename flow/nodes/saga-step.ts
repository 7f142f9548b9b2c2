/**
 * Has something done elsewhere, and knows how to undo it. At least once, each try with the same key.
 * Sharp edge: an action whose answer was lost may have taken effect, so it is undone too.
 */
import * as z from "zod";
import { optionalExpression } from "../fields";
import { defineKind } from "../kind";
import { callGroup, checkCall, wordCall } from "../saga/call-config";
import { intoField } from "../saga/fields";

const config = z.strictObject({
  action: callGroup(3).prefault({}).meta({ title: "Action", help: "What the step does.", widget: "group" }),
  compensation: callGroup(10)
    .optional()
    .meta({ title: "Compensation", help: "What undoes it, when a later step fails for good.", widget: "group" }),
  output: optionalExpression({
    title: "Output",
    help: "Made of `answer` and the saga's data. Empty: the answer itself.",
    placeholder: "answer.reservation",
    variables: ["body", "key", "headers", "meta", "answer"],
    expects: "any",
  }),
  into: intoField({
    title: "Output into",
    help: "Field of the saga's data that takes the output. Empty: none does.",
    placeholder: "reservation",
  }),
  pivot: z.boolean().default(false).meta({
    title: "Point of no return",
    help: "Once it is done the saga only goes forward: what fails behind it waits for a person.",
    widget: "switch",
    advanced: true,
  }),
  harmless: z.boolean().default(false).meta({
    title: "Needs no compensation",
    help: "It changes nothing, or nothing that would have to be undone.",
    widget: "switch",
    advanced: true,
  }),
});
export type SagaStepConfig = z.output<typeof config>;

/** Calls whose answers come as messages, or may. */
function takesReplies({ action, compensation }: Partial<SagaStepConfig>): boolean {
  return [action, compensation].some((call) => call?.call === "topic" || call?.call === "queue");
}

export const sagaStep = defineKind({
  kind: "saga-step",
  version: 1,
  role: "step",
  category: "Saga",
  inSaga: "only",
  entrances: ["reply"],
  label: "Saga step",
  summary: "Do, and know how to undo",
  icon: "undo-2",
  help: `Calls a service and goes on by **out** when it succeeded. When it failed for good, the saga goes on by **error** if that is wired; else it turns, and every step that is done, or may be, is undone by its *Compensation*, in reverse order.

| Answer | What happens |
|---|---|
| 200 to 299, a job's result, a reply | done |
| 429, 503, a refused connection | the service counts as away: the saga holds, and tries again until it is back; no attempt is spent for *Hold while away* |
| 408, 425, other 5xx, too late, a connection that broke | tried again, then failed |
| other 4xx, a reply with \`saga-outcome: failed\` | failed for good, nothing to undo |

A service that fails again and again (*Open the circuit after*) is left alone for a while; sagas hold meanwhile. The step says that they do, and why.

By **topic** the command carries the headers \`correlation-id\` and \`reply-to\`; a source that reads the answers leads to **reply**, and each answer carries the same \`correlation-id\`. By **queue** the result of the BullMQ job is the answer.

**Delivery**: at least once. Each try of an action has the same \`Idempotency-Key\`, its compensation another; a service that remembers them does its work once.

**Sharp edge**: an action whose answer was lost may have taken effect, so it is undone too, and may still arrive *after* its compensation: services must refuse it then.`,
  config,
  ports: (step) => ({ in: takesReplies(step) ? ["in", "reply"] : ["in"], out: ["out"] }),
  subtitle: ({ action }) => wordCall(action),
  check: ({ action, compensation }) => [
    ...checkCall(action, "action"),
    ...(compensation ? checkCall(compensation, "compensation") : []),
  ],
  semantics: () => ({
    repeat: "duplicates",
    order: "keeps",
    mend: "Each try carries the same key: a service that remembers it does its work once.",
    durability: "The service decides what it keeps.",
  }),
  example: {
    config: {
      action: {
        call: "http",
        connection: "http",
        method: "POST",
        url: "/reservations",
        body: "{'order': key, 'items': body.items}",
        headers: {},
        timeoutMs: 10_000,
        attempts: 3,
        backoff: "exponential",
        delayMs: 200,
        maxDelayMs: 30_000,
        holdFor: "15m",
        perSecond: 0,
        breakAfter: 10,
        breakMs: 5_000,
      },
      compensation: {
        call: "http",
        connection: "http",
        method: "DELETE",
        url: "/reservations/${key}",
        headers: {},
        timeoutMs: 10_000,
        attempts: 10,
        backoff: "exponential",
        delayMs: 200,
        maxDelayMs: 30_000,
        holdFor: "15m",
        perSecond: 0,
        breakAfter: 10,
        breakMs: 5_000,
      },
      output: "answer.id",
      into: "reservation",
      pivot: false,
      harmless: false,
    },
    input: { key: "o-1", body: { id: "o-1", items: 2 } },
  },
});
