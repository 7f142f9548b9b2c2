import type { Message } from "./message";
import type { Problem } from "./problems";

/** Values an expression may use; kinds may allow others (`generate-source`: n, now, random, pick). */
export const messageVariables = ["body", "key", "headers", "meta"] as const;

/** A compiled CEL expression. */
export interface Expression {
  readonly source: string;
  /** Result as plain JSON values; integers beyond 2^53 as bigint. @throws ExpressionError with a person's words and the range. */
  evaluate(scope: Readonly<Record<string, unknown>>): unknown;
  /** True / false, else ExpressionError. */
  test(scope: Readonly<Record<string, unknown>>): boolean;
}

export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  constructor(
    readonly code: "expression-syntax" | "expression-unknown-name" | "expression-type" | "expression-too-costly" | "expression-failed",
    message: string,
    readonly range?: { readonly from: number; readonly to: number },
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** @throws ExpressionError for what cannot be read, names an unknown variable, or could run too long. */
export function compileExpression(_source: string, _options?: { variables?: readonly string[] }): Expression {
  throw new Error("unwritten");
}

/** The scope that a message gives: body, key (text), headers (map of text), meta. Lazy: an unread body is not decoded. */
export function scopeOf(_message: Message): Record<string, unknown> {
  throw new Error("unwritten");
}

/** Problems of an expression's text, without node and field. Empty when it is well. */
export function checkExpression(_source: string, _options?: { variables?: readonly string[]; expects?: string }): Pick<Problem, "code" | "message" | "range">[] {
  throw new Error("unwritten");
}
