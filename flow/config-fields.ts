import * as z from "zod";
import type { FieldMeta } from "./fields";

/** A leaf of a config with what its schema says about it. */
export interface ConfigField {
  /** `cases.0.when`. */
  readonly path: string;
  readonly value: unknown;
  readonly meta: Partial<FieldMeta>;
}

/**
 * Every leaf of a config that carries a `widget` in its schema's meta: expressions, templates, connections, wherever they stand,
 * in lists and maps too.
 */
export function listFields(
  schema: z.ZodType,
  value: unknown,
  path = "",
  outer: Partial<FieldMeta> = {},
): ConfigField[] {
  if (value === undefined || value === null) return [];
  // What is said on the outside (`expression(…).optional().meta(…)`) goes before what the inside says.
  const meta: Partial<FieldMeta> = { ...schema.meta(), ...outer };
  const at = (name: string | number) => (path === "" ? String(name) : `${path}.${name}`);
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Record<string, z.ZodType>;
    return Object.entries(shape).flatMap(([name, field]) =>
      isShown(field, shape, value as Record<string, unknown>)
        ? listFields(field, (value as Record<string, unknown>)[name], at(name))
        : [],
    );
  }
  if (schema instanceof z.ZodArray) {
    if (!Array.isArray(value)) return [];
    return value.flatMap((item, index) => listFields(schema.element as z.ZodType, item, at(index)));
  }
  if (schema instanceof z.ZodRecord) {
    if (typeof value !== "object") return [];
    return Object.entries(value).flatMap(([name, item]) => listFields(schema.valueType as z.ZodType, item, at(name)));
  }
  if (schema instanceof z.ZodUnion) {
    const options = schema.options as readonly z.ZodType[];
    const option = options.find((each) => each.safeParse(value).success) ?? options[0];
    return option ? listFields(option, value, path, meta) : [];
  }
  if (schema instanceof z.ZodPipe) return listFields(schema.in as z.ZodType, value, path, meta);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodNonOptional ||
    schema instanceof z.ZodCatch
  ) {
    return listFields(schema.unwrap() as z.ZodType, value, path, meta);
  }
  return meta.widget === undefined ? [] : [{ path, value, meta }];
}

/** What the form does not show counts for nothing: what a person cannot see cannot be mended. */
function isShown(
  field: z.ZodType,
  shape: Readonly<Record<string, z.ZodType>>,
  value: Record<string, unknown>,
): boolean {
  const when = field.meta()?.when;
  if (!when) return true;
  const beside = value[when.field] ?? shape[when.field]?.safeParse(undefined).data;
  return when.is.includes(beside as string);
}

/** The title that the form shows for a field, else its own name. */
export function titleOf(schema: z.ZodType, path: readonly (string | number)[]): string {
  let at: z.ZodType | undefined = schema;
  let title: string | undefined;
  for (const part of path) {
    while (at && !(at instanceof z.ZodObject || at instanceof z.ZodArray || at instanceof z.ZodRecord)) {
      if (at instanceof z.ZodPipe) at = at.in as z.ZodType;
      else at = "unwrap" in at ? ((at.unwrap as () => z.ZodType)() as z.ZodType) : undefined;
    }
    // A file may call a field `toString`.
    if (at instanceof z.ZodObject)
      at = Object.hasOwn(at.shape, part) ? (at.shape as Record<string, z.ZodType>)[part] : undefined;
    else if (at instanceof z.ZodArray) at = at.element as z.ZodType;
    else if (at instanceof z.ZodRecord) at = at.valueType as z.ZodType;
    title = at?.meta()?.title;
  }
  return title ?? String(path.at(-1) ?? "config");
}
