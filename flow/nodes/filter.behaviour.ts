import type { StepBehaviour } from "../behaviour";
import { compileExpression, passingScope } from "../expression";
import { failureOf } from "../message-failure";
import { leavesBy } from "../verdict";
import type { FilterConfig } from "./filter";

const pass = leavesBy("pass");
const rest = leavesBy("rest");

export const filterBehaviour: StepBehaviour<FilterConfig> = {
  role: "step",
  mode: "sync",
  open(config, { node }) {
    const when = compileExpression(config.when);
    const scopeOf = passingScope();
    return {
      process: (batch) =>
        batch.map((message) => {
          try {
            return when.test(scopeOf(message)) ? pass : rest;
          } catch (error) {
            return failureOf(error, node, "when");
          }
        }),
    };
  },
};
