/** A range in an expression's text, in characters. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export type ExpressionErrorCode =
  | "expression-syntax"
  | "expression-unknown-name"
  | "expression-type"
  | "expression-too-costly"
  | "expression-failed"
  | "template-syntax";

/** What is wrong with an expression, or with it on this message. Words for a person; never a value of the message. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  constructor(
    readonly code: ExpressionErrorCode,
    message: string,
    readonly range?: Range,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Has the shape of an error of a value, which `||`, `&&` and quantifiers may outvote. Being too costly cannot be outvoted. */
export function isOutvotable(error: unknown): error is ExpressionError {
  return error instanceof ExpressionError && error.code !== "expression-too-costly";
}
