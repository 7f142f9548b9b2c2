/**
 * What is known of a value before it is there: of a body as it comes to a node. It describes and warns; nothing at run time depends on it.
 */
export type Shape =
  /** Anything may be there. */
  | { readonly is: "unknown" }
  | { readonly is: "null" | "bool" | "number" | "text" | "time" }
  | { readonly is: "list"; readonly item: Shape }
  | ObjectShape
  | { readonly is: "either"; readonly of: readonly Shape[] };

export interface ObjectShape {
  readonly is: "object";
  readonly fields: Readonly<Record<string, FieldShape>>;
  /** There are surely no other fields: a schema or an expression says so. Samples never do. */
  readonly closed: boolean;
}

export interface FieldShape {
  readonly shape: Shape;
  /** May be absent. */
  readonly optional?: true;
  /** What a schema says of it. */
  readonly doc?: string;
}

/** The shape of what an expression gives, from those of its variables. */
export type GiveShape = (source: string, variables: Readonly<Record<string, Shape>>) => Shape;

export const unknownShape: Shape = { is: "unknown" };

/** An object of exactly these fields. */
export function closedObject(fields: ObjectShape["fields"]): ObjectShape {
  return { is: "object", fields, closed: true };
}

/** The shape of a value that has one of two shapes. */
export function mergeShapes(a: Shape, b: Shape): Shape {
  if (a === b) return a;
  if (a.is === "unknown" || b.is === "unknown") return unknownShape;
  const merged: Shape[] = [];
  for (const each of [...optionsOf(a), ...optionsOf(b)]) {
    const at = merged.findIndex((other) => areMergeable(other, each));
    if (at < 0) merged.push(each);
    else merged[at] = mergeAlike(merged[at]!, each);
  }
  return merged.length === 1 ? merged[0]! : { is: "either", of: merged };
}

/** The ways a value may be. */
export function optionsOf(shape: Shape): readonly Shape[] {
  return shape.is === "either" ? shape.of : [shape];
}

function areMergeable(a: Shape, b: Shape): boolean {
  const isText = (shape: Shape) => shape.is === "text" || shape.is === "time";
  return a.is === b.is || (isText(a) && isText(b));
}

function mergeAlike(a: Shape, b: Shape): Shape {
  if (a.is === "list" && b.is === "list") return { is: "list", item: mergeShapes(a.item, b.item) };
  if (a.is === "object" && b.is === "object") return mergeObjects(a, b);
  return a.is === b.is ? a : { is: "text" };
}

function mergeObjects(a: ObjectShape, b: ObjectShape): ObjectShape {
  const fields: Record<string, FieldShape> = {};
  for (const name of new Set([...Object.keys(a.fields), ...Object.keys(b.fields)])) {
    const [one, other] = [a.fields[name], b.fields[name]];
    if (one && other) {
      const doc = one.doc ?? other.doc;
      fields[name] = {
        shape: mergeShapes(one.shape, other.shape),
        ...(one.optional || other.optional ? { optional: true } : {}),
        ...(doc === undefined ? {} : { doc }),
      };
    } else fields[name] = { ...(one ?? other)!, optional: true };
  }
  return { is: "object", fields, closed: a.closed && b.closed };
}

/**
 * The shape of a body in which a field is set, as `setPath` sets it: what is missing on the way is made. Anything but an object on the way
 * makes it unknown.
 */
export function setShape(shape: Shape, path: readonly string[], value: Shape): Shape {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (shape.is !== "object") return unknownShape;
  const child = shape.fields[name]?.shape ?? (shape.closed ? closedObject({}) : unknownShape);
  const inner = rest.length === 0 ? value : setShape(child, rest, value);
  return { ...shape, fields: { ...shape.fields, [name]: { shape: inner } } };
}

/** The same, taken to be all that there is: what samples show, looked at as if it were a schema. */
export function closeShape(shape: Shape): Shape {
  if (shape.is === "list") return { ...shape, item: closeShape(shape.item) };
  if (shape.is === "either") return { ...shape, of: shape.of.map(closeShape) };
  if (shape.is !== "object") return shape;
  const fields = Object.entries(shape.fields).map(([name, field]) => [
    name,
    { ...field, shape: closeShape(field.shape) },
  ]);
  return { ...shape, fields: Object.fromEntries(fields), closed: true };
}

/** The shape as people read it: `{id: text, total?: number}`, cut where it gets long. */
export function nameShape(shape: Shape, depth = 0): string {
  switch (shape.is) {
    case "unknown":
      return "any";
    case "bool":
      return "true/false";
    case "list":
      return `list of ${nameShape(shape.item, depth + 1)}`;
    case "either":
      return shape.of.map((each) => nameShape(each, depth + 1)).join(" or ");
    case "object": {
      const names = Object.entries(shape.fields);
      if (depth > 0) return names.length === 0 ? "object" : `object of ${names.length}`;
      const shown = names.slice(0, 6).map(([name, { shape: inner, optional }]) => {
        return `${name}${optional ? "?" : ""}: ${nameShape(inner, depth + 1)}`;
      });
      return `{${shown.join(", ")}${names.length > 6 ? ", …" : ""}}`;
    }
    default:
      return shape.is;
  }
}
