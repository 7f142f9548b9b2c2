/**
 * How a message rides in Pulsar; `docs/messages.md` repeats it for those who connect their own services.
 *
 * The value's bytes are the payload, the key is Pulsar's key, and headers are properties, text each: what a plain producer sends is read as
 * it is, and what a plain consumer reads is what it expects. Pulsar has no null payload here, keys are text, and properties are a map of
 * text without an order. What that cannot say is said in properties of our own, only where it is needed:
 * - `millrace-body: null`: there is no value (a tombstone); the payload is empty.
 * - `millrace-key: base64`: the key's bytes are no UTF-8; the key is their base64.
 * - `millrace-headers`: a JSON list of `[name, text | {"base64": …}]`, when headers are not in the order of their names, a name comes more
 *   than once, or bytes are no UTF-8 (the property itself then has their base64). It counts only while the properties say the same: a
 *   program that passes a message on and changes a property is believed.
 */
import type { Header, Message } from "../../../flow/message";
import { type TextOrBytes, writeText } from "../text-or-bytes";
import type { Frame, ReceivedMessage } from "./seam";

const bodyProperty = "millrace-body";
const keyProperty = "millrace-key";
const headersProperty = "millrace-headers";
const own: ReadonlySet<string> = new Set([bodyProperty, keyProperty, headersProperty]);

const encoder = new TextEncoder();

type Properties = Record<string, string>;

/** The JSON text of a message for the WebSocket API, but for its last brace and the sender's context (`finishFrame`). */
export function writeFrame(
  message: Pick<Message, "key" | "value" | "headers">,
  options: { readonly deliverAfterMs?: number } = {},
): Frame {
  const { key, value } = message;
  const properties = writeHeaders(message.headers);
  if (value === null) properties[bodyProperty] = "null";
  let text = `{"payload":"${value === null ? "" : toBase64(value)}"`;
  if (key !== null) {
    const written = writeText(key);
    if (typeof written !== "string") properties[keyProperty] = "base64";
    text += `,"key":${JSON.stringify(typeof written === "string" ? written : written.base64)}`;
  }
  for (const _ in properties) {
    text += `,"properties":${JSON.stringify(properties)}`;
    break;
  }
  if (options.deliverAfterMs) text += `,"deliverAfterMs":${options.deliverAfterMs}`;
  return { text, size: text.length };
}

/** The whole message, with the mark by which its answer is known. */
export function finishFrame({ text }: Frame, context: number): string {
  return `${text},"context":"${context}"}`;
}

/** The key's bytes, or `null` for a message without one. */
export function readKey({ key, properties }: ReceivedMessage): Uint8Array | null {
  if (key === undefined || key === null) return null;
  return properties?.[keyProperty] === "base64" ? fromBase64(key) : encoder.encode(key);
}

/** The value's bytes, or `null` for a tombstone. */
export function readValue({ payload, properties, isNull }: ReceivedMessage): Uint8Array | null {
  if (isNull || (payload === "" && properties?.[bodyProperty] === "null")) return null;
  return fromBase64(payload);
}

/** The headers in their order, or in that of their names. */
export function readHeaders({ properties }: ReceivedMessage): readonly Header[] {
  if (!properties) return none;
  const names = Object.keys(properties).filter((name) => !own.has(name));
  const listed = properties[headersProperty];
  const exact = listed === undefined ? undefined : readList(listed, properties, names.length);
  if (exact !== undefined) return exact;
  if (names.length === 0) return none;
  return names.sort().map((name) => [name, encoder.encode(properties[name])]);
}

const none: readonly Header[] = [];

function writeHeaders(headers: readonly Header[]): Properties {
  // No prototype: a header may be called `__proto__`.
  const properties: Properties = Object.create(null);
  let last = "";
  let isPlain = true;
  for (const [name, bytes] of headers) {
    if (own.has(name)) continue;
    const value = writeText(bytes);
    isPlain &&= typeof value === "string" && (last === "" || name > last);
    properties[name] = typeof value === "string" ? value : value.base64;
    last = name;
  }
  if (!isPlain) {
    const list = headers.filter(([name]) => !own.has(name)).map(([name, bytes]) => [name, writeText(bytes)]);
    properties[headersProperty] = JSON.stringify(list);
  }
  return properties;
}

/** The list, if the properties still say the same. */
function readList(text: string, properties: Readonly<Properties>, names: number): Header[] | undefined {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(list)) return undefined;
  const headers: Header[] = [];
  const last = new Map<string, string>();
  for (const pair of list as unknown[]) {
    if (!Array.isArray(pair) || typeof pair[0] !== "string" || !isTextOrBytes(pair[1])) return undefined;
    const [name, value] = pair as [string, TextOrBytes];
    headers.push([name, typeof value === "string" ? encoder.encode(value) : fromBase64(value.base64)]);
    last.set(name, typeof value === "string" ? value : value.base64);
  }
  if (last.size !== names) return undefined;
  for (const [name, value] of last) if (properties[name] !== value) return undefined;
  return headers;
}

function isTextOrBytes(value: unknown): value is TextOrBytes {
  if (typeof value === "string") return true;
  return typeof value === "object" && value !== null && typeof (value as { base64?: unknown }).base64 === "string";
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function fromBase64(text: string): Uint8Array {
  return Buffer.from(text, "base64");
}
