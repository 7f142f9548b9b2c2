import { readExpression } from "@/flow/expression/read";
import { readSchema, shapeOfSchema } from "@/flow/shape/json-schema";
import type { ObjectShape } from "@/flow/shape/shape";

/** A map's settings as rows: a target field, and the expression that fills it. */
export interface Mapping {
  /** `set`: the other fields stay. `value`: these are the whole new body. `free`: an expression that is no list of fields. */
  readonly mode: "set" | "value" | "free";
  readonly rows: readonly MappingRow[];
}

export interface MappingRow {
  readonly field: string;
  readonly expression: string;
}

export function readMapping(config: Readonly<Record<string, unknown>>): Mapping {
  const { set, value } = config;
  if (typeof value !== "string" || value.trim() === "") {
    const entries = Object.entries((set ?? {}) as Record<string, string>);
    return { mode: "set", rows: entries.map(([field, expression]) => ({ field, expression })) };
  }
  try {
    const ast = readExpression(value);
    if (ast.op !== "map") return { mode: "free", rows: [] };
    const rows = ast.args.map(([key, part]) => {
      if (key.op !== "value" || typeof key.args !== "string") throw new TypeError("A name is not written out.");
      return { field: key.args, expression: value.slice(part.start, part.end) };
    });
    return { mode: "value", rows };
  } catch {
    return { mode: "free", rows: [] };
  }
}

/** The config's field that changes, and its new value. */
export function writeMapping({ mode, rows }: Mapping): { field: "set" | "value"; value: unknown } {
  if (mode === "value") {
    const parts = rows.map(({ field, expression }) => `'${field.replace(/[\\']/g, "\\$&")}': ${expression || "null"}`);
    return { field: "value", value: `{${parts.join(", ")}}` };
  }
  const set = Object.fromEntries(rows.map(({ field, expression }) => [field, expression]));
  return { field: "set", value: rows.length === 0 ? undefined : set };
}

/** With a field filled by an expression, in its place or at the end; an empty one takes the field out. */
export function setRow(mapping: Mapping, field: string, expression: string | null): Mapping {
  const rows = mapping.rows.filter((row) => expression !== null || row.field !== field);
  if (expression === null) return { ...mapping, rows };
  const at = rows.findIndex((row) => row.field === field);
  return { ...mapping, rows: at < 0 ? [...rows, { field, expression }] : rows.with(at, { field, expression }) };
}

/** What the map's target schema asks for; `null` without one, or while it cannot be read. */
export function readTarget(schema: unknown): ObjectShape | null {
  if (schema === undefined || schema === "") return null;
  try {
    const shape = shapeOfSchema(readSchema(schema));
    return shape.is === "object" ? shape : null;
  } catch {
    return null;
  }
}

/** `body.address.city` would fill a field `city`. */
export function nameAfter(path: string): string {
  return (/([A-Za-z_][\w-]*)(?:'\])?$/.exec(path)?.[1] ?? "field").replace(/^body$/, "all");
}
