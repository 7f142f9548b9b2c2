const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes where only text may stand: as the text that they are, or in base64 where they are no UTF-8. */
export type TextOrBytes = string | { readonly base64: string };

export function writeText(bytes: Uint8Array): TextOrBytes {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("utf8");
  // The replacement character stands for bytes that are no UTF-8, or for itself.
  if (!text.includes("\ufffd")) return text;
  try {
    return strict.decode(bytes);
  } catch {
    return { base64: buffer.toString("base64") };
  }
}
