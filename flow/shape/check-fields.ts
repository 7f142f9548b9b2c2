import { listFields } from "../config-fields";
import { configureNode, type FindKind } from "../configure";
import type { FlowDocument } from "../document";
import { joinWords } from "../issues";
import { findNearest } from "../nearest";
import type { Fix, Problem } from "../problems";
import { holesOf } from "../template";
import { type AbsentField, readExpressionShape } from "./expression-shape";
import { readFlowShapes } from "./flow-shapes";

/** Warns of fields that the node before surely does not give: its schema, or the expression that made the body, does not know them. */
export function checkBodyFields(flow: FlowDocument, find: FindKind): Problem[] {
  const shapes = readFlowShapes(flow, find);
  return flow.nodes.flatMap((node) => {
    const body = shapes.into(node.id);
    if (body.is === "unknown") return [];
    const { kind, config } = configureNode(node, find);
    if (!kind) return [];
    const origin = shapes.originOf(node.id);
    return listFields(kind.config, config ?? node.config).flatMap(({ path, value, meta }): Problem[] => {
      // Expressions with names of their own see something else than the message.
      if (typeof value !== "string" || meta.variables !== undefined) return [];
      const parts =
        meta.widget === "expression"
          ? [{ source: value, from: 0 }]
          : meta.widget === "template" || meta.holes
            ? holesOf(value)
            : [];
      return parts.flatMap(({ source, from }) =>
        readExpressionShape(source, { body }).absent.map((absent) => ({
          code: "field-absent",
          severity: "warning",
          node: node.id,
          field: path,
          message: wordAbsent(absent, origin),
          range: { from: from + absent.range.from, to: from + absent.range.to },
          ...correctField(absent, value, from, path),
        })),
      );
    });
  });
}

/** The field that was probably meant, in place of the one that is not given. */
function correctField({ name, known, range }: AbsentField, value: string, from: number, path: string): { fix?: Fix } {
  const meant = findNearest(name, known);
  const at = value.lastIndexOf(name, from + range.to - name.length);
  if (meant === undefined || at < from + range.from) return {};
  const mended = value.slice(0, at) + meant + value.slice(at + name.length);
  return { fix: { do: "set-field", field: path, value: mended, label: `Use “${meant}”` } };
}

/** `orders` gives no `body.totl`. Did you mean `total`? */
export function wordAbsent({ name, owner, known, ownerIs }: AbsentField, origin: string): string {
  if (ownerIs !== undefined) return `\`${origin}\` gives ${ownerIs} in \`${owner}\`, which has no field \`${name}\`.`;
  const meant = findNearest(name, known);
  const shown = known.slice(0, 8).map((each) => `\`${each}\``);
  const way =
    meant !== undefined
      ? `Did you mean \`${meant}\`?`
      : shown.length === 0
        ? "It has none."
        : known.length > shown.length
          ? `It has ${shown.join(", ")} and ${known.length - shown.length} more.`
          : `It has ${joinWords(shown, "and")}.`;
  return `\`${origin}\` gives no field \`${name}\` in \`${owner}\`. ${way}`;
}
