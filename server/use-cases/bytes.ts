import "server-only";
import type { Header } from "@/flow/message";

/** Of one value so much is shown; as much as a person may edit. What is larger is had whole by an export. */
export const shownBytes = 1_000_000;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as a person sees them: text when they are UTF-8, else base64. */
export function showBytes(bytes: Uint8Array | null): { text: string | null; encoding: "text" | "base64" } {
  if (bytes === null) return { text: null, encoding: "text" };
  try {
    return { text: utf8.decode(bytes), encoding: "text" };
  } catch {
    return { text: Buffer.from(bytes).toString("base64"), encoding: "base64" };
  }
}

/** Headers as a person sees them. */
export function showHeaders(headers: readonly Header[]): [string, string][] {
  return headers.map(([name, bytes]) => [name, showBytes(bytes).text ?? ""]);
}

/** The beginning of bytes as a person sees it. @param size of all of them */
export function showBeginning(
  beginning: Uint8Array | null,
  size: number,
): ReturnType<typeof showBytes> & { truncated: boolean } {
  const truncated = beginning !== null && size > beginning.length;
  if (!truncated) return { ...showBytes(beginning), truncated };
  // A character may be cut in two: up to three bytes of it.
  for (let cut = 0; cut < 4; cut++) {
    const shown = showBytes(beginning.subarray(0, beginning.length - cut));
    if (shown.encoding === "text") return { ...shown, truncated };
  }
  return { ...showBytes(beginning), truncated };
}

/** The other way round, as the database takes it. */
export function readBytes(text: string | null, encoding: "text" | "base64"): Uint8Array<ArrayBuffer> | null {
  return text === null ? null : new Uint8Array(Buffer.from(text, encoding === "base64" ? "base64" : "utf8"));
}
