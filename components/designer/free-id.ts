/** An id that is not taken: the base itself, else with the first free number. */
export function freeId(taken: Iterable<string>, base: string): string {
  const used = new Set(taken);
  const clean =
    base
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 48) || "node";
  if (!used.has(clean)) return clean;
  for (let number = 2; ; number++) if (!used.has(`${clean}-${number}`)) return `${clean}-${number}`;
}
