import type { StepBehaviour } from "../behaviour";
import { compileExpression, scopeOf } from "../expression";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import type { Emission, StepResult } from "../verdict";
import type { SwitchConfig } from "./switch";

export const switchBehaviour: StepBehaviour<SwitchConfig> = {
  role: "step",
  mode: "sync",
  open(config, { node }) {
    const cases = config.cases.map(({ port, when }) => ({ port, when: compileExpression(when) }));
    const firstOnly = config.mode === "first";

    function route(message: Message): StepResult {
      const emit: Emission[] = [];
      const scope = scopeOf(message);
      for (const [index, { port, when }] of cases.entries()) {
        try {
          if (!when.test(scope)) continue;
        } catch (error) {
          return failureOf(error, node, `cases.${index}.when`);
        }
        emit.push({ port, message });
        if (firstOnly) break;
      }
      return { emit: emit.length > 0 ? emit : [{ port: "otherwise", message }] };
    }

    return { process: (batch) => batch.map(route) };
  },
};
