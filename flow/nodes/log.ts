/**
 * Shows the messages that come by, and lets them pass unchanged. Keeps delivery and order.
 * Sharp edge: it shows what is traced, not each message of a fast stream.
 */
import * as z from "zod";
import { optionalExpression } from "../fields";
import { defineKind } from "../kind";

const config = z.strictObject({
  show: optionalExpression({
    title: "Show",
    help: "What to show of each message. Empty: the message as it is. Where it fails, the reason is shown and the message passes.",
    placeholder: "body.id + ' ' + body.country",
    expects: "any",
  }),
});
export type LogConfig = z.output<typeof config>;

export const log = defineKind({
  kind: "log",
  version: 1,
  role: "step",
  category: "Sinks",
  label: "Log",
  summary: "See messages go by",
  icon: "scroll-text",
  help: `A live panel: click the node and see the newest messages that passed it. Messages leave by **out** unchanged; leave it without a wire when the log is the end of the way.

**Delivery**: keeps what comes in, in the same order. Nothing is written anywhere but into the runs.

**Sharp edge**: it shows the messages that are traced (by the flow's trace setting, ten a second unless it says otherwise), not each one of a fast stream. The counts are exact.`,
  config,
  ports: () => ({ in: ["in"], out: ["out"] }),
  shape: (_, input) => input,
  subtitle: ({ show }) => show || "each message",
  semantics: () => ({ order: "keeps" }),
  example: {
    config: { show: "body.id" },
    input: { key: "c-7", body: { id: "o-1" } },
    output: [{ port: "out", body: { id: "o-1" } }],
  },
});
