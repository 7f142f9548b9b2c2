import * as z from "zod";
import { categories, connectionKinds, kinds } from "./catalog";
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

Every step and sink has the port **error** beside those that are named here. A message that fails for good leaves by it; when it is not wired, the message is kept in the dead letters.
*fx* marks an expression, \`\${…}\` a template: text with expressions in its holes. Both are CEL over \`body\`, \`key\`, \`headers\` and \`meta\`, unless the field says otherwise. How nodes stand in a file is told in [flow-file.md](flow-file.md).`;

function describeKind(kind: Kind): string {
  const ports = kind.ports(kind.example.config);
  const out = kind.kind === "switch" ? "one per case, `otherwise`" : ports.out.map((port) => `\`${port}\``).join(", ");
  return [
    `### ${kind.label} (\`${kind.kind}\`)`,
    `${kind.summary}. ${kind.role === "source" ? "Source" : kind.role === "sink" ? "Sink" : "Step"}${out ? `; ports: ${out}` : ""}.`,
    kind.help,
    describeFields(schemaOf(kind.config)),
    "Example:",
    `\`\`\`json\n${JSON.stringify({ id: "node", kind: kind.kind, config: omitDefaults(kind) }, null, 2)}\n\`\`\``,
  ].join("\n\n");
}

function schemaOf(config: z.ZodType): ObjectSchema {
  return z.toJSONSchema(config, { io: "input" }) as ObjectSchema;
}

function describeFields({ properties = {}, required = [] }: ObjectSchema): string {
  const rows = Object.entries(properties).map(([name, field]) => {
    const words = [field.title, field.help].flatMap((text) => (text ? [text.replace(/[.]?$/, ".")] : []));
    const notes = [
      ...words,
      ...(field.variables ? [`Over ${field.variables.map((each) => `\`${each}\``).join(", ")}.`] : []),
    ];
    const initial = required.includes(name) ? "required" : sayDefault(field.default);
    return `| \`${name}\` | ${describeType(field)} | ${initial} | ${escapeCell(notes.join(" "))} |`;
  });
  return ["| Field | Value | Default | Meaning |", "|---|---|---|---|", ...rows].join("\n");
}

function describeType(field: FieldSchema): string {
  if (field.widget === "expression") return "*fx*";
  if (field.widget === "template" || field.holes) return "`${…}`";
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
  const { properties = {} } = schemaOf(kind.config);
  const config = kind.example.config as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(config).filter(
      ([name, value]) => JSON.stringify(properties[name]?.default) !== JSON.stringify(value),
    ),
  );
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
