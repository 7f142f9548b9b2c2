/**
 * Lets a message pass when a condition is true; the rest leaves by its own port, or is dropped when that is not wired.
 * Keeps delivery and order as they are. Sharp edge: a condition that fails on a message is a failure, not "false".
 */
import * as z from "zod";
import { expression } from "../fields";
import { defineKind } from "../kind";

const config = z.strictObject({
  when: expression({
    title: "Pass when",
    help: "True: the message leaves by `pass`. False: by `rest`.",
    placeholder: "body.total > 100",
    expects: "bool",
  }),
});
export type FilterConfig = z.output<typeof config>;

export const filter = defineKind({
  kind: "filter",
  version: 1,
  role: "step",
  category: "Route",
  inSaga: "too",
  label: "Filter",
  summary: "Pass what is true",
  icon: "funnel",
  help: `Checks each message with a condition. What is true leaves by **pass**, what is false by **rest**. Leave *rest* without a wire to drop it.

**Delivery**: keeps what comes in: nothing is added, nothing is repeated, the order stays.

**Sharp edge**: a condition that cannot be answered (a comparison like \`>\` on an absent field, text compared with a number) is not "false". The message goes to the error port or the dead letters. Ask \`has(body.total) && body.total > 100\` when a field may be absent; in \`==\`, \`!=\` and \`in\` it counts as null.`,
  config,
  ports: () => ({ in: ["in"], out: ["pass", "rest"] }),
  shape: (_, input) => input,
  subtitle: ({ when }) => when ?? "",
  semantics: () => ({ order: "keeps" }),
  example: {
    config: { when: "body.total > 100" },
    input: { key: "c-7", body: { id: "o-1", total: 250 } },
    output: [{ port: "pass", body: { id: "o-1", total: 250 } }],
  },
});
