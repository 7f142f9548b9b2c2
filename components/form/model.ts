import * as z from "zod";
import type { FieldMeta, When } from "@/flow/fields";
import type { PlaceType } from "@/flow/place";
import { type CallName, connectionKindsByCall } from "@/flow/saga/call-config";

/** The parts of JSON Schema that the kinds' configs use, with the field meta that zod carries into it. */
export interface FieldSchema extends Partial<FieldMeta> {
  type?: string;
  enum?: (string | number)[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  properties?: Record<string, FieldSchema>;
  required?: string[];
  items?: FieldSchema;
  additionalProperties?: FieldSchema | boolean;
  anyOf?: FieldSchema[];
}

export type Widget = NonNullable<FieldMeta["widget"]>;

/** A field of a form: what the inspector draws, worked out from the schema. */
export interface FieldModel {
  name: string;
  title: string;
  widget: Widget;
  required: boolean;
  advanced: boolean;
  help?: string;
  placeholder?: string;
  /** What holds when nothing is typed. */
  initial?: unknown;
  options?: { value: string; label: string }[];
  min?: number;
  max?: number;
  whole?: boolean;
  unit?: string;
  connectionKind?: string;
  /** The kind of its connection follows from the field `call` beside it. */
  connectionByCall?: boolean;
  /** Of a place: its type, and when the node makes a missing one itself. */
  place?: PlaceType;
  madeWhen?: When;
  placeOptions?: FieldMeta["placeOptions"];
  holes?: boolean;
  expects?: FieldMeta["expects"];
  variables?: string[];
  when?: When;
  /** Of a group: its fields. Of a list of cases: its parts. Of named values: the one value. */
  parts?: FieldModel[];
}

const models = new WeakMap<z.ZodType, FieldModel[]>();

/** The fields of a config's schema, required ones first, each group in the schema's order. */
export function fieldsOf(schema: z.ZodType): FieldModel[] {
  let known = models.get(schema);
  if (!known) {
    // `input`: a field with a default is not required.
    known = readFields(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as FieldSchema);
    models.set(schema, known);
  }
  return known;
}

export function readFields(schema: FieldSchema): FieldModel[] {
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) =>
    readField(name, field, required.has(name)),
  );
  // Connections come before what lives on them, required before optional, the rest stays in the author's order.
  const rank = ({ name, connectionKind }: FieldModel) =>
    connectionKind !== undefined ? 0 : required.has(name) ? 1 : 2;
  return fields
    .map((field, index) => ({ field, index }))
    .sort((a, b) => rank(a.field) - rank(b.field) || a.index - b.index)
    .map(({ field }) => field);
}

function readField(name: string, schema: FieldSchema, required: boolean): FieldModel {
  const inner = schema.anyOf?.find((option) => option.type !== "null") ?? schema;
  const type = schema.type ?? inner.type;
  const choices = schema.enum ?? inner.enum;
  const model: FieldModel = {
    name,
    title: schema.title ?? name,
    widget: schema.widget ?? (inner.properties ? "group" : widgetFor(type, choices)),
    required: required || schema.needed === true,
    advanced: schema.advanced ?? false,
  };
  if (schema.default !== undefined) model.initial = schema.default;
  if (choices)
    model.options = choices.map((value) => ({
      value: String(value),
      label: schema.words?.[value] ?? wordsOfOption(String(value)),
    }));
  const min = schema.minimum ?? inner.minimum;
  const max = schema.maximum ?? inner.maximum;
  if (min !== undefined) model.min = min;
  if (max !== undefined && max < Number.MAX_SAFE_INTEGER) model.max = max;
  if (type === "integer") model.whole = true;
  for (const key of [
    "help",
    "placeholder",
    "unit",
    "connectionKind",
    "connectionByCall",
    "place",
    "madeWhen",
    "placeOptions",
    "holes",
    "expects",
    "variables",
    "when",
  ] as const) {
    if (schema[key] !== undefined) Object.assign(model, { [key]: schema[key] });
  }
  // Under "Topic is missing" a bare `orders` would look like what was typed.
  if (model.required && model.placeholder) model.placeholder = `for example ${model.placeholder}`;
  if (inner.properties) model.parts = readFields(inner);
  else if (schema.items?.properties) model.parts = readFields(schema.items);
  else if (typeof schema.additionalProperties === "object") {
    model.parts = [readField("value", schema.additionalProperties, true)];
  }
  return model;
}

function widgetFor(type: string | undefined, choices: unknown[] | undefined): Widget {
  if (choices) return "select";
  if (type === "boolean") return "switch";
  if (type === "integer" || type === "number") return "number";
  if (type === "object") return "key-values";
  return "text";
}

const optionWords: Readonly<Record<string, string>> = {
  json: "JSON",
  first: "First case that matches",
  all: "Every case that matches",
  earliest: "The oldest message kept",
  latest: "Messages from now on",
  halt: "Wait for a person",
};

function wordsOfOption(value: string): string {
  if (/^[A-Z]+$/.test(value)) return value;
  return optionWords[value] ?? `${value.charAt(0).toUpperCase()}${value.slice(1).replaceAll("-", " ")}`;
}

/** Which kind of connection fits, with what stands beside it. */
export function connectionKindOf(
  field: FieldModel,
  config: Readonly<Record<string, unknown>>,
  all: readonly FieldModel[],
): string | undefined {
  if (!field.connectionByCall) return field.connectionKind;
  const call = config.call ?? all.find(({ name }) => name === "call")?.initial;
  return connectionKindsByCall[call as CallName];
}

/** The connection that counts: the one that is named, else the one that stands there anyway. */
export function connectionOf(
  config: Readonly<Record<string, unknown>>,
  all: readonly FieldModel[],
): string | undefined {
  const field = all.find(({ widget }) => widget === "connection");
  const named = field && config[field.name];
  if (typeof named === "string" && named !== "") return named;
  // A call that names none uses the connection that is named as its kind.
  const usual = field?.connectionByCall ? connectionKindOf(field, config, all) : field?.initial;
  return typeof usual === "string" ? usual : undefined;
}

/**
 * What a group holds that was just added: the connection that stands there anyway is written out, so that the file says where it leads;
 * the rest are defaults.
 */
export function startOfGroup(parts: readonly FieldModel[]): Record<string, unknown> {
  const connection = connectionOf({}, parts);
  return connection === undefined ? {} : { connection };
}

/** Is the field shown, with what the others hold? For a field of a group, `config` and `all` are those of the group. */
export function isShown(
  field: FieldModel,
  config: Readonly<Record<string, unknown>>,
  all: readonly FieldModel[],
): boolean {
  return !field.when || holds(field.when, config, all);
}

/** Does another field of the same object have one of the values? */
export function holds(
  { field: other, is }: When,
  config: Readonly<Record<string, unknown>>,
  all: readonly FieldModel[],
): boolean {
  const value = config[other] ?? all.find((each) => each.name === other)?.initial;
  return is.includes(value as string);
}
