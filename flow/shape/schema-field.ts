import * as z from "zod";
import type { FieldMeta } from "../fields";
import { readSchema, SchemaError, shapeOfSchema } from "./json-schema";
import { type Shape, unknownShape } from "./shape";

/** A field that holds a JSON Schema: as JSON text, or as the object itself. */
export const jsonSchemaField = (meta: FieldMeta) =>
  z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .superRefine((value, context) => {
      const problem = findSchemaProblem(value);
      if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
    })
    .optional()
    .meta({ ...meta, widget: "schema" });

/** The field `schema` of a source that reads JSON. */
export const schemaField = jsonSchemaField({
  title: "JSON Schema",
  help: "What the body looks like, as JSON. Expressions complete from it, and a field that it does not know is marked. It does not check messages.",
  placeholder: '{"properties": {"id": {"type": "string"}}}',
  when: { field: "codec", is: ["json"] },
  advanced: true,
});

function findSchemaProblem(value: unknown): string | undefined {
  if (value === "") return undefined;
  try {
    readSchema(value);
    return undefined;
  } catch (error) {
    if (error instanceof SchemaError) return error.message;
    throw error;
  }
}

/** The shape of what a source gives: what its schema says where it reads JSON, text where it reads text. */
export function shapeOfSource(config: { readonly codec: string; readonly schema?: unknown }): Shape {
  if (config.codec === "text") return { is: "text" };
  if (config.codec !== "json" || config.schema === undefined || config.schema === "") return unknownShape;
  try {
    return shapeOfSchema(readSchema(config.schema));
  } catch (error) {
    if (error instanceof SchemaError) return unknownShape;
    throw error;
  }
}
