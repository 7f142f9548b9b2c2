import { BodyPathError } from "../body-path";
import { portOnward } from "./forward";
import type { SagaEvaluation, SagaProgram } from "./program";
import type { SimulationOptions } from "./simulate";

/**
 * A saga's expressions for a simulation. Those of the node that is to fail do. All others never fail: example data say less than a real
 * saga's, so where an expression cannot be evaluated something is put in place, and its node is added to `guessed`. (A step fails by its
 * answer, an approval by its decision.)
 */
export function evaluateLeniently(
  program: SagaProgram,
  evaluation: SagaEvaluation,
  { choices = {}, failure, now: startedAt }: SimulationOptions,
  guessed: Set<string>,
): SagaEvaluation {
  function attempt<Value>(node: string, ask: () => Value, guess: Value): Value {
    if (node === failure?.node && program.nodes[node]?.does !== "step")
      throw new BodyPathError("it fails in this simulation");
    try {
      return ask();
    } catch {
      guessed.add(node);
      return guess;
    }
  }
  return {
    pass(node, scope) {
      const guess = { port: portOnward(program.nodes[node]!), body: scope.body };
      const passed = attempt(node, () => evaluation.pass(node, scope), guess);
      const port = choices[node];
      return port === undefined ? passed : { ...passed, port };
    },
    output: (node, scope, answer) => attempt(node, () => evaluation.output(node, scope, answer), answer),
    awaits: (node, scope) => attempt(node, () => evaluation.awaits(node, scope), node),
    until: (node, scope, now) => attempt(node, () => evaluation.until(node, scope, now), Math.max(now, startedAt)),
    end: (node, scope) => attempt(node, () => evaluation.end?.(node, scope), undefined),
  };
}
