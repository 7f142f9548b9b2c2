import { jsonCodec } from "./codecs/json";

const utf8 = new TextEncoder();

/** A key from an expression's result: text as UTF-8, bytes as they are, `null` as no key, everything else as its JSON. */
export function keyBytes(value: unknown): Uint8Array | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return utf8.encode(value);
  if (value instanceof Uint8Array) return value;
  return jsonCodec.encode(value);
}
