/**
 * Sends each message by the port of the case that fits, or by `otherwise`. Keeps delivery and order inside each port.
 * Sharp edge: in mode "all" one message may leave by several ports, so it is one message more for each.
 */
import * as z from "zod";
import { expression } from "../fields";
import { defineKind } from "../kind";
import type { ProblemDraft } from "../problems";

/** Ports that a case cannot be named after: they have a meaning of their own. */
const takenPorts = ["otherwise", "error", "in"];

const config = z.strictObject({
  cases: z
    .array(
      z.strictObject({
        port: z
          .string()
          .regex(/^[a-z0-9-]+$/, "ports match [a-z0-9-]+")
          .meta({ title: "Port", placeholder: "de" }),
        when: expression({ title: "When", placeholder: "body.country == 'DE'", expects: "bool" }),
      }),
    )
    .min(1, "add a case")
    .max(100)
    .meta({
      title: "Cases",
      help: "Each case has a port of its own. What fits none leaves by `otherwise`.",
      widget: "cases",
    }),
  mode: z.enum(["first", "all"]).default("first").meta({
    title: "Mode",
    help: "`first`: the first case that is true, from the top. `all`: every case that is true, a message for each.",
    widget: "select",
  }),
});
export type SwitchConfig = z.output<typeof config>;

export const switchKind = defineKind({
  kind: "switch",
  version: 1,
  role: "step",
  category: "Route",
  inSaga: "too",
  label: "Switch",
  summary: "By content, first match",
  icon: "split",
  help: `Tries its cases on each message, from the top. The message leaves by the port of the first case that is true (mode *first*), or by the port of every case that is true (mode *all*). What fits none leaves by **otherwise**.

**Delivery**: keeps what comes in. The order stays inside each port.

**Sharp edge**: a case that cannot be answered (a comparison like \`>\` on an absent field, text compared with a number) fails the message; the cases below it are not tried. Ask \`has(body.total) && body.total > 100\` when a field may be absent; in \`==\`, \`!=\` and \`in\` it counts as null: \`body.country == 'DE'\` is false then.`,
  config,
  // Tolerates an unfinished config: the canvas draws the node while its cases are typed.
  ports: ({ cases }) => ({
    in: ["in"],
    out: [...new Set((cases ?? []).flatMap(({ port }) => (port ? [port] : []))), "otherwise"],
  }),
  shape: (_, input) => input,
  subtitle: ({ cases, mode }) => {
    const count = cases?.length ?? 0;
    return `${count} ${count === 1 ? "case" : "cases"}, ${mode === "all" ? "all matches" : "first match"}`;
  },
  check: ({ cases }) =>
    cases.flatMap(({ port }, index): ProblemDraft[] => {
      const field = `cases.${index}.port`;
      if (takenPorts.includes(port))
        return [
          {
            code: "config-field-invalid",
            field,
            message: `\`${port}\` is a port that every switch has. Give the case another name.`,
          },
        ];
      if (cases.findIndex((other) => other.port === port) < index)
        return [
          {
            code: "config-field-invalid",
            field,
            message: `Two cases have the port \`${port}\`. Give one another name, or join them with ||.`,
          },
        ];
      return [];
    }),
  semantics: () => ({ order: "keeps" }),
  example: {
    config: {
      cases: [
        { port: "de", when: "body.country == 'DE'" },
        { port: "fr", when: "body.country == 'FR'" },
      ],
      mode: "first",
    },
    input: { key: "c-7", body: { id: "o-1", country: "FR" } },
    output: [{ port: "fr", body: { id: "o-1", country: "FR" } }],
  },
});
