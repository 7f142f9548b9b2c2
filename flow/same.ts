/** Are two JSON values the same, and the dates in them? In whatever order their fields stand; an absent field and one that is `undefined` are no difference. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (one instanceof Date || other instanceof Date)
    return one instanceof Date && other instanceof Date && one.getTime() === other.getTime();
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    return one.every((item, at) => isSame(item, other[at]));
  }
  const [a, b] = [one as Record<string, unknown>, other as Record<string, unknown>];
  for (const name of Object.keys(a)) if (!isSame(a[name], b[name])) return false;
  for (const name of Object.keys(b)) if (b[name] !== undefined && a[name] === undefined) return false;
  return true;
}

/**
 * The second value, made of parts of the first wherever they are the same: who compares by identity then sees only what differs.
 * Lists are matched by `id`, else by place.
 */
export function shareParts<Value>(known: unknown, value: Value): Value {
  if (isSame(known, value)) return known as Value;
  if (Array.isArray(value) && Array.isArray(known)) {
    const idOf = (item: unknown) =>
      typeof item === "object" && item !== null ? (item as { id?: unknown }).id : undefined;
    const byId = new Map(known.filter((item) => idOf(item) !== undefined).map((item) => [idOf(item), item]));
    return value.map((item, at) => shareParts(byId.get(idOf(item)) ?? known[at], item)) as Value;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Date) return value;
  if (typeof known !== "object" || known === null || Array.isArray(known)) return value;
  const parts = Object.entries(value).map(([name, part]) => [
    name,
    shareParts((known as Record<string, unknown>)[name], part),
  ]);
  return Object.fromEntries(parts) as Value;
}
