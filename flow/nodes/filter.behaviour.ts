import type { StepBehaviour } from "../behaviour";
import { compileExpression, scopeOf } from "../expression";
import { failureOf } from "../message-failure";
import type { FilterConfig } from "./filter";

export const filterBehaviour: StepBehaviour<FilterConfig> = {
  role: "step",
  mode: "sync",
  open(config, { node }) {
    const when = compileExpression(config.when);
    return {
      process: (batch) =>
        batch.map((message) => {
          try {
            return { emit: [{ port: when.test(scopeOf(message)) ? "pass" : "rest", message }] };
          } catch (error) {
            return failureOf(error, node, "when");
          }
        }),
    };
  },
};
