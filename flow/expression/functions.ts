import { remainingBudget, spend, spendOnText } from "./budget";
import { ExpressionError, type Range } from "./errors";
import { matchText } from "./pattern";
import { readDuration, readTime, shiftToZone, timeFromSeconds, timeParts } from "./time";
import { areEqual, type CelType, type Duration, isNumber, makePlain, typeOf, writeText } from "./values";

/** A type that a parameter takes; `number` = int or double, `any` = everything. */
type ParameterType = Exclude<CelType, "dyn"> | "number" | "any";

export interface FunctionOverload {
  /** `text.startsWith(string): bool`, as shown to people. */
  readonly signature: string;
  /** With the receiver first for a method. */
  readonly parameters: readonly ParameterType[];
  readonly result: CelType;
  run(args: readonly never[], range: Range): unknown;
}

/** Functions by name and methods by `.name`, each with its overloads. */
const table = new Map<string, FunctionOverload[]>();

export function findOverloads(name: string, method: boolean): readonly FunctionOverload[] | undefined {
  return table.get(method ? `.${name}` : name);
}

/** Every signature, for completion and docs. */
export function listFunctions(): string[] {
  return [...table.values()].flat().map((overload) => overload.signature);
}

export function takes(parameter: ParameterType, type: CelType): boolean {
  if (parameter === "any" || type === "dyn") return true;
  return parameter === "number" ? type === "int" || type === "double" : parameter === type;
}

const signaturePattern = /^(?:(\w+)\.)?([\w.]+)\(([^)]*)\): (\w+)$/;

/** Adds an overload. A first part that names a type makes it a method; `math.` and the like are part of the name. */
function define(signature: string, run: (...args: never[]) => unknown, ranged = false): void {
  const [, owner, rest = "", list = "", result] = signaturePattern.exec(signature) ?? [];
  const method = owner !== undefined && owner !== "math" && owner !== "optional";
  const name = method ? `.${rest}` : owner === undefined ? rest : `${owner}.${rest}`;
  const parameters = [...(method ? [owner] : []), ...list.split(", ").filter((part) => part !== "")] as ParameterType[];
  const overload: FunctionOverload = {
    signature,
    parameters,
    result: (result === "number" ? "double" : result === "any" ? "dyn" : result) as CelType,
    run: (args, range) => (ranged ? run(...args, range as never) : run(...args)),
  };
  table.set(name, [...(table.get(name) ?? []), overload]);
}

function fail(message: string): never {
  throw new ExpressionError("expression-failed", message);
}

// ---- sizes and conversions ---------------------------------------------------------------------------------------------

function countCharacters(text: string): bigint {
  spendOnText(text.length);
  let count = 0;
  for (const _ of text) count++;
  return BigInt(count);
}
const countEntries = (map: object) => {
  const { length } = Object.keys(map);
  spend(length >> 2);
  return BigInt(length);
};
for (const form of ["size(T): int", "T.size(): int"]) {
  define(form.replace("T", "string"), countCharacters);
  define(form.replace("T", "list"), (list: unknown[]) => BigInt(list.length));
  define(form.replace("T", "map"), countEntries);
  define(form.replace("T", "bytes"), (bytes: Uint8Array) => BigInt(bytes.length));
}

define("dyn(any): any", (value: unknown) => value);
define("type(any): string", (value: unknown) => typeOf(value));

define("int(number): int", (value: number | bigint) => {
  if (typeof value === "bigint") return value;
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : fail("`int()` has no whole number for this value.");
});
define("int(string): int", (text: string) =>
  /^\s*[+-]?\d{1,19}\s*$/.test(text)
    ? BigInt(text.trim().replace(/^\+/, ""))
    : fail("`int()` was given text that is not a whole number."),
);
define("int(timestamp): int", (time: Date) => BigInt(Math.floor(time.getTime() / 1000)));
define("int(bool): int", (value: boolean) => (value ? 1n : 0n));
define("double(number): double", (value: number | bigint) => Number(value));
define("double(string): double", (text: string) => {
  spendOnText(text.length);
  const trimmed = text.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)
    ? Number(trimmed)
    : fail("`double()` was given text that is not a number.");
});
define("string(any): string", (value: unknown) => {
  if (value instanceof Uint8Array) {
    spendOnText(value.length);
    return new TextDecoder().decode(value);
  }
  const text = writeText(value);
  if (text !== undefined) return text;
  return fail(`\`string()\` has no text for a ${typeOf(value)}. Write \`json(…)\` for its JSON.`);
});
define("json(any): string", (value: unknown) => {
  const text = JSON.stringify(makePlain(value, 1), (_, item) =>
    typeof item === "bigint" ? fail("`json()` takes no integers beyond 2^53.") : item,
  );
  spendOnText(text.length);
  return text;
});
define("bool(bool): bool", (value: boolean) => value);
define("bool(string): bool", (text: string) => {
  const lower = text.length < 6 ? text.toLowerCase() : "";
  if (lower === "true" || lower === "t" || lower === "1") return true;
  if (lower === "false" || lower === "f" || lower === "0") return false;
  return fail("`bool()` was given text that is neither `true` nor `false`.");
});
define("bytes(string): bytes", (text: string) => {
  spendOnText(text.length);
  return new TextEncoder().encode(text);
});

// ---- numbers -----------------------------------------------------------------------------------------------------------

const onNumbers: Record<string, (value: number) => number> = {
  // Half goes away from zero, as people round.
  round: (value) => Math.sign(value) * Math.round(Math.abs(value)),
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  abs: Math.abs,
  sqrt: Math.sqrt,
};
for (const [name, run] of Object.entries(onNumbers)) {
  const apply = (value: number | bigint) => {
    if (typeof value === "number") return run(value);
    return name === "abs" && value < 0n ? -value : name === "sqrt" ? run(Number(value)) : value;
  };
  define(`${name}(number): number`, apply);
  define(`math.${name}(number): number`, apply);
}
define("round(number, int): number", (value: number | bigint, digits: bigint) => {
  if (digits < 0n || digits > 15n) return fail("`round()` takes from 0 to 15 digits.");
  const number = Number(value);
  // By way of text, so that 1.005 with two digits is 1.01 as written and not what its binary form says.
  return Number(`${Math.sign(number) * Math.round(Number(`${Math.abs(number)}e${digits}`))}e-${digits}`);
});

function pickExtreme(values: readonly unknown[], name: "min" | "max"): unknown {
  spend(values.length);
  if (values.length === 0) return fail(`\`${name}()\` of an empty list.`);
  if (!values.every(isNumber)) return fail(`\`${name}()\` takes numbers.`);
  return values.reduce((best, value) => ((name === "min" ? value < best : value > best) ? value : best));
}
for (const name of ["min", "max"] as const) {
  const greek = name === "min" ? "math.least" : "math.greatest";
  for (const each of [name, greek]) {
    define(`${each}(list): any`, (list: unknown[]) => pickExtreme(list, name));
    define(`${each}(any, any): any`, (...values: unknown[]) => pickExtreme(values, name));
    define(`${each}(any, any, any): any`, (...values: unknown[]) => pickExtreme(values, name));
  }
  define(`list.${name}(): any`, (list: unknown[]) => pickExtreme(list, name));
}

// ---- text --------------------------------------------------------------------------------------------------------------

/** Pays for a search: engines skip by at most some hundred characters, so a long part in a long text costs both. */
function spendOnSearch(text: string, part: string): void {
  spendOnText(text.length);
  if (part.length > 64) spend(Math.ceil((text.length / 64) * (part.length / 64)));
}
define("string.contains(string): bool", (text: string, part: string) => {
  spendOnSearch(text, part);
  return text.includes(part);
});
define("string.startsWith(string): bool", (text: string, part: string) => {
  spendOnText(part.length >> 2);
  return text.startsWith(part);
});
define("string.endsWith(string): bool", (text: string, part: string) => {
  spendOnText(part.length >> 2);
  return text.endsWith(part);
});
define("string.indexOf(string): int", (text: string, part: string) => {
  spendOnSearch(text, part);
  return BigInt(text.indexOf(part));
});
define("string.lastIndexOf(string): int", (text: string, part: string) => {
  spendOnSearch(text, part);
  return BigInt(text.lastIndexOf(part));
});
define("string.charAt(number): string", (text: string, index: number | bigint) => text.charAt(Number(index)));
const cut = (text: string, from: number | bigint, to: number | bigint = text.length) => {
  const [start, end] = [Number(from), Number(to)];
  if (!(start >= 0 && start <= end && end <= text.length))
    return fail("`substring()` reaches beyond the text. `size()` tells its length.");
  return text.slice(start, end);
};
define("string.substring(number): string", cut);
define("string.substring(number, number): string", cut);
for (const [name, run] of Object.entries({
  lowerAscii: (text: string) => text.toLowerCase(),
  upperAscii: (text: string) => text.toUpperCase(),
  trim: (text: string) => text.trim(),
  reverse: (text: string) => [...text].reverse().join(""),
})) {
  define(`string.${name}(): string`, (text: string) => {
    spendOnText(text.length * 4);
    return run(text);
  });
}
define("string.replace(string, string): string", (text: string, part: string, by: string) => {
  spendOnSearch(text, part);
  const parts = splitText(text, part);
  spendOnText((parts.length - 1) * by.length);
  return parts.join(by);
});
function splitText(text: string, separator: string): string[] {
  spendOnSearch(text, separator);
  const parts = text.split(separator, remainingBudget() + 1);
  spend(parts.length);
  return parts;
}
define("string.split(string): list", splitText);
define("string.split(string, number): list", (text: string, separator: string, limit: number | bigint) => {
  const parts = splitText(text, separator);
  const most = Number(limit);
  if (most === 0) return [];
  return most < 0 || parts.length <= most
    ? parts
    : [...parts.slice(0, most - 1), parts.slice(most - 1).join(separator)];
});
define("string.matches(string): bool", matchText, true);
define("matches(string, string): bool", matchText, true);

// ---- lists -------------------------------------------------------------------------------------------------------------

function joinList(list: readonly unknown[], separator = ""): string {
  spend(list.length);
  const texts = list.map((item) => {
    const text = writeText(item);
    if (text === undefined) return fail("`join()` takes a list of texts and numbers.");
    spendOnText(text.length + separator.length);
    return text;
  });
  return texts.join(separator);
}
define("list.join(): string", joinList);
define("list.join(string): string", joinList);
define("list.sum(): number", (list: unknown[]) => {
  spend(list.length);
  if (!list.every(isNumber)) return fail("`sum()` takes a list of numbers.");
  const whole = list.every((value) => typeof value === "bigint");
  return whole && list.length > 0
    ? list.reduce<bigint>((sum, value) => sum + (value as bigint), 0n)
    : list.reduce<number>((sum, value) => sum + Number(value), 0);
});
define("list.reverse(): list", (list: unknown[]) => {
  spend(list.length);
  return list.slice().reverse();
});
define("list.slice(number, number): list", (list: unknown[], from: number | bigint, to: number | bigint) => {
  spend(list.length >> 2);
  return list.slice(Math.max(0, Number(from)), Math.max(0, Number(to)));
});
define("list.flatten(): list", (list: unknown[]) => {
  for (const item of list) spend(Array.isArray(item) ? 1 + item.length : 1);
  return list.flat();
});
define("list.distinct(): list", (list: unknown[]) => {
  spend(list.length);
  const kept: unknown[] = [];
  const simple = new Set<unknown>();
  for (const item of list) {
    if (typeof item === "string" || typeof item === "boolean" || isNumber(item)) {
      // A number and the whole number of the same value are one.
      const mark = typeof item === "bigint" && BigInt(Number(item)) === item ? Number(item) : item;
      if (simple.has(mark)) continue;
      simple.add(mark);
      kept.push(item);
    } else {
      spend(kept.length);
      if (!kept.some((other) => areEqual(item, other))) kept.push(item);
    }
  }
  return kept;
});
define("list.sort(): list", (list: unknown[]) => {
  spend(list.length * (1 + Math.ceil(Math.log2(list.length + 1))));
  if (list.every(isNumber)) return list.slice().sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (!list.every((item) => typeof item === "string")) return fail("`sort()` takes a list of numbers or of texts.");
  for (const text of list) spendOnText(text.length);
  return list.slice().sort();
});

// ---- times -------------------------------------------------------------------------------------------------------------

const notTime = "`timestamp()` takes ISO text such as `2026-05-04T10:00:00Z`, or seconds since 1970.";
define("timestamp(string): timestamp", (text: string) => readTime(text) ?? fail(notTime));
define("timestamp(number): timestamp", (seconds: number | bigint) => timeFromSeconds(Number(seconds)) ?? fail(notTime));
define("timestamp(timestamp): timestamp", (time: Date) => time);
define(
  "duration(string): duration",
  (text: string) => readDuration(text) ?? fail("`duration()` takes text such as `90s`, `1h30m` or `250ms`."),
);
define("duration(duration): duration", (duration: Duration) => duration);
for (const [name, read] of Object.entries(timeParts)) {
  define(`timestamp.${name}(): int`, (time: Date) => BigInt(read(time)));
  define(`timestamp.${name}(string): int`, (time: Date, zone: string) => {
    spend(100);
    const shifted = shiftToZone(time, zone);
    return shifted ? BigInt(read(shifted)) : fail("There is no such time zone. Names look like `Europe/Berlin`.");
  });
}
for (const [name, ms] of Object.entries({
  getHours: 3_600_000,
  getMinutes: 60_000,
  getSeconds: 1_000,
  getMilliseconds: 1,
})) {
  define(`duration.${name}(): int`, (duration: Duration) => BigInt(Math.trunc(duration.milliseconds / ms)));
}
