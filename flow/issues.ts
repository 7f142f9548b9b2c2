import type * as z from "zod";

/** One complaint of a schema, in words, at its place. */
export interface Issue {
  readonly path: readonly (string | number)[];
  readonly what: "unknown" | "missing" | "invalid";
  /** Continues a sentence that begins with the field's name: `must be text`. */
  readonly words: string;
}

/** Turns zod's issues into words a person understands; unknown fields come one by one, each with its own path. */
export function readIssues(error: z.ZodError, input: unknown): Issue[] {
  return error.issues.flatMap((issue) => readIssue(issue, input, []));
}

type RawIssue = z.core.$ZodIssue;

function readIssue(issue: RawIssue, input: unknown, base: readonly (string | number)[]): Issue[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))];
  const value = readPath(input, path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({ path: [...path, key], what: "unknown", words: "is not known here" }));
    case "invalid_type":
      if (value === undefined || value === null) return [{ path, what: "missing", words: "is missing" }];
      return [{ path, what: "invalid", words: `must be ${nameType(issue.expected)}` }];
    case "invalid_union":
      return readUnion(issue.errors, issue.message, input, path, value);
    case "invalid_value":
      if (value === undefined) return [{ path, what: "missing", words: "is missing" }];
      return [
        { path, what: "invalid", words: `must be ${joinWords(issue.values.map((each) => `\`${String(each)}\``))}` },
      ];
    case "too_small":
      if (issue.origin === "string" && Number(issue.minimum) === 1)
        return [{ path, what: "missing", words: "is empty" }];
      return [{ path, what: "invalid", words: `must ${nameLimit("at least", issue.minimum, issue.origin)}` }];
    case "too_big":
      return [{ path, what: "invalid", words: `must ${nameLimit("at most", issue.maximum, issue.origin)}` }];
    case "invalid_format":
      if (value === "") return [{ path, what: "missing", words: "is empty" }];
      return [{ path, what: "invalid", words: `has a value that does not fit: ${lowerFirst(issue.message)}` }];
    default:
      return [{ path, what: "invalid", words: `has a value that does not fit: ${lowerFirst(issue.message)}` }];
  }
}

/** Of a union's branches, the one whose complaints lie deepest is the one that was meant. */
function readUnion(
  branches: readonly (readonly RawIssue[])[],
  message: string,
  input: unknown,
  path: readonly (string | number)[],
  value: unknown,
): Issue[] {
  if (value === undefined) return [{ path, what: "missing", words: "is missing" }];
  const read = branches.map((issues) => issues.flatMap((issue) => readIssue(issue, input, path)));
  const depthOf = (issues: readonly Issue[]) => Math.max(0, ...issues.map((issue) => issue.path.length));
  const deepest = read.reduce<Issue[]>((best, issues) => (depthOf(issues) > depthOf(best) ? issues : best), []);
  if (depthOf(deepest) > path.length) return deepest;
  const words = [...new Set(read.flat().map((issue) => issue.words.replace(/^must be /, "")))];
  return [{ path, what: "invalid", words: words.length > 0 ? `must be ${joinWords(words)}` : lowerFirst(message) }];
}

/** The value at a path, `undefined` where the path leads nowhere. */
export function readPath(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (at, part) => (typeof at === "object" && at !== null ? (at as Record<string, unknown>)[part] : undefined),
    value,
  );
}

function nameType(expected: string): string {
  switch (expected) {
    case "string":
      return "text";
    case "int":
      return "a whole number";
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    case "object":
    case "record":
      return "a map";
    default:
      return `of the type ${expected}`;
  }
}

function nameLimit(bound: string, limit: number | bigint, origin: string): string {
  if (origin === "string") return `have ${bound} ${limit} characters`;
  if (origin === "array" || origin === "set")
    return `have ${bound} ${limit} ${Number(limit) === 1 ? "entry" : "entries"}`;
  return `be ${bound} ${limit}`;
}

/** `a`, `a or b`, `a, b or c`. */
export function joinWords(words: readonly string[], last = "or"): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
