import { spend, spendOnText } from "./budget";
import { define, fail } from "./function-table";
import { readDuration, readTime, shiftToZone, timeFromSeconds, timeParts } from "./time";
import { type Duration, isNumber, listNames, makePlain, typeOf, writeText } from "./values";

// ---- sizes and conversions ---------------------------------------------------------------------------------------------

function countCharacters(text: string): bigint {
  spendOnText(text.length);
  let count = 0;
  for (const _ of text) count++;
  return BigInt(count);
}
const countEntries = (map: object) => BigInt(listNames(map).length);
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
  spendOnText(text.length * 3);
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
  spend(10);
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
    define(`${each}(list): number`, (list: unknown[]) => pickExtreme(list, name));
    define(`${each}(any, any): number`, (...values: unknown[]) => pickExtreme(values, name));
    define(`${each}(any, any, any): number`, (...values: unknown[]) => pickExtreme(values, name));
  }
  define(`list.${name}(): number`, (list: unknown[]) => pickExtreme(list, name));
}

// ---- times -------------------------------------------------------------------------------------------------------------

const notTime =
  "`timestamp()` takes ISO text such as `2026-05-04T10:00:00Z`, or seconds since 1970 (milliseconds: divide by 1000).";
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
    // Calendars of zones are slow.
    spend(400);
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
