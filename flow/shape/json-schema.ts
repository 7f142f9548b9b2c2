import { type FieldShape, mergeShapes, type Shape, unknownShape } from "./shape";

/** JSON Schema as JSON has it. */
export type JsonSchema = boolean | Readonly<Record<string, unknown>>;

/** What keeps a value from being a JSON Schema; the path leads into the schema: `properties.total.type`. */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
  constructor(
    readonly path: string,
    words: string,
  ) {
    super(path === "" ? `the schema ${words}` : `\`${path}\` ${words}`);
  }
}

const types = ["null", "boolean", "number", "integer", "string", "array", "object"] as const;
const maxDepth = 24;

/** Reads a schema that is JSON text, or the object itself. @throws SchemaError */
export function readSchema(source: unknown): JsonSchema {
  if (typeof source !== "string") return checkSchema(source, "");
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch (error) {
    throw new SchemaError("", `is not JSON: ${error instanceof Error ? error.message : "it cannot be read"}`);
  }
  return checkSchema(parsed, "");
}

const under = (path: string, name: string | number) => (path === "" ? String(name) : `${path}.${name}`);

/** Whether it is a schema, in what is used of it: types, fields, items, alternatives, references within itself. */
function checkSchema(value: unknown, path: string, root: unknown = value, depth = 0): JsonSchema {
  if (typeof value === "boolean") return value;
  if (!isRecord(value)) throw new SchemaError(path, "must be an object, or true or false");
  if (depth > maxDepth) throw new SchemaError(path, `is nested deeper than ${maxDepth}`);
  const at = (name: string) => under(path, name);
  for (const type of listOf(value.type)) {
    if (!types.includes(type as never))
      throw new SchemaError(at("type"), `is not a type of JSON Schema: use one of ${types.join(", ")}`);
  }
  const check = (part: unknown, where: string) => void checkSchema(part, where, root, depth + 1);
  for (const name of ["properties", "$defs", "definitions"]) {
    const parts = value[name];
    if (parts === undefined) continue;
    if (!isRecord(parts)) throw new SchemaError(at(name), "must be an object of schemas");
    for (const [key, part] of Object.entries(parts)) check(part, under(at(name), key));
  }
  for (const name of ["items", "additionalProperties"]) if (value[name] !== undefined) check(value[name], at(name));
  for (const name of ["anyOf", "oneOf", "allOf"]) {
    const parts = value[name];
    if (parts === undefined) continue;
    if (!Array.isArray(parts)) throw new SchemaError(at(name), "must be a list of schemas");
    for (const [index, part] of parts.entries()) check(part, under(at(name), index));
  }
  if (value.required !== undefined && !(Array.isArray(value.required) && value.required.every(isText)))
    throw new SchemaError(at("required"), "must be a list of names");
  if (value.$ref !== undefined && follow(value.$ref, root) === undefined)
    throw new SchemaError(at("$ref"), "leads nowhere: references lead to a place in the schema itself, `#/$defs/name`");
  return value;
}

/**
 * The shape that a schema gives. An object that names its `properties` has no others, unless `additionalProperties` says so: JSON Schema
 * lets more in, but a field that a schema does not know is one that nobody should build on.
 */
export function shapeOfSchema(schema: JsonSchema, root: JsonSchema = schema, depth = 0): Shape {
  if (typeof schema === "boolean" || depth > maxDepth) return unknownShape;
  if (schema.$ref !== undefined) {
    const found = follow(schema.$ref, root);
    return isRecord(found) ? shapeOfSchema(found, root, depth + 1) : unknownShape;
  }
  const next = (part: unknown) => shapeOfSchema(part as JsonSchema, root, depth + 1);
  const alternatives = (schema.anyOf ?? schema.oneOf) as readonly unknown[] | undefined;
  if (alternatives !== undefined && alternatives.length > 0) return alternatives.map(next).reduce(mergeShapes);
  if (Array.isArray(schema.allOf) && schema.allOf.length > 0)
    return [
      ...(schema.properties ? [shapeOfSchema({ ...schema, allOf: undefined }, root, depth + 1)] : []),
      ...schema.allOf.map(next),
    ].reduce(joinShapes);
  const values = schema.const !== undefined ? [schema.const] : (schema.enum as readonly unknown[] | undefined);
  const named = listOf(schema.type) as (typeof types)[number][];
  const kinds =
    named.length > 0 ? named : schema.properties ? (["object"] as const) : values ? values.map(typeOfValue) : [];
  if (kinds.length === 0) return unknownShape;
  return kinds.map((type) => shapeOfType(type, schema, next)).reduce(mergeShapes);
}

function shapeOfType(
  type: (typeof types)[number],
  schema: Record<string, unknown>,
  next: (part: unknown) => Shape,
): Shape {
  switch (type) {
    case "null":
      return { is: "null" };
    case "boolean":
      return { is: "bool" };
    case "number":
    case "integer":
      return { is: "number" };
    case "string":
      return { is: schema.format === "date-time" || schema.format === "date" ? "time" : "text" };
    case "array":
      return { is: "list", item: schema.items === undefined ? unknownShape : next(schema.items) };
    case "object": {
      const required = new Set(schema.required as readonly string[] | undefined);
      const fields = Object.entries((schema.properties ?? {}) as Record<string, unknown>).map(
        ([name, part]): [string, FieldShape] => {
          const doc = isRecord(part) ? (part.description ?? part.title) : undefined;
          return [
            name,
            {
              shape: next(part),
              ...(required.has(name) ? {} : { optional: true }),
              ...(typeof doc === "string" ? { doc } : {}),
            },
          ];
        },
      );
      const more = schema.additionalProperties;
      const closed =
        more === false || (more === undefined && fields.length > 0 && schema.patternProperties === undefined);
      return { is: "object", fields: Object.fromEntries(fields), closed };
    }
  }
}

/** A value that has both shapes: the fields of both. */
function joinShapes(a: Shape, b: Shape): Shape {
  if (a.is === "unknown") return b;
  if (b.is === "unknown" || a.is !== "object" || b.is !== "object") return a;
  const fields = { ...a.fields };
  for (const [name, field] of Object.entries(b.fields)) fields[name] ??= field;
  return { is: "object", fields, closed: a.closed && b.closed };
}

function follow(reference: unknown, root: unknown): unknown {
  if (typeof reference !== "string" || !reference.startsWith("#")) return undefined;
  return reference
    .slice(1)
    .split("/")
    .filter((part) => part !== "")
    .reduce<unknown>(
      (at, part) =>
        isRecord(at) && Object.hasOwn(at, part) ? at[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined,
      root,
    );
}

function typeOfValue(value: unknown): (typeof types)[number] {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") return "number";
  if (typeof value === "string") return "string";
  return "object";
}

const isText = (value: unknown): value is string => typeof value === "string";
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
