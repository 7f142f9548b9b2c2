import type { ASTNode } from "@marcbachmann/cel-js";
import { type Compiled, frame, type Run, type Site, shorten } from "./compiled";
import { ExpressionError } from "./errors";
import { type CelType, Duration, isMap, nameType, Optional, readField, typeOf } from "./values";

/** Names that objects which are no maps have by themselves: only for these must the object be looked at first. */
const inherited = [Object, Array, Uint8Array, Date, Duration, Optional].map((type) => type.prototype as object);

/** May objects that are no maps have one of this name by themselves? */
const isInherited = (name: string) => name === "length" || inherited.some((prototype) => name in prototype);

/** A name that an object has only where it is a field of a map, in letters that are one byte each. */
export function isPlainField(name: string): boolean {
  return /^[A-Za-z_][\w-]*$/.test(name) && !isInherited(name);
}

/** `a.b`: absent fields throw with a way out, or give `undefined` where the place is lenient (`==`, `!=`, `in`, `has`). */
export function compileField(site: Site, node: ASTNode, baseNode: ASTNode, name: string): Compiled {
  const base = site.compile(baseNode);
  if (base.type === "optional") return compileOptionalAccess(site, node, base, () => name);
  const common = frame(site, node, [base]);
  refuseFields(base, name, common.range);
  const risky = isInherited(name);
  const read = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return undefined;
    return risky ? readField(value, name) : (value as Record<string, unknown>)[name];
  };
  const { run } = base;
  const lenientBase = base.lenient ?? run;
  const one = base.fieldOf?.(name);
  if (one) return { ...common, type: "dyn", lenient: one, run: orAbsent(one, base, name, common) };
  return {
    ...common,
    type: "dyn",
    run: (scope, locals) => {
      const owner = run(scope, locals);
      const value = read(owner);
      if (value !== undefined) return value;
      throw describeAbsent(base, owner, name, common);
    },
    lenient: (scope, locals) => read(lenientBase(scope, locals)),
  };
}

function orAbsent(one: Run, base: Compiled, name: string, at: Pick<Compiled, "range" | "source">): Run {
  return (scope, locals) => {
    const value = one(scope, locals);
    if (value !== undefined) return value;
    throw describeAbsent(base, base.run(scope, locals), name, at);
  };
}

/** A type that never has fields is refused before it runs. */
function refuseFields(base: Compiled, name: string, range: Compiled["range"]): void {
  if (base.type === "dyn" || base.type === "map") return;
  throw new ExpressionError("expression-type", wordNoField(base, base.type, name), range);
}

function wordNoField(base: Compiled, type: CelType, name: string): string {
  const text = shorten(base.source);
  const hint =
    name === "length" || name === "size"
      ? ` Write \`size(${text})\`.`
      : type === "list"
        ? ` Choose an item, \`${text}[0].${name}\`, or go through all: \`${text}.map(item, item.${name})\`.`
        : "";
  return `\`${text}\` is ${nameType(type)} and has no field \`${name}\`.${hint}`;
}

function describeAbsent(
  base: Compiled,
  owner: unknown,
  name: string,
  at: Pick<Compiled, "range" | "source">,
): ExpressionError {
  if (owner !== null && owner !== undefined && !isMap(owner)) {
    return new ExpressionError("expression-type", wordNoField(base, typeOf(owner), name), at.range);
  }
  const path = shorten(at.source);
  const optional = `${shorten(base.source)}.?${name}.orValue(…)`;
  const message = `\`${path}\` is absent on this message. Ask \`has(${path})\` first, or write \`${optional}\`.`;
  return new ExpressionError("expression-failed", message, at.range);
}

/** `list[0]`, `map['name']`. */
export function compileIndex(site: Site, node: ASTNode, baseNode: ASTNode, indexNode: ASTNode): Compiled {
  const base = site.compile(baseNode);
  const index = site.compile(indexNode);
  if (base.type === "optional") return compileOptionalAccess(site, node, base, index.run, index);
  const common = frame(site, node, [base, index]);
  const name = index.constant?.value;
  const one = typeof name === "string" ? base.fieldOf?.(name) : undefined;
  const lenientBase = base.lenient ?? base.run;
  return {
    ...common,
    type: "dyn",
    run: (scope, locals) => {
      const quick = one?.(scope, locals);
      if (quick !== undefined) return quick;
      const owner = base.run(scope, locals);
      const key = index.run(scope, locals);
      const value = readItem(owner, key);
      if (value !== undefined) return value;
      throw describeAbsentItem(base, owner, key, common);
    },
    lenient: one ?? ((scope, locals) => readItem(lenientBase(scope, locals), index.run(scope, locals))),
  };
}

function readItem(owner: unknown, key: unknown): unknown {
  if (Array.isArray(owner) || owner instanceof Uint8Array) {
    if (typeof key !== "number" && typeof key !== "bigint") return undefined;
    const index = Number(key);
    if (!Number.isInteger(index) || index < 0) return undefined;
    const item: unknown = owner[index];
    return owner instanceof Uint8Array && item !== undefined ? BigInt(item as number) : item;
  }
  return typeof key === "string"
    ? readField(owner, key)
    : typeof key === "object"
      ? undefined
      : readField(owner, String(key));
}

function describeAbsentItem(
  base: Compiled,
  owner: unknown,
  key: unknown,
  at: Pick<Compiled, "range">,
): ExpressionError {
  const text = shorten(base.source);
  if (Array.isArray(owner)) {
    const message =
      typeof key === "number" || typeof key === "bigint"
        ? `\`${text}\` is a list without an item at this place (the first is 0). Ask \`size(${text})\` first.`
        : `\`${text}\` is a list: items are chosen by number, \`${text}[0]\`.`;
    return new ExpressionError("expression-failed", message, at.range);
  }
  if (!isMap(owner)) {
    const message = `\`${text}\` is ${nameType(typeOf(owner))}: only lists and maps have items.`;
    return new ExpressionError("expression-type", message, at.range);
  }
  const message = `\`${text}\` has no field of this name on this message. Ask \`… in ${text}\` first, or write \`${text}[?…].orValue(…)\`.`;
  return new ExpressionError("expression-failed", message, at.range);
}

/** `a.?b`, `a[?b]`, and fields of what they give: an optional, empty as soon as one part is absent. */
export function compileOptionalAccess(site: Site, node: ASTNode, base: Compiled, keyOf: Run, key?: Compiled): Compiled {
  const read = base.lenient ?? base.run;
  return {
    ...frame(site, node, key ? [base, key] : [base]),
    type: "optional",
    run: (scope, locals) => {
      const value = read(scope, locals);
      const owner = value instanceof Optional ? value.content : value;
      const found = readItem(owner, keyOf(scope, locals));
      return found === undefined ? Optional.none : new Optional(found);
    },
  };
}
