/** A field of the body, or a path to one: `total`, `address.city`, `lines.0.sku`. `__proto__` is not a field. */
export const fieldPathPattern =
  /^(?!(?:.*\.)?__proto__(?:\.|$))[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_][A-Za-z0-9_-]*)*$/;

/** A value stands in the way of a path: a text where a record is needed. The message names the place, never the payload. */
export class BodyPathError extends Error {
  override readonly name = "BodyPathError";
}

/** Splits a path once, when a node is opened. */
export function parsePath(path: string): readonly string[] {
  return path.split(".");
}

/**
 * The body with a value set at a path; the parts that change are copied, the others shared. Records that are missing on the way are made.
 * @throws BodyPathError when something that is neither a record nor a list stands in the way.
 */
export function setPath(body: unknown, path: readonly string[], value: unknown): unknown {
  return setFrom(body, path, 0, value);
}

function setFrom(container: unknown, path: readonly string[], depth: number, value: unknown): unknown {
  const name = path[depth]!;
  const child = (current: unknown) => (depth === path.length - 1 ? value : setFrom(current, path, depth + 1, value));
  if (Array.isArray(container)) {
    const index = /^\d+$/.test(name) ? Number(name) : -1;
    if (index < 0 || index >= container.length)
      throw new BodyPathError(`${placeOf(path, depth)} is a list of ${container.length} and has no item \`${name}\``);
    return container.with(index, child(container[index]));
  }
  // Only a record that is missing on the way is made; a body that is no record at all is a surprise.
  if (container === undefined || (container === null && depth > 0)) return { [name]: child(undefined) };
  if (typeof container !== "object" || container === null || ArrayBuffer.isView(container))
    throw new BodyPathError(`${placeOf(path, depth)} is ${nameType(container)}, so \`${name}\` cannot be set in it`);
  // Copied and then set: a computed name in the literal would cost twice as much. No name is `__proto__` here (the pattern above).
  const copy = { ...(container as Record<string, unknown>) };
  copy[name] = child(Object.hasOwn(copy, name) ? copy[name] : undefined);
  return copy;
}

function placeOf(path: readonly string[], depth: number): string {
  return `\`${["body", ...path.slice(0, depth)].join(".")}\``;
}

/** What a value is, in a person's word: `a text`, `a list`. */
export function nameType(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "a text";
  if (typeof value === "boolean") return "true or false";
  if (typeof value === "number" || typeof value === "bigint") return "a number";
  return ArrayBuffer.isView(value) ? "bytes" : "a record";
}
