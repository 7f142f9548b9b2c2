import { jsonCodec } from "./codecs/json";
import type { FlowDocument } from "./document";
import { buildGraph, parseEndpoint, sortTopologically } from "./graph";
import { headerText } from "./message";
import type { TestCase, TestMessage } from "./test-case";
import { type MessageBytes, readValue, saysValue } from "./test-message";
import type { CaseDifference } from "./trial";

/** What came where when a case was tried. */
export interface ActualOutcome {
  /** By endpoint: `node` of a sink, or `node.port`. */
  readonly arrived: ReadonlyMap<string, readonly MessageBytes[]>;
  /** `isTaken`: a wire took it on by the port `error`; then it need not be expected. */
  readonly failures: readonly { readonly node: string; readonly code: string; readonly isTaken: boolean }[];
}

/** Of one case so many are told. */
const maxDifferences = 200;

/**
 * Where a case and what came of it differ, in the order of the flow. What an expectation does not say (a key, a body, a header) is not
 * compared. JSON is compared field by field; messages of one endpoint in their order within a key, as no other order is promised.
 */
export function compareCase(flow: FlowDocument, expected: TestCase, actual: ActualOutcome): CaseDifference[] {
  const order = new Map(sortTopologically(buildGraph(flow)).map((id, index) => [id, index]));
  const differences = [
    ...compareFailures(expected, actual),
    ...Object.entries(expected.expect).flatMap(([at, messages]) =>
      compareMessages(at, messages, actual.arrived.get(at) ?? []),
    ),
  ];
  const place = ({ node }: CaseDifference) => order.get(node) ?? order.size;
  return differences.sort((a, b) => place(a) - place(b)).slice(0, maxDifferences);
}

function compareFailures({ fails = [] }: TestCase, { failures }: ActualOutcome): CaseDifference[] {
  const left = [...failures];
  const missing = fails.filter(({ node, code }) => {
    const found = left.findIndex((each) => each.node === node && each.code === code);
    if (found >= 0) left.splice(found, 1);
    return found < 0;
  });
  const surplus = left.filter(({ isTaken }) => !isTaken);
  // Another failure than the expected one, at the same node, is one difference.
  const pairs = missing.map(({ node, code }) => {
    const other = surplus.findIndex((each) => each.node === node);
    const actual = other < 0 ? undefined : surplus.splice(other, 1)[0]!.code;
    return failureDifference(node, code, actual);
  });
  return [...pairs, ...surplus.map(({ node, code }) => failureDifference(node, undefined, code))];
}

function failureDifference(node: string, expected: string | undefined, actual: string | undefined): CaseDifference {
  const show = (code: string | undefined) => (code === undefined ? null : JSON.stringify(code));
  return { at: node, node, message: 0, field: "failure", expected: show(expected), actual: show(actual) };
}

interface Expectation {
  readonly message: TestMessage;
  readonly index: number;
}

function compareMessages(
  at: string,
  expected: readonly TestMessage[],
  actual: readonly MessageBytes[],
): CaseDifference[] {
  const place = { at, node: parseEndpoint(at, "out").node };
  const numbered = expected.map((message, index): Expectation => ({ message, index }));
  const pairs: [Expectation, MessageBytes][] = [];
  const left = new Set(actual);
  const open = new Set(numbered);
  const pair = (expectation: Expectation, bytes: MessageBytes) => {
    pairs.push([expectation, bytes]);
    left.delete(bytes);
    open.delete(expectation);
  };
  // Each key in its order.
  for (const key of new Set(numbered.flatMap(({ message }) => message.key ?? []))) {
    const ofKey = actual.filter((bytes) => readKey(bytes) === key);
    for (const [index, expectation] of numbered.filter(({ message }) => message.key === key).entries())
      if (ofKey[index]) pair(expectation, ofKey[index]);
  }
  // The others in any order: first those that fit whole, then as they come.
  for (const expectation of [...open]) {
    if (typeof expectation.message.key === "string") continue;
    const fitting = [...left].find((bytes) => compareMessage(expectation.message, bytes).length === 0);
    if (fitting) pair(expectation, fitting);
  }
  for (const expectation of [...open]) {
    const [next] = left;
    if (next) pair(expectation, next);
  }
  pairs.sort(([a], [b]) => a.index - b.index);
  return [
    ...pairs.flatMap(([{ message, index }, bytes]) =>
      compareMessage(message, bytes).map((difference) => ({ ...place, message: index, ...difference })),
    ),
    ...[...open].map(({ message, index }) => ({
      ...place,
      message: index,
      field: "message",
      expected: showExpected(message),
      actual: null,
    })),
    ...[...left].map((bytes) => ({
      ...place,
      message: actual.indexOf(bytes),
      field: "message",
      expected: null,
      actual: showValue(bytes.value),
    })),
  ];
}

export type FieldDifference = Pick<CaseDifference, "field" | "expected" | "actual">;

function compareMessage(expected: TestMessage, actual: MessageBytes): FieldDifference[] {
  const differences: FieldDifference[] = [];
  const key = readKey(actual);
  if (expected.key !== undefined && expected.key !== key)
    differences.push({ field: "key", expected: JSON.stringify(expected.key), actual: JSON.stringify(key) });
  for (const [name, value] of expected.headers ?? []) {
    const text = headerText(actual.headers, name);
    const isThere = actual.headers.some((header) => header[0] === name && utf8.decode(header[1]) === value);
    if (!isThere)
      differences.push({ field: `headers.${name}`, expected: JSON.stringify(value), actual: showText(text) });
  }
  if (saysValue(expected)) compareValues(readValue(expected), actual.value, differences);
  return differences;
}

/** Where the body of a message differs before and after a change, field by field. Both are values as text; `null` is a tombstone. */
export function compareTexts(before: string | null, after: string | null): FieldDifference[] {
  const found: FieldDifference[] = [];
  const encode = (text: string | null) => (text === null ? null : new TextEncoder().encode(text));
  compareValues(encode(before), encode(after), found);
  return found;
}

function compareValues(expected: Uint8Array | null, actual: Uint8Array | null, into: FieldDifference[]): void {
  if (isSame(expected, actual)) return;
  const [wanted, came] = [readJson(expected), readJson(actual)];
  if (wanted && came) compareBodies(wanted.body, came.body, "body", into);
  else into.push({ field: "body", expected: showValue(expected), actual: showValue(actual) });
}

function compareBodies(expected: unknown, actual: unknown, path: string, into: FieldDifference[]): void {
  if (into.length >= maxDifferences) return;
  if (Array.isArray(expected) && Array.isArray(actual)) {
    for (let index = 0; index < Math.max(expected.length, actual.length); index++)
      compareField(expected, actual, index, `${path}[${index}]`, into);
    return;
  }
  if (isMap(expected) && isMap(actual)) {
    for (const name of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const step = /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
      compareField(expected, actual, name, `${path}${step}`, into);
    }
    return;
  }
  // Numbers and integers of any length are equal by what they count.
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number of the same value are never identical.
  const isEqual = isNumber(expected) && isNumber(actual) ? expected == actual : expected === actual;
  if (!isEqual) into.push({ field: path, expected: showJson(expected), actual: showJson(actual) });
}

function compareField(
  expected: object,
  actual: object,
  name: string | number,
  path: string,
  into: FieldDifference[],
): void {
  const [wanted, came] = [expected, actual].map((each) => Object.hasOwn(each, name));
  const read = (each: object) => (each as Record<string | number, unknown>)[name];
  if (wanted && came) compareBodies(read(expected), read(actual), path, into);
  else
    into.push({
      field: path,
      expected: wanted ? showJson(read(expected)) : null,
      actual: came ? showJson(read(actual)) : null,
    });
}

const utf8 = new TextDecoder();
/** A value is shown up to here. */
const maxShown = 2_000;

function readKey({ key }: MessageBytes): string | null {
  return key === null ? null : utf8.decode(key);
}

function readJson(value: Uint8Array | null): { readonly body: unknown } | undefined {
  if (value === null) return { body: null };
  try {
    return { body: jsonCodec.decode(value) };
  } catch {
    return undefined;
  }
}

function showExpected(message: TestMessage): string {
  return saysValue(message) ? showValue(readValue(message)) : "{}";
}

function showValue(value: Uint8Array | null): string {
  const json = readJson(value);
  return json ? showJson(json.body) : cut(JSON.stringify(utf8.decode(value ?? undefined)));
}

function showJson(value: unknown): string {
  return cut(utf8.decode(jsonCodec.encode(value)));
}

function showText(text: string | undefined): string | null {
  return text === undefined ? null : cut(JSON.stringify(text));
}

function cut(text: string): string {
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
