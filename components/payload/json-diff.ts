/** Compares two payloads line by line, as they are printed: what was added, removed, kept. */
export interface DiffLine {
  kind: "same" | "added" | "removed";
  text: string;
}

/** Past this many lines on a side, the middle is not compared: a table of lines squared would stop the page. */
const comparedLines = 1500;

/** The text as it is shown: JSON printed with two spaces (digits kept as they came), anything else as it is. */
export function printPayload(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  return indentJson(text);
}

/**
 * Indents JSON without parsing numbers: ids beyond 2^53 keep their digits.
 * @param text valid JSON
 */
export function indentJson(text: string): string {
  let out = "";
  let depth = 0;
  let index = 0;
  const newLine = () => `\n${"  ".repeat(depth)}`;
  while (index < text.length) {
    const char = text[index]!;
    if (char === '"') {
      const end = endOfString(text, index);
      out += text.slice(index, end);
      index = end;
      continue;
    }
    index++;
    if (/\s/.test(char)) continue;
    if (char === "{" || char === "[") {
      const close = nextSign(text, index);
      if (text[close] === "}" || text[close] === "]") {
        out += char + text[close];
        index = close + 1;
        continue;
      }
      depth++;
      out += char + newLine();
    } else if (char === "}" || char === "]") {
      depth--;
      out += newLine() + char;
    } else if (char === ",") out += `,${newLine()}`;
    else if (char === ":") out += ": ";
    else out += char;
  }
  return out;
}

function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return index + 1;
}

function nextSign(text: string, start: number): number {
  let index = start;
  while (index < text.length && /\s/.test(text[index]!)) index++;
  return index;
}

/** A comma at the end of a line is no difference: the field before an added one gets it. */
const bare = (line: string) => line.replace(/,$/, "");

/** Lines of `after`, with the lines of `before` that are gone in their place. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split("\n");
  const b = after.split("\n");
  let start = 0;
  while (start < a.length && start < b.length && bare(a[start]!) === bare(b[start]!)) start++;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && bare(a[endA - 1]!) === bare(b[endB - 1]!)) {
    endA--;
    endB--;
  }
  const same = (text: string): DiffLine => ({ kind: "same", text });
  return [
    ...b.slice(0, start).map(same),
    ...diffMiddle(a.slice(start, endA), b.slice(start, endB)),
    ...b.slice(endB).map(same),
  ];
}

/** Longest common subsequence over what lies between the common start and end. */
function diffMiddle(a: string[], b: string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: "removed", text });
  const added = (text: string): DiffLine => ({ kind: "added", text });
  if (a.length > comparedLines || b.length > comparedLines) return [...a.map(removed), ...b.map(added)];
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        bare(a[i]!) === bare(b[j]!)
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (bare(a[i]!) === bare(b[j]!)) {
      lines.push({ kind: "same", text: b[j]! });
      i++;
      j++;
    } else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) lines.push(removed(a[i++]!));
    else lines.push(added(b[j++]!));
  }
  return [...lines, ...a.slice(i).map(removed), ...b.slice(j).map(added)];
}
