import type { Header } from "../../flow/message";

const byteaType = 17;
const nullLength = -1;

/**
 * A list of bytes as a parameter of the type `bytea[]`, in the binary form that Postgres receives arrays in (`array_recv`). The client would
 * write it as hexadecimal text: twice the bytes, and on the heap, which one message of fifty megabytes fills.
 */
export function writeByteaArray(list: readonly (Uint8Array | null)[]): Buffer {
  const size = list.reduce((sum, bytes) => sum + 4 + (bytes?.length ?? 0), 0);
  const array = Buffer.allocUnsafe(list.length === 0 ? 12 : 20 + size);
  let at = 0;
  const write = (value: number) => {
    at = array.writeInt32BE(value, at);
  };
  write(list.length === 0 ? 0 : 1);
  write(list.includes(null) ? 1 : 0);
  write(byteaType);
  if (list.length === 0) return array;
  write(list.length);
  write(1);
  for (const bytes of list) {
    write(bytes?.length ?? nullLength);
    if (!bytes) continue;
    array.set(bytes, at);
    at += bytes.length;
  }
  return array;
}

export function writeHeaders(headers: readonly Header[]): string {
  return JSON.stringify(headers.map(([name, value]) => [withoutNul(name), Buffer.from(value).toString("base64")]));
}

/** Postgres keeps no NUL in text. */
export function withoutNul(text: string): string {
  return text.replaceAll("\0", "");
}
