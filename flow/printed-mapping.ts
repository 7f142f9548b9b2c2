/** How each of many dead letters is changed before it is sent: a whole new body, or fields that are set in it as a map node sets them. */
export type LetterMapping = { readonly cel: string } | { readonly set: Readonly<Record<string, string>> };

const setMark = "set ";

/** A mapping as it is kept and told: its expression, or `set {"field": "expression"}`, which is no expression. */
export function printMapping(mapping: LetterMapping): string {
  return "cel" in mapping ? mapping.cel : `${setMark}${JSON.stringify(mapping.set)}`;
}

/** A mapping from the text that it is kept as. */
export function readMapping(text: string): LetterMapping {
  return text.startsWith(`${setMark}{`) ? { set: JSON.parse(text.slice(setMark.length)) } : { cel: text };
}

/** The expressions of a mapping, each with the field that it sets; the whole new body has none. */
export function expressionsOf(mapping: LetterMapping): { field: string | null; source: string }[] {
  if ("cel" in mapping) return [{ field: null, source: mapping.cel }];
  return Object.entries(mapping.set).map(([field, source]) => ({ field, source }));
}
