import type { Header } from "../../flow/message";

export function toBuffer(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function writeHeaders(headers: readonly Header[]): string {
  return JSON.stringify(headers.map(([name, value]) => [withoutNul(name), Buffer.from(value).toString("base64")]));
}

export function readHeaders(headers: readonly [string, string][]): Header[] {
  return headers.map(([name, value]) => [name, Buffer.from(value, "base64")]);
}

/** Postgres keeps no NUL in text. */
export function withoutNul(text: string): string {
  return text.replaceAll("\0", "");
}
