import { RE2JS } from "re2js";
import { spend } from "./budget";
import { ExpressionError, type Range } from "./errors";

/** Longest pattern, in characters. */
const maxPatternLength = 1_000;
const cache = new Map<string, RE2JS>();
const maxCached = 200;

/**
 * Does the pattern occur in the text? By RE2's engine, whose time grows only in step with the text: a backtracking engine can be
 * stopped for seconds by ten characters.
 */
export function matchText(text: string, pattern: string, range: Range): boolean {
  const compiled = cache.get(pattern) ?? compilePattern(pattern, range);
  // Measured: at worst, when every character makes a new state, 100 ns for each character and instruction.
  spend(4 + text.length * compiled.programSize());
  return compiled.test(text);
}

/** @throws ExpressionError for a pattern that RE2 does not take (look-around, back references). */
export function compilePattern(pattern: string, range: Range): RE2JS {
  if (pattern.length > maxPatternLength) {
    throw new ExpressionError(
      "expression-too-costly",
      `The pattern is longer than ${maxPatternLength} characters.`,
      range,
    );
  }
  const known = cache.get(pattern);
  if (known) return known;
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (cause) {
    const message =
      "The pattern is not a regular expression that RE2 takes (look-around and back references are not part of it).";
    throw new ExpressionError("expression-syntax", message, range, { cause });
  }
  spend(1_000 + 40 * compiled.programSize());
  // Patterns made from messages may be many: what was not used lately makes room.
  if (cache.size >= maxCached) cache.delete(cache.keys().next().value!);
  cache.set(pattern, compiled);
  return compiled;
}
