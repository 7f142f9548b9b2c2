const encoder = new TextEncoder();

/** Texts up to here share a page; a longer one has bytes of its own. */
const pageBytes = 65_536;
const longestShared = 8_192;
let page = new Uint8Array(pageBytes);
let used = 0;

/** A text as UTF-8. Short ones are views into pages that they share: an allocation for each costs more than all the rest of it. */
export function encodeUtf8(text: string): Uint8Array {
  // A character of a string has at most three bytes.
  const room = text.length * 3;
  if (room > longestShared) return encoder.encode(text);
  if (used + room > pageBytes) {
    page = new Uint8Array(pageBytes);
    used = 0;
  }
  const { written } = encoder.encodeInto(text, page.subarray(used));
  const bytes = page.subarray(used, used + written);
  used += written;
  return bytes;
}
