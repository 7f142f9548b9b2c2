import type { StepBehaviour } from "../behaviour";
import { compileExpression, passingScope } from "../expression";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import { type Emission, leavesBy, type StepResult } from "../verdict";
import type { SwitchConfig } from "./switch";

const otherwise = leavesBy("otherwise");

export const switchBehaviour: StepBehaviour<SwitchConfig> = {
  role: "step",
  mode: "sync",
  open(config, { node }) {
    const cases = config.cases.map(({ port, when }) => ({
      port,
      when: compileExpression(when),
      alone: leavesBy(port),
    }));
    const firstOnly = config.mode === "first";
    const scopeOf = passingScope();

    function route(message: Message): StepResult {
      let emit: Emission[] | undefined;
      const scope = scopeOf(message);
      for (let index = 0; index < cases.length; index++) {
        const { port, when, alone } = cases[index]!;
        try {
          if (!when.test(scope)) continue;
        } catch (error) {
          return failureOf(error, node, `cases.${index}.when`);
        }
        if (firstOnly) return alone;
        emit ??= [];
        emit.push({ port, message });
      }
      return emit ? { emit } : otherwise;
    }

    return { process: (batch) => batch.map(route) };
  },
};
