import { spend, spendOnText } from "./budget";
import { ExpressionError, type Range } from "./errors";
import { areEqual, type CelType, Duration, isMap, nameType, typeOf, writeText } from "./values";

export type Arithmetic = "+" | "-" | "*" | "/" | "%";
export type Comparison = "<" | "<=" | ">" | ">=";

const maxInt = 9_223_372_036_854_775_807n;
const minInt = -9_223_372_036_854_775_808n;

/** Arithmetic on values whose types are known only now. Numbers of JSON are doubles; whole numbers of the expression meet them as such. */
export function calculate(op: Arithmetic, a: unknown, b: unknown, range: Range): unknown {
  if (typeof a === "number" && typeof b === "number") return calculateNumbers(op, a, b, range);
  if (typeof a === "bigint" && typeof b === "bigint") return calculateIntegers(op, a, b, range);
  if (typeof a === "number" && typeof b === "bigint") return calculateNumbers(op, a, Number(b), range);
  if (typeof a === "bigint" && typeof b === "number") return calculateNumbers(op, Number(a), b, range);
  if (op === "+") return addOthers(a, b, range);
  if (op === "-") return subtractOthers(a, b, range);
  throw mismatch(op, typeOf(a), typeOf(b), range);
}

export function calculateNumbers(op: Arithmetic, a: number, b: number, range: Range): number {
  switch (op) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      // CEL would give an infinity, which no JSON can hold.
      if (b === 0) throw new ExpressionError("expression-failed", "Division by zero.", range);
      return a / b;
    case "%":
      if (b === 0) throw new ExpressionError("expression-failed", "Division by zero.", range);
      return a % b;
  }
}

function calculateIntegers(op: Arithmetic, a: bigint, b: bigint, range: Range): bigint {
  verifyInteger(a, range);
  verifyInteger(b, range);
  switch (op) {
    case "+":
      return verifyInteger(a + b, range);
    case "-":
      return verifyInteger(a - b, range);
    case "*":
      return verifyInteger(a * b, range);
    default:
      if (b === 0n) throw new ExpressionError("expression-failed", "Division by zero.", range);
      return verifyInteger(op === "/" ? a / b : a % b, range);
  }
}

/** CEL's whole numbers have 64 bits. */
function verifyInteger(value: bigint, range: Range): bigint {
  if (value <= maxInt && value >= minInt) return value;
  throw new ExpressionError("expression-failed", "A whole number has left the range of 64 bits.", range);
}

function addOthers(a: unknown, b: unknown, range: Range): unknown {
  if (typeof a === "string" || typeof b === "string") {
    const left = joinable(a) ? writeText(a) : undefined;
    const right = joinable(b) ? writeText(b) : undefined;
    if (left !== undefined && right !== undefined) {
      spendOnText(left.length + right.length);
      return left + right;
    }
  } else if (Array.isArray(a) && Array.isArray(b)) {
    spend(a.length + b.length);
    return a.concat(b);
  } else if (a instanceof Uint8Array && b instanceof Uint8Array) {
    spendOnText(a.length + b.length);
    const joined = new Uint8Array(a.length + b.length);
    joined.set(a);
    joined.set(b, a.length);
    return joined;
  } else if (a instanceof Duration && b instanceof Duration) return new Duration(a.milliseconds + b.milliseconds);
  else if (a instanceof Date && b instanceof Duration) return new Date(a.getTime() + b.milliseconds);
  else if (a instanceof Duration && b instanceof Date) return new Date(b.getTime() + a.milliseconds);
  throw mismatch("+", typeOf(a), typeOf(b), range);
}

function joinable(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

function subtractOthers(a: unknown, b: unknown, range: Range): unknown {
  if (a instanceof Date && b instanceof Date) return new Duration(a.getTime() - b.getTime());
  if (a instanceof Date && b instanceof Duration) return new Date(a.getTime() - b.milliseconds);
  if (a instanceof Duration && b instanceof Duration) return new Duration(a.milliseconds - b.milliseconds);
  throw mismatch("-", typeOf(a), typeOf(b), range);
}

/** `<`, `<=`, `>`, `>=` of two numbers, texts, times, durations or booleans. */
export function compare(op: Comparison, a: unknown, b: unknown, range: Range): boolean {
  const left = makeComparable(a);
  const right = makeComparable(b);
  const comparable = comparableTypes(typeOf(a), typeOf(b));
  if (!comparable || left === undefined || right === undefined) throw mismatch(op, typeOf(a), typeOf(b), range);
  if (typeof left === "string" && left.length > 64) spendOnText(left.length >> 2);
  switch (op) {
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}

function makeComparable(value: unknown): number | bigint | string | boolean | undefined {
  if (value instanceof Date) return value.getTime();
  if (value instanceof Duration) return value.milliseconds;
  return typeof value === "object" || value === undefined ? undefined : (value as number | bigint | string | boolean);
}

/** `value in list` or `name in map`; nothing is in what is absent. */
export function isIn(value: unknown, container: unknown, range: Range): boolean {
  if (Array.isArray(container)) {
    spend(container.length);
    return container.some((item) => areEqual(value, item));
  }
  if (isMap(container)) return typeof value === "string" && Object.hasOwn(container, value);
  if (container === undefined || container === null) return false;
  const hint = typeof container === "string" ? " Write `text.contains(part)` to search in text." : "";
  throw new ExpressionError(
    "expression-type",
    `\`in\` looks into a list or a map, not into ${nameType(typeOf(container))}.${hint}`,
    range,
  );
}

const isNumeric = (type: CelType) => type === "int" || type === "double";

function comparableTypes(a: CelType, b: CelType): boolean {
  if (isNumeric(a) && isNumeric(b)) return true;
  return a === b && (a === "string" || a === "bool" || a === "timestamp" || a === "duration");
}

/** The type that an operator gives for types known before it runs; `undefined` when it can never work. */
export function resultType(op: string, a: CelType, b: CelType): CelType | undefined {
  if (op === "==" || op === "!=") return "bool";
  if (op === "in") return b === "dyn" || b === "list" || b === "map" || b === "null" ? "bool" : undefined;
  if (op === "<" || op === "<=" || op === ">" || op === ">=") {
    return a === "dyn" || b === "dyn" || comparableTypes(a, b) ? "bool" : undefined;
  }
  if (isNumeric(a) && isNumeric(b)) return a === "int" && b === "int" ? "int" : "double";
  if (a === "dyn" || b === "dyn") {
    const known = a === "dyn" ? b : a;
    if (op !== "+" && op !== "-") return known === "dyn" || isNumeric(known) ? "dyn" : undefined;
    if (op === "+" && known === "string") return "string";
    if (op === "+") return known === "map" || known === "optional" ? undefined : "dyn";
    return known === "dyn" || isNumeric(known) || known === "timestamp" || known === "duration" ? "dyn" : undefined;
  }
  if (op === "+") {
    if (a === "string" || b === "string") return canJoin(a) && canJoin(b) ? "string" : undefined;
    if (a === b && (a === "list" || a === "bytes" || a === "duration")) return a;
    if ((a === "timestamp" && b === "duration") || (a === "duration" && b === "timestamp")) return "timestamp";
  }
  if (op === "-") {
    if (a === "timestamp" && b === "timestamp") return "duration";
    if (a === "timestamp" && b === "duration") return "timestamp";
    if (a === "duration" && b === "duration") return "duration";
  }
  return undefined;
}

/** What arithmetic gives when one of its types is known only on a message, in words: never true or false. */
export function wordResult(op: Arithmetic, a: CelType, b: CelType): string {
  if (op === "*" || op === "/" || op === "%") return "a number";
  const known = a === "dyn" ? b : a;
  if (isNumeric(known)) return op === "+" ? "a number or text" : "a number";
  if (known === "dyn") return op === "+" ? "a number, text or a list" : "a number or a duration";
  if (known === "timestamp" || known === "duration") return "a time or a duration";
  // Beside true, false and null only text can be joined.
  return known === "bool" || known === "null" ? "text" : nameType(known);
}

function canJoin(type: CelType): boolean {
  return type === "string" || type === "bool" || type === "null" || isNumeric(type);
}

/** Words for two values that an operator cannot take together. */
export function mismatch(op: string, a: CelType, b: CelType, range: Range): ExpressionError {
  const message = `\`${op}\` cannot take ${nameType(a)} and ${nameType(b)} together.${hintFor(op, a, b)}`;
  return new ExpressionError("expression-type", message, range);
}

function hintFor(op: string, a: CelType, b: CelType): string {
  if (a === "null" || b === "null") return " Ask `!= null` first.";
  if ((a === "string" && isNumeric(b)) || (isNumeric(a) && b === "string")) {
    return op === "+" ? "" : " Make a number of the text with `double(…)`.";
  }
  if (a === "timestamp" || b === "timestamp") return " Make a time of text with `timestamp(…)`.";
  return "";
}
