import { readCorrelation } from "../correlation";
import { compileExpression, scopeOf } from "../expression";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import { type Failure, rejected } from "../verdict";

/** Reads the value by which a message is told apart: of an expression, or its key. The result answers a failure for one that has none. */
export function compileValue(
  source: string | undefined,
  { node, field }: { readonly node: string; readonly field: string },
): (message: Message) => string | Failure {
  const expression = source ? compileExpression(source) : undefined;
  return (message) => {
    try {
      if (expression) return readCorrelation(expression.evaluate(scopeOf(message)));
      if (message.keyText) return message.keyText;
      const words = `The message has no key, and node \`${node}\` tells messages apart by it: set its \`${field}\`.`;
      return rejected("body-invalid", words);
    } catch (error) {
      return failureOf(error, node, field);
    }
  };
}
