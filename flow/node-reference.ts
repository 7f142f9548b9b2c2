import * as z from "zod";
import { categories, kinds } from "./catalog";
import { connectionKinds } from "./connection-catalog";
import type { FieldMeta } from "./fields";
import type { Kind } from "./kind";

/** A field as JSON Schema describes it, with the form's meta. */
interface FieldSchema extends Partial<FieldMeta> {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly anyOf?: readonly FieldSchema[];
  readonly items?: ObjectSchema;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
}
interface ObjectSchema {
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
}

/** `docs/nodes.md`, made of the catalog: what the palette, the forms and the Help tab say, on one page. */
export function writeNodeReference(): string {
  const sections = categories.flatMap((category) => {
    const members = kinds.filter((kind) => kind.category === category);
    return members.length === 0 ? [] : [`## ${category}`, ...members.map(describeKind)];
  });
  const connections = connectionKinds.map((kind) =>
    [
      `### ${kind.label} (\`${kind.kind}\`)`,
      `${kind.summary}. ${kind.guarantees}`,
      describeFields(schemaOf(kind.config)),
      ...(kind.secrets.length === 0
        ? []
        : [
            "Secrets, stored encrypted and never shown again:",
            kind.secrets.map(({ name, title, help }) => `- \`${name}\`: ${title}.${help ? ` ${help}` : ""}`).join("\n"),
          ]),
    ].join("\n\n"),
  );
  return `${[introduction, ...sections, "## Connections", ...connections].join("\n\n")}\n`;
}

const introduction = `# Nodes

Made from the catalog by \`npm run docs\`; change a kind and run it again.

Every step and sink has the port **error** beside those that are named here, but for a saga's fork, join and end. A message that fails for good leaves by it; when it is not wired, the message is kept in the dead letters.
*fx* marks an expression, \`\${…}\` a template: text with expressions in its holes. Both are CEL over \`body\`, \`key\`, \`headers\` and \`meta\`, unless the field says otherwise. How nodes stand in a file is told in [flow-file.md](flow-file.md).`;

function describeKind(kind: Kind): string {
  const out = describePorts(kind);
  return [
    `### ${kind.label} (\`${kind.kind}\`)`,
    `${kind.summary}. ${kind.role === "source" ? "Source" : kind.role === "sink" ? "Sink" : "Step"}${out ? `; ports: ${out}` : ""}.`,
    kind.help,
    describeFields(schemaOf(kind.config)),
    "Example:",
    `\`\`\`json\n${JSON.stringify({ id: "node", kind: kind.kind, config: omitDefaults(kind) }, null, 2)}\n\`\`\``,
  ].join("\n\n");
}

function describePorts(kind: Kind): string {
  const name = (port: string) => `\`${port}\``;
  const out =
    kind.kind === "switch"
      ? "one per case, `otherwise`"
      : kind.kind === "saga-fork"
        ? "one per branch"
        : kind.ports(kind.example.config).out.map(name).join(", ");
  const entrances = (kind.entrances ?? []).map((port) => `beside its input it has \`${port}\``);
  return [out, ...entrances].filter(Boolean).join("; ");
}

function schemaOf(config: z.ZodType): ObjectSchema {
  return z.toJSONSchema(config, { io: "input" }) as ObjectSchema;
}

function describeFields(schema: ObjectSchema): string {
  if (Object.keys(schema.properties ?? {}).length === 0) return "It has no settings.";
  return ["| Field | Value | Default | Meaning |", "|---|---|---|---|", ...describeRows(schema, "")].join("\n");
}

/** Fields of an object stand below it; of several that are alike, below the first. */
function describeRows({ properties = {}, required = [] }: ObjectSchema, path: string): string[] {
  const groups = new Map<string, string>();
  return Object.entries(properties).flatMap(([name, field]) => {
    const words = [field.title, field.help].flatMap((text) => (text ? [text.replace(/[.]?$/, ".")] : []));
    const notes = [
      ...words,
      ...(field.variables ? [`Over ${field.variables.map((each) => `\`${each}\``).join(", ")}.`] : []),
      ...(field.when ? [`With \`${field.when.field}\` ${field.when.is.map((each) => `\`${each}\``).join(", ")}.`] : []),
    ];
    const initial = required.includes(name) ? "required" : sayDefault(field.default);
    const names = Object.keys(field.properties ?? {}).join();
    const alike = groups.get(names);
    if (field.properties) groups.set(names, alike ?? name);
    const type = alike ? describeLikeness(field, alike, properties[alike]!) : describeType(field);
    const row = `| \`${path}${name}\` | ${type} | ${initial} | ${escapeCell(notes.join(" "))} |`;
    return field.properties && !alike ? [row, ...describeRows(field as ObjectSchema, `${path}${name}.`)] : [row];
  });
}

/** ``as `action`, `attempts` 10``: the same fields, with other defaults. */
function describeLikeness(field: FieldSchema, alike: string, other: FieldSchema): string {
  const differing = Object.entries(field.properties ?? {}).filter(
    ([name, each]) => sayDefault(each.default) !== sayDefault(other.properties?.[name]?.default),
  );
  return [`as \`${alike}\``, ...differing.map(([name, each]) => `\`${name}\` ${sayDefault(each.default)}`)].join(", ");
}

function describeType(field: FieldSchema): string {
  if (field.widget === "expression") return "*fx*";
  if (field.widget === "template" || field.holes) return "`${…}`";
  if (field.widget === "group") return "the fields below";
  if (field.widget === "names") return "list of names";
  if (field.widget === "cases") return "list of `port`, `when` (*fx*)";
  if (field.widget === "assignments") return "field → *fx*";
  if (field.widget === "key-values") return "name → `${…}`";
  if (field.enum) return field.enum.map((each) => `\`${each}\``).join(" ");
  if (field.type === "integer" || field.type === "number") {
    const least = field.minimum ?? field.exclusiveMinimum;
    const bounds =
      field.maximum === undefined || field.maximum > 1e12 ? `from ${least}` : `${least} to ${field.maximum}`;
    return `${field.type === "integer" ? "whole number" : "number"} ${bounds}${field.unit ? ` ${field.unit}` : ""}`;
  }
  return field.type === "boolean" ? "true or false" : "text";
}

function sayDefault(value: unknown): string {
  if (value === undefined || value === "") return "";
  return typeof value === "object" && Object.keys(value ?? {}).length === 0 ? "" : `\`${String(value)}\``;
}

/** The example as a person would write it. */
function omitDefaults(kind: Kind): Record<string, unknown> {
  return omitDefaultsOf(kind.example.config as Record<string, unknown>, schemaOf(kind.config));
}

function omitDefaultsOf(value: Record<string, unknown>, { properties = {} }: ObjectSchema): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => {
      const field = properties[name];
      if (JSON.stringify(field?.default) === JSON.stringify(each)) return [];
      return [[name, field?.properties ? omitDefaultsOf(each as Record<string, unknown>, field) : each]];
    }),
  );
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
