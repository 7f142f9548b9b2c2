import { jsonCodec } from "./codecs/json";
import { encodeUtf8 } from "./utf8";

/** A key from an expression's result: text as UTF-8, bytes as they are, `null` as no key, everything else as its JSON. */
export function keyBytes(value: unknown): Uint8Array | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return encodeUtf8(value);
  if (value instanceof Uint8Array) return value;
  return jsonCodec.encode(value);
}
