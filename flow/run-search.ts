import { parseTraceparent } from "./trace-context";

/** What a person typed to find a message's runs, as it is understood. */
export type RunSearch =
  /** A trace's id, or a whole `traceparent`. */
  | { readonly is: "trace"; readonly traceId: string }
  /** `orders[0]@4711`: where the message stood. `jobs-2@17` may be partition 2 of `jobs`, or the queue `jobs-2`: each is looked at. */
  | { readonly is: "place"; readonly lanes: readonly string[]; readonly position: string }
  /** `order=4711`: a value that runs are found by. */
  | { readonly is: "value"; readonly name: string; readonly value: string }
  /** A key, a value, a position, the id of a run, or words of an error. */
  | { readonly is: "words"; readonly text: string };

const partition = "(?:\\[(\\d{1,6})\\]|[-/:#](\\d{1,6}))";
const offset = "(\\d{1,19}(?:-\\d{1,19})?)";
/** `orders[0]@4711`, `orders-0@4711`, `orders/0 @ 4711`, `orders:0:4711`. */
const placed = new RegExp(`^([^\\s=@]+?)${partition}(?: ?@ ?|:)${offset}$`);
/** `jobs@4711`, `jobs:4711`: of a queue or a stream, which have no partitions. */
const unpartitioned = new RegExp(`^([^\\s=@]+)(?: ?@ ?(\\S{1,200})|:${offset})$`);
const named = /^([a-zA-Z_][\w.-]{0,79})=(.+)$/s;

/** Understands what was typed or pasted: an id as it stands in a log, a broker's tool or a list of this app. */
export function readRunSearch(typed: string): RunSearch {
  const text = typed.trim();
  const pasted = parseTraceparent(text.replace(/^traceparent[:=]\s*/i, ""));
  if (pasted) return { is: "trace", traceId: pasted.traceId };
  if (/^[0-9a-f]{32}$/i.test(text)) return { is: "trace", traceId: text.toLowerCase() };
  const [, topic, bracketed, plain, at] = placed.exec(text) ?? [];
  if (topic && at) {
    const whole = text.slice(0, text.length - at.length).replace(/(?: ?@ ?|:)$/, "");
    return { is: "place", lanes: [...new Set([`${topic}/${Number(bracketed ?? plain)}`, whole])], position: at };
  }
  const [, place, lettered, numbered] = unpartitioned.exec(text) ?? [];
  const position = lettered ?? numbered;
  // An address of mail is a key like any other.
  if (place && position && !position.includes(".")) return { is: "place", lanes: [place], position };
  const [, name, value] = named.exec(text) ?? [];
  if (name && value) return { is: "value", name, value: value.trim() };
  return { is: "words", text };
}

/** What is looked for, for a person: `trace 4bf9…`, `offset 4711 of orders/0`. Nothing for plain words. */
export function describeRunSearch(search: RunSearch): string | null {
  switch (search.is) {
    case "trace":
      return `Runs of the trace ${search.traceId.slice(0, 8)}…`;
    case "place":
      return `The message at ${search.position} of ${search.lanes[0]}`;
    case "value":
      return `Messages whose ${search.name} is ${search.value}`;
    case "words":
      return null;
  }
}

/** What of a run a search matched; of a value, which. */
export type FoundBy =
  | { readonly by: "id" | "trace" | "place" | "position" | "key" | "error" }
  | { readonly by: "value"; readonly name: string };

/** The same in one word, as addresses and counts have it: `key`, `value:order`. */
export type MatchedBy = Exclude<FoundBy["by"], "value"> | `value:${string}`;

/** What a list may be narrowed to: one of these, or `value` for any value. */
export const matchedByPattern = /^(key|trace|place|position|id|error|value|value:.{1,200})$/s;

/** A plain field is named by its place; the key is a value, too. */
export function readMatch(found: FoundBy): MatchedBy {
  if (found.by !== "value") return found.by;
  return found.name === "key" ? "key" : `value:${found.name.replace(/^body\./, "")}`;
}

/** By what a run was found, each once. */
export function matchesOf({ foundBy = [] }: { readonly foundBy?: readonly FoundBy[] }): MatchedBy[] {
  return [...new Set(foundBy.map(readMatch))];
}

/** Is this what a list is narrowed to? */
export function isBy(matched: MatchedBy, by: MatchedBy | "value"): boolean {
  return matched === by || (by === "value" && matched.startsWith("value:"));
}

/** For a person, behind "by": `key`, `order`, `words of an error`. */
export function describeMatch(by: MatchedBy): string {
  if (by === "error") return "words of an error";
  if (by === "id") return "id of the run";
  return by.replace(/^value:/, "");
}

/** How many runs were found by one thing; `more`: at least so many. */
export interface FoundCount {
  readonly by: MatchedBy;
  readonly count: number;
  readonly more: boolean;
}

/** So far is counted. */
export const mostCounted = 100;

/** Counts by what runs were found, what was found most often first. `more`: they are not all that there are. */
export function countMatches(
  runs: readonly { readonly foundBy?: readonly FoundBy[] }[],
  { more = false } = {},
): FoundCount[] {
  const counts = new Map<MatchedBy, number>();
  for (const by of runs.flatMap(matchesOf)) counts.set(by, (counts.get(by) ?? 0) + 1);
  return [...counts]
    .map(([by, count]) => ({ by, count: Math.min(count, mostCounted), more: more || count > mostCounted }))
    .sort((a, b) => b.count - a.count || a.by.localeCompare(b.by));
}

/** `3 by key`, `100+ by words of an error`. */
export function describeCount({ by, count, more }: FoundCount): string {
  return `${count}${more ? "+" : ""} by ${describeMatch(by)}`;
}
