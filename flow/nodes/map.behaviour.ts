import type { StepBehaviour } from "../behaviour";
import { parsePath, setPath } from "../body-path";
import { compileExpression, passingScope } from "../expression";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import type { StepResult } from "../verdict";
import type { MapConfig } from "./map";

export const mapBehaviour: StepBehaviour<MapConfig> = {
  role: "step",
  mode: "sync",
  open(config, { node }) {
    const value = config.value ? compileExpression(config.value) : undefined;
    const fields = Object.entries(config.set ?? {}).map(([name, source]) => ({
      field: `set.${name}`,
      path: parsePath(name),
      expression: compileExpression(source),
    }));

    const scopeOf = passingScope();

    function change(message: Message): StepResult {
      const scope = scopeOf(message);
      // Said in a failure: which field was being worked on.
      let field = "value";
      try {
        let body = value ? (value.evaluate(scope) ?? null) : message.body;
        for (const each of fields) {
          field = each.field;
          body = setPath(body, each.path, each.expression.evaluate(scope) ?? null);
        }
        return { emit: [{ port: "out", message: message.withBody(body) }] };
      } catch (error) {
        return failureOf(error, node, field);
      }
    }

    return { process: (batch) => batch.map(change) };
  },
};
