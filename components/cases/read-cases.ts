import { maxTestCases, type TestCase, type TestMessage, testCaseSchema, testMessageSchema } from "@/flow/test-case";

/** What lines of JSON hold: whole cases, and messages of which cases are yet to be made. */
export interface ReadCases {
  cases: TestCase[];
  messages: TestMessage[];
  /** By line, counted from 1. */
  errors: { line: number; words: string }[];
}

/**
 * Reads one case or message a line. A line with `message` or `expect` is a case as in the flow file; one with `body`, `text` or `base64` is
 * a message; any other JSON is the body of one.
 */
export function readCases(text: string): ReadCases {
  const read: ReadCases = { cases: [], messages: [], errors: [] };
  const names = new Map<string, number>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const refuse = (words: string) => read.errors.push({ line: index + 1, words });
    if (read.cases.length + read.messages.length >= maxTestCases) {
      refuse(`A flow has at most ${maxTestCases} cases; this line and those behind it are too many.`);
      break;
    }
    const value = parseLine(line);
    if (!value) {
      refuse("This is not JSON. Write one case or message a line.");
      continue;
    }
    if (isMap(value.is) && ("expect" in value.is || "message" in value.is)) {
      const parsed = testCaseSchema.safeParse(value.is);
      if (!parsed.success) {
        refuse(explain(parsed.error.issues));
        continue;
      }
      const before = names.get(parsed.data.name);
      if (before !== undefined) {
        refuse(`The name “${parsed.data.name}” stands at line ${before} already.`);
        continue;
      }
      names.set(parsed.data.name, index + 1);
      read.cases.push(parsed.data);
    } else if (isMap(value.is) && ("body" in value.is || "text" in value.is || "base64" in value.is)) {
      const parsed = testMessageSchema.safeParse(value.is);
      if (parsed.success) read.messages.push(parsed.data);
      else refuse(explain(parsed.error.issues));
    } else {
      read.messages.push(typeof value.is === "object" ? { body: value.is } : { text: line.trim() });
    }
  }
  return read;
}

function parseLine(line: string): { is: unknown } | null {
  try {
    return { is: JSON.parse(line) };
  } catch {
    return null;
  }
}

/** The first thing that is wrong, with its place. */
export function explain(issues: readonly { path: readonly PropertyKey[]; message: string }[]): string {
  const [first] = issues;
  if (!first) return "This is no case.";
  const place = first.path.map(String).join(".");
  return place ? `\`${place}\`: ${first.message}` : first.message;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
