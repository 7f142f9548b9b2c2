import { jsonCodec } from "../codecs/json";
import type { Message } from "../message";
import { encodeUtf8 } from "../utf8";

/** JSON, but a text under another content type as it is: forms, XML, plain text. */
export function encodeBody(value: unknown, contentType: string | undefined): Uint8Array {
  if (typeof value === "string" && contentType !== undefined && !contentType.includes("json")) return encodeUtf8(value);
  return jsonCodec.encode(value ?? null);
}

/** The content type of a message's own bytes. */
export function contentTypeOf(message: Message): string {
  if (message.codec.name === "json") return "application/json";
  return message.codec.name === "text" ? "text/plain; charset=utf-8" : "application/octet-stream";
}
