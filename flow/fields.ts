import { z } from "zod";

/**
 * What the form knows of a config field, carried by zod's `.meta()` into the JSON Schema that the inspector renders.
 */
export interface FieldMeta {
  title: string;
  help?: string;
  placeholder?: string;
  /** Which control; without one it follows from the type. */
  widget?:
    | "text" | "number" | "select" | "switch" | "textarea"
    | "expression" | "template" | "connection" | "topic" | "queue" | "cases" | "assignments" | "key-values" | "method" | "path";
  /** Folded under "Advanced". */
  advanced?: boolean;
  /** `connection` widget: which connection kind fits. */
  connectionKind?: string;
  /** `expression` widget: what the result must be. */
  expects?: "bool" | "string" | "number" | "list" | "map" | "any";
  /** `expression` widget: variables it may use (default: body, key, headers, meta). */
  variables?: string[];
  /** Show only when another field has one of these values. */
  when?: { field: string; is: (string | number | boolean)[] };
  /** Unit shown after a number. */
  unit?: string;
}

declare module "zod" {
  interface GlobalMeta extends Partial<Omit<FieldMeta, "title">> {}
}

/** A CEL expression: validated by `check`, evaluated per message. */
export const expression = (meta: FieldMeta) => z.string().meta({ ...meta, widget: "expression" });
/** Text with `${expression}` holes. */
export const template = (meta: FieldMeta) => z.string().meta({ ...meta, widget: "template" });
/** The name of a connection of that kind. */
export const connection = (kind: string, meta: Partial<FieldMeta> = {}) =>
  z.string().meta({ title: "Connection", help: "A named broker or endpoint from the Connections page.", ...meta, widget: "connection", connectionKind: kind });
export const text = (meta: FieldMeta) => z.string().meta(meta);
