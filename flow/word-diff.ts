/** A stretch of two texts: in both, only in the later, only in the earlier. */
export interface TextPart {
  readonly is: "same" | "added" | "removed";
  readonly text: string;
}

/** Beyond this many pairs of words the table costs more than it tells. */
const maxPairs = 250_000;

/**
 * What differs between two texts, word by word, in reading order: what was removed stands before what came in its place. Texts of many
 * thousand words are given back whole, the one removed, the other added.
 */
export function diffWords(before: string, after: string): TextPart[] {
  const [old, now] = [splitWords(before), splitWords(after)];
  const start = countShared(old, now, (words, at) => words[at]);
  const [oldRest, nowRest] = [old.slice(start), now.slice(start)];
  const end = countShared(oldRest, nowRest, (words, at) => words[words.length - 1 - at]);
  const [from, to] = [oldRest.slice(0, oldRest.length - end), nowRest.slice(0, nowRest.length - end)];
  const parts: TextPart[] = [];
  const add = (is: TextPart["is"], words: readonly string[]) => {
    const text = words.join("");
    const last = parts.at(-1);
    if (text === "") return;
    if (last?.is === is) parts[parts.length - 1] = { is, text: last.text + text };
    else parts.push({ is, text });
  };
  add("same", old.slice(0, start));
  if (from.length * to.length > maxPairs) {
    add("removed", from);
    add("added", to);
  } else for (const { is, word } of alignWords(from, to)) add(is, [word]);
  add("same", oldRest.slice(oldRest.length - end));
  return parts;
}

/** As much of what stays is kept beside what differs, in characters. */
const keptBeside = 120;

/** Leaves out of long stretches that stay what is far from a difference, with `…` in its place: what differs is never out of sight. */
export function cutSame(parts: readonly TextPart[]): TextPart[] {
  return parts.map(({ is, text }, at) => {
    const [begins, ends] = [at === 0, at === parts.length - 1];
    const kept = keptBeside * (begins || ends ? 1 : 2);
    if (is !== "same" || text.length <= kept + 1) return { is, text };
    const head = begins ? "" : text.slice(0, keptBeside);
    const tail = ends ? "" : text.slice(-keptBeside);
    return { is, text: `${head}…${tail}` };
  });
}

/** Words, numbers, runs of space, and each other sign by itself: an expression differs in its signs, too. */
function splitWords(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
}

function countShared(
  one: readonly string[],
  other: readonly string[],
  read: (words: readonly string[], at: number) => string | undefined,
): number {
  const most = Math.min(one.length, other.length);
  let count = 0;
  while (count < most && read(one, count) === read(other, count)) count++;
  return count;
}

/** Along the longest common sequence of words. */
function alignWords(from: readonly string[], to: readonly string[]): { is: TextPart["is"]; word: string }[] {
  const width = to.length + 1;
  const lengths = new Uint32Array((from.length + 1) * width);
  for (let i = from.length - 1; i >= 0; i--) {
    for (let j = to.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        from[i] === to[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  const parts: { is: TextPart["is"]; word: string }[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    if (i < from.length && j < to.length && from[i] === to[j]) {
      parts.push({ is: "same", word: from[i]! });
      i++;
      j++;
    } else if (j === to.length || (i < from.length && lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)) {
      parts.push({ is: "removed", word: from[i++]! });
    } else parts.push({ is: "added", word: to[j++]! });
  }
  return parts;
}
