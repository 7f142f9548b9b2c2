/**
 * Goes on by all its branches at once; a join brings them together again.
 * Sharp edge: when one branch fails for good, what the others did is undone too.
 */
import * as z from "zod";
import { defineKind } from "../kind";
import type { ProblemDraft } from "../problems";

/** Ports that a branch cannot be named after: they have a meaning of their own. */
const takenPorts = ["error", "in", "out"];

const config = z.strictObject({
  branches: z
    .array(
      z
        .string()
        .regex(/^[a-z0-9-]+$/, "branches match [a-z0-9-]+")
        .meta({ title: "Branch", placeholder: "stock" }),
    )
    .min(2, "name two branches at least")
    .max(50)
    .meta({ title: "Branches", help: "A port each; all begin at once.", widget: "names" }),
});
export type SagaForkConfig = z.output<typeof config>;

export const sagaFork = defineKind({
  kind: "saga-fork",
  version: 1,
  role: "step",
  category: "Saga",
  inSaga: "only",
  noErrorPort: true,
  label: "Fork",
  summary: "Several branches at once",
  icon: "git-fork",
  help: `Goes on by all its branches at once. All ways of every branch lead to one **Join**, which goes on when each has arrived.

When the saga turns, nothing new begins in any branch; what is under way is awaited, then the branches are undone side by side.

**Delivery**: part of the saga, which is stored as a whole.

**Sharp edge**: branches share the saga's data. Let each put its output into a field of its own.`,
  config,
  ports: ({ branches }) => ({
    in: ["in"],
    out: [...new Set((branches ?? []).filter((each) => typeof each === "string" && each !== ""))],
  }),
  subtitle: ({ branches }) => (branches ?? []).join(", "),
  check: ({ branches }) =>
    branches.flatMap((branch, index): ProblemDraft[] => {
      const field = `branches.${index}`;
      if (takenPorts.includes(branch))
        return [
          {
            code: "config-field-invalid",
            field,
            message: `A branch cannot be named \`${branch}\`. Name it otherwise.`,
          },
        ];
      return branches.indexOf(branch) < index
        ? [
            {
              code: "config-field-invalid",
              field,
              message: `Two branches are named \`${branch}\`. Rename one of them.`,
            },
          ]
        : [];
    }),
  semantics: () => ({ order: "keeps" }),
  example: { config: { branches: ["stock", "payment"] }, input: { key: "o-1", body: { id: "o-1" } } },
});
