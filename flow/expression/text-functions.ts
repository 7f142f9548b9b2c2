import { remainingBudget, spend, spendOnText } from "./budget";
import { define, fail } from "./function-table";
import { matchText } from "./pattern";

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
    spendOnText(text.length * (name === "reverse" ? 24 : 8));
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
