import { BodyPathError } from "../body-path";
import { ExpressionError } from "../expression";

/** Has an error of an expression say which field of its node it is. */
export function inField<Value>(field: string, evaluate: () => Value): Value {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof ExpressionError)
      throw new ExpressionError(error.code, `\`${field}\`: ${error.message}`, error.range, { cause: error });
    if (error instanceof BodyPathError) throw new BodyPathError(`\`${field}\`: ${error.message}.`, { cause: error });
    throw error;
  }
}
