import { jsonCodec } from "./codecs/json";
import type { PlainMessage } from "./control";
import type { Header } from "./message";
import type { TestMessage } from "./test-case";
import { encodeUtf8 } from "./utf8";

/** A message as bytes: what comes from a source, and what a sink writes. */
export interface MessageBytes {
  readonly key: Uint8Array | null;
  readonly headers: readonly Header[];
  readonly value: Uint8Array | null;
}

/** The bytes of a message as a test writes it. Of several forms of a body the most exact one counts. @throws Error for base64 that is none */
export function readTestMessage({ key, headers = [], body, text, base64 }: TestMessage): MessageBytes {
  return {
    key: key === null || key === undefined ? null : encodeUtf8(key),
    headers: headers.map(([name, value]): Header => [name, encodeUtf8(value)]),
    value: readValue({ body, text, base64 }),
  };
}

/** Does it say anything of the value? One that says nothing has none as a message, and leaves it open as an expectation. */
export function saysValue({ body, text, base64 }: Pick<TestMessage, "body" | "text" | "base64">): boolean {
  return body !== undefined || text !== undefined || base64 !== undefined;
}

/** The bytes of a value as a test writes it. @throws Error for base64 that is none */
export function readValue({ body, text, base64 }: Pick<TestMessage, "body" | "text" | "base64">): Uint8Array | null {
  if (base64 !== undefined) return decodeBase64(base64);
  if (text !== undefined) return encodeUtf8(text);
  return body === undefined || body === null ? null : jsonCodec.encode(body);
}

/**
 * A message as a test writes it: a body where that is JSON whose digits a JavaScript number keeps, else text, else base64.
 * Read again it gives the same bytes, but for the spaces and the order of digits that JSON leaves open.
 */
export function writeTestMessage({ key, headers, value }: MessageBytes): TestMessage {
  return {
    ...(key === null ? {} : { key: utf8.decode(key) }),
    ...(headers.length === 0
      ? {}
      : { headers: headers.map(([name, bytes]): [string, string] => [name, utf8.decode(bytes)]) }),
    ...writeValue(value),
  };
}

/** A value as a test writes it. */
export function writeValue(value: Uint8Array | null): Pick<TestMessage, "body" | "text" | "base64"> {
  if (value === null) return { body: null };
  const text = toText(value);
  if (text === undefined) return { base64: encodeBase64(value) };
  const body = readBody(value);
  // A lone number or `null` as a body would not be the same text again.
  return typeof body === "object" && body !== null && !holdsBigint(body) ? { body } : { text };
}

/** A message that a person picked or typed. */
export function fromPlainMessage({ key, headers, value, encoding }: PlainMessage): TestMessage {
  const bytes = value === null ? null : encoding === "base64" ? decodeBase64(value) : encodeUtf8(value);
  return {
    ...(key === null ? {} : { key }),
    ...(headers.length === 0 ? {} : { headers }),
    ...writeValue(bytes),
  };
}

const utf8 = new TextDecoder();
const exactUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function toText(bytes: Uint8Array): string | undefined {
  try {
    return exactUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function readBody(bytes: Uint8Array): unknown {
  try {
    return jsonCodec.decode(bytes);
  } catch {
    return undefined;
  }
}

function holdsBigint(value: unknown): boolean {
  if (typeof value === "bigint") return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsBigint);
}

function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function decodeBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new Error("This is not base64.");
  }
}
