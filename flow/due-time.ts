import { parseDuration } from "./duration";
import { type Expression, ExpressionError } from "./expression";

/** Times past this one cannot be held (the year 9999). */
const lastMs = 253_402_300_799_999;

/** Milliseconds since the epoch of what an expression gave: a time as ISO text, or milliseconds. @throws ExpressionError for anything else */
export function readTime(value: unknown): number {
  const ms = typeof value === "string" ? Date.parse(value) : typeof value === "number" ? value : Number.NaN;
  if (Number.isFinite(ms) && ms >= 0 && ms <= lastMs) return Math.round(ms);
  throw new ExpressionError(
    "expression-failed",
    "It gives no time: write `timestamp(…)`, ISO text like `2027-01-31T08:00:00Z`, or milliseconds since 1970.",
  );
}

/** When the time that a config says has come. */
export function dueAt(
  config: { readonly for?: string | undefined },
  until: Expression | undefined,
  scope: Readonly<Record<string, unknown>>,
  now: number,
): number {
  return until ? readTime(until.evaluate(scope)) : now + parseDuration(config.for!);
}
