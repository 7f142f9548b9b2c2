import { spend, spendOnText } from "./budget";
import { ExpressionError } from "./errors";

/** Types of values; `dyn` = known only when it runs. */
export type CelType =
  | "dyn"
  | "null"
  | "bool"
  | "int"
  | "double"
  | "string"
  | "bytes"
  | "list"
  | "map"
  | "timestamp"
  | "duration"
  | "optional";

const typeWords: Record<CelType, string> = {
  dyn: "a value",
  null: "null",
  bool: "true or false",
  int: "a whole number",
  double: "a number",
  string: "text",
  bytes: "bytes",
  list: "a list",
  map: "a map",
  timestamp: "a time",
  duration: "a duration",
  optional: "an optional value",
};

/** What a type is called in messages to people. */
export function nameType(type: CelType): string {
  return typeWords[type];
}

/** A span of time. */
export class Duration {
  readonly #ms: number;
  constructor(ms: number) {
    this.#ms = ms;
  }
  get milliseconds(): number {
    return this.#ms;
  }
}

/** A value that may be absent: what `body.?field` gives. */
export class Optional {
  readonly #value: unknown;
  static readonly none = new Optional(undefined);
  constructor(value: unknown) {
    this.#value = value;
  }
  get present(): boolean {
    return this.#value !== undefined;
  }
  get content(): unknown {
    return this.#value;
  }
}

export function typeOf(value: unknown): CelType {
  switch (typeof value) {
    case "string":
      return "string";
    case "number":
      return "double";
    case "bigint":
      return "int";
    case "boolean":
      return "bool";
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return "list";
      if (value instanceof Uint8Array) return "bytes";
      if (value instanceof Date) return "timestamp";
      if (value instanceof Duration) return "duration";
      if (value instanceof Optional) return "optional";
      return "map";
    default:
      return "null";
  }
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && typeOf(value) === "map";
}

/** The names of a map's fields. Large maps are hash tables to the engine, and listing them costs several times as much. */
export function listNames(map: object): string[] {
  const names = Object.keys(map);
  spend(names.length > 64 ? names.length * 4 : names.length);
  return names;
}

/** The value of a map's own field; `undefined` when it has none. */
export function readField(value: unknown, name: string): unknown {
  return isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Are two values the same? Whole numbers and numbers meet as numbers; an absent value counts as null. */
export function areEqual(a: unknown, b: unknown): boolean {
  if (typeof a === "string" && typeof b === "string" && a.length > 64 && a.length === b.length)
    spendOnText(a.length >> 2);
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number are compared exactly by == alone
    if (typeof a === "bigint" || typeof b === "bigint") return isNumber(a) && isNumber(b) && a == b;
    return (a ?? null) === (b ?? null);
  }
  spend(1);
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  switch (type) {
    case "list":
      return areItemsEqual(a as unknown[], b as unknown[]);
    case "bytes":
      return areItemsEqual(a as Uint8Array, b as Uint8Array);
    case "timestamp":
      return (a as Date).getTime() === (b as Date).getTime();
    case "duration":
      return (a as Duration).milliseconds === (b as Duration).milliseconds;
    case "optional":
      return areEqual((a as Optional).content, (b as Optional).content);
    default: {
      const names = listNames(a);
      return (
        names.length === Object.keys(b).length &&
        names.every(
          (name) =>
            Object.hasOwn(b, name) &&
            areEqual((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]),
        )
      );
    }
  }
}

function areItemsEqual(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  spend(a.length);
  for (let index = 0; index < a.length; index++) if (!areEqual(a[index], b[index])) return false;
  return true;
}

export function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** Text of a value that has one, as `string()` and `+` write it. `undefined` for lists, maps and bytes. */
export function writeText(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    default:
      if (value === null) return "null";
      if (value instanceof Date) {
        spend(10);
        return value.toISOString();
      }
      if (value instanceof Duration) return `${value.milliseconds / 1000}s`;
      return undefined;
  }
}

/** How deep lists and maps may lie in each other in a result. */
const maxDepth = 200;

/**
 * A result as plain JSON values: whole numbers as numbers while those hold their digits, times as ISO text, durations as `90s`,
 * an empty optional as null, bytes inside lists and maps as base64. Shared where nothing changes. @throws ExpressionError for what JSON cannot hold.
 */
export function makePlain(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case "bigint":
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
    case "number":
      if (Number.isFinite(value)) return value;
      throw new ExpressionError(
        "expression-failed",
        "The result is not a number that JSON can hold (infinite or undefined).",
      );
    case "string":
      // Charged as if copied: the same long text in a long list is written out each time.
      if (depth > 0) spendOnText(value.length >> 2);
      return value;
    case "object":
      return value === null ? null : makeObjectPlain(value, depth);
    default:
      return value;
  }
}

function makeObjectPlain(value: object, depth: number): unknown {
  if (depth > maxDepth) throw new ExpressionError("expression-failed", "The result is nested too deeply.");
  switch (typeOf(value)) {
    case "list": {
      const list = value as unknown[];
      spend(list.length >> 1);
      let changed: unknown[] | undefined;
      for (let index = 0; index < list.length; index++) {
        const item = makePlain(list[index], depth + 1);
        if (item === list[index]) continue;
        changed ??= list.slice();
        changed[index] = item;
      }
      return changed ?? list;
    }
    case "map": {
      const map = value as Record<string, unknown>;
      let changed: Record<string, unknown> | undefined;
      for (const name of listNames(map)) {
        const field = makePlain(map[name], depth + 1);
        if (field === map[name]) continue;
        changed ??= { ...map };
        changed[name] = field;
      }
      return changed ?? map;
    }
    case "optional":
      return makePlain((value as Optional).content ?? null, depth + 1);
    case "bytes":
      return depth === 0 ? value : writeBase64(value as Uint8Array);
    default:
      return writeText(value);
  }
}

/** Bytes inside a JSON value: base64, as protobuf's JSON has it. */
function writeBase64(bytes: Uint8Array): string {
  spendOnText(bytes.length * 2);
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8_192) binary += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(binary);
}
