import type { PlainMessage, SeenMessage } from "../../flow/control";
import type { Header } from "../../flow/message";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder();
const encoder = new TextEncoder();

/** Bytes of a message as a person reads them: text when UTF-8, else base64; the value cut at `maxBytes`. */
export function toSeen(
  message: { key: Uint8Array | null; value: Uint8Array | null; headers: readonly Header[]; timestamp: number },
  at: { lane: string; position: string },
  maxBytes: number,
): SeenMessage {
  const value =
    message.value === null
      ? { value: null, encoding: "text" as const, truncated: false }
      : cut(message.value, maxBytes);
  return {
    key: message.key === null ? null : readText(message.key),
    headers: message.headers.map(([name, bytes]) => [name, readText(bytes)]),
    ...value,
    ...at,
    timestamp: message.timestamp,
  };
}

/** A message as typed, as bytes. */
export function fromPlain(message: PlainMessage): {
  key: Uint8Array | null;
  value: Uint8Array | null;
  headers: Header[];
} {
  const value =
    message.value === null
      ? null
      : message.encoding === "base64"
        ? new Uint8Array(Buffer.from(message.value, "base64"))
        : encoder.encode(message.value);
  return {
    key: message.key === null ? null : encoder.encode(message.key),
    value,
    headers: message.headers.map(([name, text]) => [name, encoder.encode(text)]),
  };
}

function cut(bytes: Uint8Array, maxBytes: number): { value: string; encoding: "text" | "base64"; truncated: boolean } {
  const truncated = bytes.length > maxBytes;
  let end = Math.min(bytes.length, maxBytes);
  // Not in the middle of a character: continuation bytes are 10xxxxxx.
  while (truncated && end > 0 && end > maxBytes - 4 && (bytes[end]! & 0xc0) === 0x80) end--;
  const kept = bytes.subarray(0, end);
  try {
    return { value: strict.decode(kept), encoding: "text", truncated };
  } catch {
    return { value: Buffer.from(kept).toString("base64"), encoding: "base64", truncated };
  }
}

function readText(bytes: Uint8Array): string {
  return lenient.decode(bytes);
}
