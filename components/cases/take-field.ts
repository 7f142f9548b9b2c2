import type { TestCase, TestMessage } from "@/flow/test-case";
import type { CaseDifference, Trial } from "@/flow/trial";

/** The case with one field expected as it came; everything else stays as it was expected. */
export function takeField(
  own: TestCase,
  { at, node, message: index, field, expected, actual }: CaseDifference,
  outcome: Trial["outcome"] | undefined,
): TestCase {
  if (field === "failure") {
    const fails = (own.fails ?? []).filter((each) => each.node !== node || each.code !== read(expected));
    if (actual !== null) fails.push({ node, code: String(read(actual)) });
    const { fails: _fails, ...rest } = own;
    return fails.length > 0 ? { ...rest, fails } : rest;
  }
  const messages = [...(own.expect[at] ?? [])];
  if (field === "message") {
    if (actual === null) messages.splice(index, 1);
    else messages.push(structuredClone(outcome?.expect[at]?.[index]) ?? takeValue({}, read(actual)));
  } else {
    messages[index] = takePart(messages[index] ?? {}, field, actual);
  }
  return { ...own, expect: { ...own.expect, [at]: messages } };
}

function takePart(message: TestMessage, field: string, actual: string | null): TestMessage {
  if (field === "key") return { ...message, key: actual === null ? null : (read(actual) as string | null) };
  if (field.startsWith("headers.")) {
    const name = field.slice("headers.".length);
    const others = (message.headers ?? []).filter(([other]) => other !== name);
    return { ...message, headers: actual === null ? others : [...others, [name, String(read(actual))]] };
  }
  const path = readPath(field.slice("body".length));
  if (path.length === 0) return takeValue(message, read(actual));
  const body = message.text === undefined ? message.body : read(message.text);
  return takeValue(message, setAt(body, path, actual));
}

/** A value as a message says it: JSON as a body, else as text. */
function takeValue(
  { body: _body, text: _text, base64: _base64, ...message }: TestMessage,
  value: unknown,
): TestMessage {
  if (typeof value === "object") return { ...message, body: value };
  return { ...message, text: String(value) };
}

function setAt(body: unknown, [step, ...rest]: readonly (string | number)[], actual: string | null): unknown {
  const copy: Record<string | number, unknown> | unknown[] = Array.isArray(body)
    ? [...body]
    : { ...(body as Record<string, unknown> | null) };
  if (rest.length > 0) (copy as Record<string | number, unknown>)[step!] = setAt(readStep(body, step!), rest, actual);
  else if (actual !== null) (copy as Record<string | number, unknown>)[step!] = read(actual);
  else if (Array.isArray(copy)) copy.splice(Number(step), 1);
  else delete copy[step!];
  return copy;
}

const readStep = (body: unknown, step: string | number): unknown => (body as Record<string | number, unknown>)?.[step];

/** `.items[0]["unit price"]` as its steps. */
function readPath(path: string): (string | number)[] {
  return [...path.matchAll(/\.([A-Za-z_]\w*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g)].map(([, name, index, quoted]) =>
    name !== undefined ? name : index !== undefined ? Number(index) : (JSON.parse(quoted!) as string),
  );
}

/** JSON text as it is told of a difference; one that was cut is taken as text. */
function read(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
