/** Finds what repeats, for snappy and LZ4: both say "copy so many bytes from so far back" with the same limits. */

const minMatch = 4;
const tableBits = 14;
/** Both formats point back at most 64 KB, so a block's places fit. */
const table = new Uint16Array(1 << tableBits);
/** After so many bytes without a match, as a power of two, the search takes longer steps. */
const patience = 5;

export type OnMatch = (literalStart: number, matchStart: number, offset: number, length: number) => void;

/**
 * Walks through a block of at most 64 KB and tells each repetition, with the literals before it. No match begins after
 * `lastStart` or reaches beyond `lastEnd`. Answers where the rest begins that repeats nothing.
 */
export function findMatches(
  input: Uint8Array,
  start: number,
  lastStart: number,
  lastEnd: number,
  onMatch: OnMatch,
): number {
  table.fill(0);
  let literalStart = start;
  let at = start + 1;
  while (at <= lastStart) {
    const word = readWord(input, at);
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - tableBits);
    const candidate = start + table[slot]!;
    table[slot] = at - start;
    if (readWord(input, candidate) !== word) {
      at += 1 + ((at - literalStart) >> patience);
      continue;
    }
    let end = at + minMatch;
    let from = candidate + minMatch;
    while (end < lastEnd && input[end] === input[from]) {
      end++;
      from++;
    }
    onMatch(literalStart, at, at - candidate, end - at);
    at = end;
    literalStart = end;
  }
  return literalStart;
}

function readWord(input: Uint8Array, at: number): number {
  return input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24);
}
