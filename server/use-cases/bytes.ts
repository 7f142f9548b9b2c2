import "server-only";

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

/** The other way round, as the database takes it. */
export function readBytes(text: string | null, encoding: "text" | "base64"): Uint8Array<ArrayBuffer> | null {
  return text === null ? null : new Uint8Array(Buffer.from(text, encoding === "base64" ? "base64" : "utf8"));
}
