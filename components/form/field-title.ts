import type { Kind } from "@/flow/kind";
import { type FieldModel, fieldsOf } from "./model";

const known: Readonly<Record<string, string>> = {
  title: "Name",
  description: "Description",
  notes: "Notes",
  text: "Text",
  id: "Id",
  kind: "Kind and settings",
  retry: "Retry",
  disabled: "Disabled",
  nodes: "Nodes",
  color: "Colour",
  settings: "Settings",
};

/** What a person reads as the name of a field of the flow file: `config.cases.0.when` is `Cases › 1 › When`. */
export function fieldTitle(kind: Kind | undefined, path: string): string {
  const [first = "", ...rest] = path.split(".");
  if (first !== "config") return [known[first] ?? first, ...rest].join(" › ");
  let fields: readonly FieldModel[] = kind ? fieldsOf(kind.config) : [];
  return rest
    .map((name) => {
      if (/^\d+$/.test(name)) return `${Number(name) + 1}`;
      const field = fields.find((each) => each.name === name);
      fields = field?.parts ?? [];
      return field?.title ?? name;
    })
    .join(" › ");
}
