import { compileExpression, ExpressionError } from "./expression";
import { nameType, typeOf, writeText } from "./expression/values";
import type { Problem } from "./problems";

/** Text with `${CEL}` holes: `orders.${body.country}`. `$${` is a literal `${`. */
export interface Template {
  readonly source: string;
  /** True when it has no holes. */
  readonly literal: boolean;
  /** @throws ExpressionError with the range in the template's text, also for a hole that gives a list, a map or null. */
  render(scope: Readonly<Record<string, unknown>>): string;
}

interface Hole {
  /** Where the expression begins in the template. */
  readonly from: number;
  readonly to: number;
  readonly source: string;
}

/** @throws ExpressionError with the range in the template's text. */
export function compileTemplate(source: string, options?: { variables?: readonly string[] }): Template {
  const parts = readParts(source).map((part) => (typeof part === "string" ? part : compileHole(part, options)));
  const [first = ""] = parts;
  if (parts.every((part) => typeof part === "string")) {
    const text = parts.join("");
    return { source, literal: true, render: () => text };
  }
  if (parts.length === 1 && typeof first !== "string") return { source, literal: false, render: first };
  return {
    source,
    literal: false,
    render(scope) {
      let text = "";
      for (const part of parts) text += typeof part === "string" ? part : part(scope);
      return text;
    },
  };
}

function compileHole(
  hole: Hole,
  options?: { variables?: readonly string[] },
): (scope: Readonly<Record<string, unknown>>) => string {
  const expression = relocate(hole, () => compileExpression(hole.source, options));
  return (scope) =>
    relocate(hole, () => {
      const value = expression.evaluate(scope);
      const text = value === null || value === undefined ? undefined : writeText(value);
      if (text !== undefined) return text;
      const message = `A hole needs text or a number; \`${hole.source.trim()}\` gives ${nameType(typeOf(value))}.`;
      throw new ExpressionError("expression-type", message, { from: 0, to: hole.source.length });
    });
}

/** Moves the range of an error from the hole's text to the template's. */
function relocate<Result>(hole: Hole, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { from, to } = error.range ?? { from: 0, to: hole.source.length };
    throw new ExpressionError(
      error.code,
      error.message,
      { from: hole.from + from, to: hole.from + to },
      { cause: error },
    );
  }
}

function readParts(source: string): (string | Hole)[] {
  const parts: (string | Hole)[] = [];
  let text = "";
  let at = 0;
  while (at < source.length) {
    const next = source.indexOf("${", at);
    if (next < 0) break;
    if (source[next - 1] === "$" && next > at) {
      text += `${source.slice(at, next - 1)}\${`;
      at = next + 2;
      continue;
    }
    const end = findEnd(source, next + 2);
    if (end < 0) {
      const message = "The hole `${` is not closed: its `}` is missing. For the text itself write `$${`.";
      throw new ExpressionError("template-syntax", message, { from: next, to: source.length });
    }
    text += source.slice(at, next);
    if (text !== "") parts.push(text);
    text = "";
    parts.push({ from: next + 2, to: end, source: source.slice(next + 2, end) });
    at = end + 1;
  }
  text += source.slice(at);
  if (text !== "" || parts.length === 0) parts.push(text);
  return parts;
}

/** The expressions in a template with their places; none where it cannot be read. */
export function holesOf(source: string): readonly Hole[] {
  try {
    return readParts(source).filter((part) => typeof part !== "string");
  } catch (error) {
    if (error instanceof ExpressionError) return [];
    throw error;
  }
}

/** The closing brace of a hole, past maps and past braces in quoted text. */
function findEnd(source: string, from: number): number {
  let depth = 0;
  let quote = "";
  for (let at = from; at < source.length; at++) {
    const character = source[at]!;
    if (quote !== "") {
      if (character === "\\") at++;
      else if (character === quote) quote = "";
    } else if (character === "'" || character === '"') quote = character;
    else if (character === "{") depth++;
    else if (character === "}" && depth-- === 0) return at;
  }
  return -1;
}

/** Problems of a template's text, without node and field. Empty when it is well. */
export function checkTemplate(
  source: string,
  options?: { variables?: readonly string[] },
): Pick<Problem, "code" | "message" | "range">[] {
  try {
    compileTemplate(source, options);
    return [];
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { code, message, range } = error;
    return [{ code, message, ...(range ? { range } : {}) }];
  }
}
