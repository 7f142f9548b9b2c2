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
  takeRoom(room);
  const { written } = encoder.encodeInto(text, page.subarray(used));
  return endAt(used + written);
}

/** Bytes among others, from a place to before another. */
export interface Span {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Some bytes of a text that make way for others. */
export interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The bytes of a span with some of them replaced, in their order; short ones share pages as texts do. */
export function replaceInUtf8(span: Span, replacements: readonly Replacement[]): Uint8Array {
  let room = span.end - span.start;
  for (const { text } of replacements) room += text.length * 3;
  if (room > longestShared) {
    const own = new Uint8Array(room);
    return own.slice(0, writeReplaced(own, 0, span, replacements));
  }
  takeRoom(room);
  return endAt(writeReplaced(page, used, span, replacements));
}

/** Answers the place after what it wrote. */
function writeReplaced(target: Uint8Array, start: number, span: Span, replacements: readonly Replacement[]): number {
  let at = start;
  let from = span.start;
  for (const { from: until, to, text } of replacements) {
    target.set(span.bytes.subarray(from, until), at);
    at += until - from;
    at += encoder.encodeInto(text, target.subarray(at)).written;
    from = to;
  }
  target.set(span.bytes.subarray(from, span.end), at);
  return at + span.end - from;
}

/** Makes sure that so many bytes of the page are free; at most `longestShared`. */
function takeRoom(bytes: number): void {
  if (used + bytes <= pageBytes) return;
  page = new Uint8Array(pageBytes);
  used = 0;
}

/** What was written to the page since it was last ended. */
function endAt(at: number): Uint8Array {
  const bytes = page.subarray(used, at);
  used = at;
  return bytes;
}

/** A text of so many characters is made faster by itself than by the engine's decoder. */
export const fewCharacters = 8;

/** The text of at most `fewCharacters` bytes, which are ASCII. */
export function readFewCharacters(bytes: Uint8Array, from: number, to: number): string {
  // What is read too much, past the end even, is cut off: one call for all lengths is what makes it fast.
  return String.fromCharCode(
    bytes[from]!,
    bytes[from + 1]!,
    bytes[from + 2]!,
    bytes[from + 3]!,
    bytes[from + 4]!,
    bytes[from + 5]!,
    bytes[from + 6]!,
    bytes[from + 7]!,
  ).slice(0, to - from);
}
