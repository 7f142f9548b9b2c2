import type { Scope } from "./environment";

/** A word that could stand at the cursor. */
export interface Suggestion {
  label: string;
  kind: "variable" | "property" | "function";
  /** What it holds on the newest message. */
  detail?: string;
  /** Written instead of the label where they differ. */
  apply?: string;
}

const functions: Suggestion[] = [
  { label: "has", kind: "function", detail: "is the field there?", apply: "has(" },
  { label: "size", kind: "function", detail: "length of text, list or map", apply: "size(" },
  { label: "string", kind: "function", detail: "as text", apply: "string(" },
  { label: "int", kind: "function", detail: "as a whole number", apply: "int(" },
  { label: "double", kind: "function", detail: "as a number", apply: "double(" },
];

const methods: Suggestion[] = [
  { label: "startsWith", kind: "function", detail: "text begins with", apply: "startsWith('" },
  { label: "endsWith", kind: "function", detail: "text ends with", apply: "endsWith('" },
  { label: "contains", kind: "function", detail: "text contains", apply: "contains('" },
  { label: "matches", kind: "function", detail: "regular expression", apply: "matches('" },
  { label: "size", kind: "function", detail: "length", apply: "size()" },
  { label: "exists", kind: "function", detail: "any item of a list", apply: "exists(x, " },
];

const metaFields = { source: "", lane: "", position: "", timestamp: 0, attempt: 1 };

/**
 * What could stand at the end of the text before the cursor: variables and functions, or behind a dot the fields of the newest message.
 * `from` is where the word begins.
 */
export function suggest(
  before: string,
  scope: Scope | null,
  variables: readonly string[],
): { from: number; suggestions: Suggestion[] } | null {
  const path = /(?:^|[^\w.'"\])])((?:[A-Za-z_]\w*(?:\[\d+\])*\.)*)([A-Za-z_]\w*)?$/.exec(before);
  if (!path || isInText(before)) return null;
  const [, owners = "", word = ""] = path;
  const from = before.length - word.length;
  if (owners === "") {
    const known = variables.map(
      (name): Suggestion => ({ label: name, kind: "variable", ...detailOf(scope?.values[name]) }),
    );
    return { from, suggestions: [...known, ...functions] };
  }
  const owner = follow(owners.slice(0, -1), { meta: metaFields, ...scope?.values });
  if (typeof owner === "string") return { from, suggestions: methods };
  if (Array.isArray(owner))
    return { from, suggestions: methods.filter(({ label }) => label === "size" || label === "exists") };
  if (typeof owner !== "object" || owner === null) return { from, suggestions: [] };
  const fields = Object.entries(owner).filter(([name]) => /^[A-Za-z_]\w*$/.test(name));
  return { from, suggestions: fields.map(([name, value]) => ({ label: name, kind: "property", ...detailOf(value) })) };
}

function follow(path: string, root: unknown): unknown {
  return path
    .split(/\.|\[|\]/)
    .filter(Boolean)
    .reduce<unknown>((owner, part) => (owner as Record<string, unknown> | null | undefined)?.[part], root);
}

function detailOf(value: unknown): { detail?: string } {
  if (value === undefined || typeof value === "function") return {};
  const text = typeof value === "bigint" ? String(value) : JSON.stringify(value);
  return { detail: text.length > 28 ? `${text.slice(0, 27)}…` : text };
}

/** Does the text end inside of quotes? */
function isInText(before: string): boolean {
  let quote: string | null = null;
  for (let index = 0; index < before.length; index++) {
    const character = before[index]!;
    if (character === "\\") index++;
    else if (quote === null && (character === "'" || character === '"')) quote = character;
    else if (character === quote) quote = null;
  }
  return quote !== null;
}
