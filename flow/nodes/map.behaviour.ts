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
    // Where single fields are set, the rest of the body need not be made of its bytes and written again.
    const names = !value && fields.every(({ path }) => path.length === 1) ? fields.map(({ path }) => path[0]!) : [];

    function change(message: Message): StepResult {
      const scope = scopeOf(message);
      // Said in a failure: which field was being worked on.
      let field = "value";
      try {
        const whole = value ? (value.evaluate(scope) ?? null) : undefined;
        const values: unknown[] = [];
        for (const each of fields) {
          field = each.field;
          values.push(each.expression.evaluate(scope) ?? null);
        }
        const changed = names.length > 0 ? message.withFields(names, values) : undefined;
        if (changed) return emitOut(changed);
        field = "value";
        let body = value ? whole : message.body;
        for (let index = 0; index < fields.length; index++) {
          field = fields[index]!.field;
          body = setPath(body, fields[index]!.path, values[index]);
        }
        return emitOut(message.withBody(body));
      } catch (error) {
        return failureOf(error, node, field);
      }
    }

    return { process: (batch) => batch.map(change) };
  },
};

function emitOut(message: Message): StepResult {
  return { emit: [{ port: "out", message }] };
}
