import { jsonCodec } from "./codecs/json";
import { readIssues } from "./issues";
import { type TestMessage, testMessageSchema } from "./test-case";
import { writeValue } from "./test-message";
import { encodeUtf8 } from "./utf8";

export interface MessageLines {
  readonly messages: readonly { readonly line: number; readonly message: TestMessage }[];
  /** What is wrong with a line, from 1, as a sentence. */
  readonly problems: readonly { readonly line: number; readonly words: string }[];
}

const messageFields = new Set(["key", "headers", "body", "text", "base64", "value"]);

/**
 * Reads NDJSON: a message a line. A map of nothing but `key`, `headers` and one of `body`, `text`, `base64` or `value` is a message as the
 * flow file's tests write it (`headers` may be a map, `value` is JSON or text); all else in JSON is a body. Empty lines are passed over.
 */
export function readMessageLines(source: string): MessageLines {
  const messages: { line: number; message: TestMessage }[] = [];
  const problems: { line: number; words: string }[] = [];
  for (const [index, text] of source
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .entries()) {
    const line = index + 1;
    if (text.trim() === "") continue;
    try {
      messages.push({ line, message: readLine(text) });
    } catch (error) {
      problems.push({ line, words: error instanceof LineError ? error.message : "The line is not JSON." });
    }
  }
  return { messages, problems };
}

class LineError extends Error {
  override readonly name = "LineError";
}

/** @throws LineError, or SyntaxError for what is no JSON */
function readLine(text: string): TestMessage {
  const value: unknown = JSON.parse(text);
  if (!isMessage(value)) return writeValue(encodeUtf8(text.trim()));
  const { headers, value: given, ...rest } = value;
  const draft = {
    ...rest,
    ...(headers === undefined ? {} : { headers: isMap(headers) ? Object.entries(headers) : headers }),
    ...(given === undefined ? {} : typeof given === "string" ? writeValue(encodeUtf8(given)) : { body: given }),
  };
  const parsed = testMessageSchema.safeParse(draft);
  if (!parsed.success) {
    const words = readIssues(parsed.error, draft).map((issue) => `\`${issue.path.join(".")}\` ${issue.words}`);
    throw new LineError(`${words.join("; ")}.`);
  }
  const { key, headers: named, ...body } = parsed.data;
  return {
    ...(key === undefined || key === null ? {} : { key }),
    ...(named === undefined ? {} : { headers: named }),
    // The digits of its integers are in the text alone.
    ...("body" in body ? keepDigits(text, body.body) : body),
  };
}

/** The body of a line, as text where a JavaScript number would round an integer of it. */
function keepDigits(line: string, body: unknown): Pick<TestMessage, "body" | "text" | "base64"> {
  if (!/\d{16}/.test(line)) return { body };
  const exact = jsonCodec.decode(encodeUtf8(line)) as { body?: unknown; value?: unknown };
  const value = exact.body ?? exact.value;
  return value === undefined || value === null ? { body } : writeValue(jsonCodec.encode(value));
}

function isMessage(value: unknown): value is Record<string, unknown> {
  if (!isMap(value)) return false;
  const fields = Object.keys(value);
  return fields.every((name) => messageFields.has(name)) && fields.some((name) => name !== "key" && name !== "headers");
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
