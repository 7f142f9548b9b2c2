import type { FlowDocument } from "./document";
import type { TestCase, TestMessage } from "./test-case";

/** A line of the formatted file holds a whole value while it is not longer than this. */
const lineWidth = 120;

/**
 * The flow with its fields in the order of the format and the names inside configs sorted (databases do not keep their order),
 * without empty optional fields: equal drawings give equal documents.
 */
export function canonicalFlow(flow: FlowDocument): FlowDocument {
  return dropAbsent({
    format: flow.format,
    name: flow.name,
    title: flow.title || undefined,
    description: flow.description || undefined,
    settings: isEmpty(flow.settings) ? undefined : sortNames(flow.settings),
    nodes: flow.nodes.map((node) =>
      dropAbsent({
        id: node.id,
        kind: node.kind,
        version: node.version === 1 ? undefined : node.version,
        title: node.title || undefined,
        config: sortNames(node.config),
        retry: node.retry && {
          attempts: node.retry.attempts,
          backoff: node.retry.backoff,
          delayMs: node.retry.delayMs,
          maxDelayMs: node.retry.maxDelayMs,
        },
        position: node.position && { x: node.position.x, y: node.position.y },
        notes: node.notes || undefined,
        disabled: node.disabled,
      }),
    ),
    edges: flow.edges.map((edge) => ({ from: edge.from, to: edge.to })),
    notes: flow.notes?.length ? sortNames(flow.notes) : undefined,
    groups: flow.groups?.length ? sortNames(flow.groups) : undefined,
    parameters: isEmpty(flow.parameters) ? undefined : sortNames(flow.parameters),
    tests: flow.tests?.length ? flow.tests.map(orderCase) : undefined,
  });
}

/** What a person looks for first stands first. */
function orderCase({ name, at, now, message, answers, expect, fails }: TestCase): TestCase {
  return dropAbsent({
    name,
    at,
    now,
    message: orderMessage(message),
    answers: isEmpty(answers) ? undefined : sortNames(answers),
    expect: Object.fromEntries(
      Object.entries(expect)
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
        .map(([at, messages]) => [at, messages.map(orderMessage)]),
    ),
    fails: fails?.length ? fails : undefined,
  });
}

function orderMessage({ key, headers, body, text, base64 }: TestMessage): TestMessage {
  return dropAbsent({ key, headers: headers?.length ? headers : undefined, body: sortNames(body), text, base64 });
}

/** The flow as the text that is saved and hashed: canonical, readable, ending in a new line. Equal drawings give equal text. */
export function formatFlow(flow: FlowDocument): string {
  return `${layOut(canonicalFlow(flow), 0, 0)}\n`;
}

/** JSON with every list and map on one line where it fits there, as a person would write it. The outermost is always broken up. */
function layOut(value: unknown, indent: number, used: number): string {
  const line = writeLine(value);
  if (typeof value !== "object" || value === null || (indent > 0 && indent + used + line.length <= lineWidth))
    return line;
  const inner = indent + 2;
  const pad = " ".repeat(inner);
  const isList = Array.isArray(value);
  const entries = isList
    ? value.map((item) => pad + layOut(item, inner, 0))
    : Object.entries(value).map(([name, field]) => {
        const label = `${JSON.stringify(name)}: `;
        return pad + label + layOut(field, inner, label.length);
      });
  const [open, close] = isList ? "[]" : "{}";
  return entries.length === 0 ? `${open}${close}` : `${open}\n${entries.join(",\n")}\n${" ".repeat(indent)}${close}`;
}

function writeLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeLine).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${writeLine(field)}`);
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}

function sortNames<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(sortNames) as Value;
  if (typeof value !== "object" || value === null) return value;
  const sorted: [string, unknown][] = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, field]) => [name, sortNames(field)]);
  return Object.fromEntries(sorted) as Value;
}

function dropAbsent<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Value;
}

function isEmpty(value: object | undefined): boolean {
  return value === undefined || Object.keys(value).length === 0;
}
