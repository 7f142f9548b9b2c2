import { ExpressionError } from "./expression";
import { writeText } from "./expression/values";

/**
 * The text by which two things find each other: a message and its event, a start and its saga. Text, numbers and times have one.
 * @throws ExpressionError when the value has none, or an empty one
 */
export function readCorrelation(value: unknown): string {
  const text = value === null || value === undefined ? "" : writeText(value);
  if (text === undefined)
    throw new ExpressionError("expression-type", "Text or a number is needed here, not a list or a map.");
  if (text === "") throw new ExpressionError("expression-failed", "It gives nothing; a value is needed here.");
  return text;
}
