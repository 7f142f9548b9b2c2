const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text that these bytes are, or `undefined` where they are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  // The replacement character stands for bytes that are no UTF-8, or for itself.
  if (!text.includes("\ufffd")) return text;
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}
