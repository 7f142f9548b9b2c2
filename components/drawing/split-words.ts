/** So many characters of an address stay in sight at its end. */
const keptAtEnd = 14;
/** Shorter ones fit into a row of a card. */
const shownInRow = 22;

/** Where a row of a card may cut words: an address, which has slashes or dots, before its end; others at their end. */
export function splitWords(words: string): [head: string, tail: string] {
  const isAddress = /\S[/.]\S/.test(words);
  if (!isAddress || words.length <= shownInRow) return [words, ""];
  const end = words.slice(-keptAtEnd);
  // Preferably at a part's beginning.
  const part = end.search(/[/.]/);
  const at = words.length - (part > 0 && part < keptAtEnd - 5 ? keptAtEnd - part : keptAtEnd);
  return [words.slice(0, at), words.slice(at)];
}
