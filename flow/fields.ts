import * as z from "zod";
import type { PlaceType } from "./place";
import type { CallName } from "./saga/call-config";

export interface When {
  field: string;
  is: (string | number | boolean)[];
}

/**
 * What the form knows of a config field, carried by zod's `.meta()` into the JSON Schema that the inspector renders.
 * The meta stands last in a field's chain, so that it describes the field with its default.
 */
export interface FieldMeta {
  title: string;
  help?: string;
  placeholder?: string;
  /** Which control; without one it follows from the type. */
  widget?:
    | "text"
    | "number"
    | "select"
    | "switch"
    | "textarea"
    | "expression"
    | "template"
    | "connection"
    /** A place on the broker of the connection beside it. */
    | "place"
    | "cases"
    | "assignments"
    | "key-values"
    | "method"
    | "path"
    /** Fields of an object of its own. One without a default that is not required can be added and removed. */
    | "group"
    /** A list of names. */
    | "names"
    /** A JSON Schema. */
    | "schema";
  /** Folded under "Advanced". */
  advanced?: boolean;
  /** May be absent to its schema, as other fields decide whether it counts; where it is shown it must be filled in. */
  needed?: boolean;
  /** `connection` widget: which connection kind fits. */
  connectionKind?: string;
  /** `connection` widget: which kind fits follows from the field beside it that is named `call` (`connectionKindsByCall`), which is this where it is left out; as good as empty: the one named as its kind. */
  connectionByCall?: CallName;
  /** `place` widget: of which type, one that the connection's kind has. */
  place?: PlaceType;
  /** `place` widget: the node makes a missing one itself where another field of the same object has one of these values. */
  madeWhen?: When;
  /** `place` widget: what is chosen when a missing one is made from here; else as it stands there anyway. */
  placeOptions?: Readonly<Record<string, string>>;
  /** `place` widget: the name may have `${expression}` holes. */
  holes?: boolean;
  /** `expression` widget: what the result must be. */
  expects?: "bool" | "string" | "number" | "list" | "map" | "any";
  /** `expression` widget: variables it may use (default: body, key, headers, meta). */
  variables?: string[];
  /** Show only when another field of the same object has one of these values; hidden, it counts for nothing. */
  when?: When;
  /** `select` widget: the values in words, where those are not the values themselves. */
  words?: Readonly<Record<string, string>>;
  /** Names the group, subscription or reader under which the broker of a source keeps its place (`source-group.ts`). */
  namesGroup?: true;
  /** Unit shown after a number. */
  unit?: string;
}

declare module "zod" {
  interface GlobalMeta extends Partial<Omit<FieldMeta, "title">> {}
}

const connectionMeta = { title: "Connection", help: "A named broker or endpoint from the Connections page." };

/** A CEL expression: validated by `check`, evaluated per message. */
export const expression = (meta: FieldMeta) =>
  z
    .string()
    .min(1)
    .meta({ ...meta, widget: "expression" });
/** A CEL expression that may be left empty. */
export const optionalExpression = (meta: FieldMeta) =>
  z
    .string()
    .optional()
    .meta({ ...meta, widget: "expression" });
/** Text with `${expression}` holes. */
export const template = (meta: FieldMeta) =>
  z
    .string()
    .min(1)
    .meta({ ...meta, widget: "template" });
/** Text with holes that may be left empty. */
export const optionalTemplate = (meta: FieldMeta) =>
  z
    .string()
    .optional()
    .meta({ ...meta, widget: "template" });
/** The name of a connection of that kind. */
export const connection = (kind: string, meta: Partial<FieldMeta> = {}) =>
  z
    .string()
    .min(1)
    .meta({ ...connectionMeta, ...meta, widget: "connection", connectionKind: kind });
/** The name of a connection; a new node starts with that one. */
export const connectionOr = (initial: string, kind: string, meta: Partial<FieldMeta> = {}) =>
  z
    .string()
    .min(1)
    .default(initial)
    .meta({ ...connectionMeta, ...meta, widget: "connection", connectionKind: kind });
export const text = (meta: FieldMeta) =>
  z
    .string()
    .min(1)
    .meta({ ...meta, widget: "text" });
/** Headers to add: a name and a template each. */
export const headers = (meta: FieldMeta) =>
  z
    .record(z.string().min(1), z.string().meta({ title: "Value", widget: "template" }))
    .default({})
    .meta({ ...meta, widget: "key-values" });
/** A whole number within bounds, with a default. */
export const wholeNumber = (
  bounds: { readonly min: number; readonly max: number; readonly initial: number },
  meta: FieldMeta,
) =>
  z
    .int()
    .min(bounds.min)
    .max(bounds.max)
    .default(bounds.initial)
    .meta({ ...meta, widget: "number" });
