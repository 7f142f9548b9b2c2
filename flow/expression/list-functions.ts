import { spend, spendOnText } from "./budget";
import { define, fail } from "./function-table";
import { areEqual, isNumber, writeText } from "./values";

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
