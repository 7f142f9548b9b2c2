import type { FlowDocument, FlowNode } from "@/flow/document";
import { parseEndpoint } from "@/flow/graph";
import type { Problem } from "@/flow/problems";
import { findKind, titleOfNode } from "../drawing/kinds";
import { formatPlural } from "../ui/formats";
import { problemsOfNode } from "./indexes";

const disabledWords = {
  pass: "disabled, passes on",
  drop: "disabled, drops",
  block: "disabled, lets nothing in",
} as const;
const targets = new WeakMap<FlowDocument, Map<string, string[]>>();

/** What a screen reader says of a node: `Filter, Only German orders, 2 problems, wired to Add total, German orders`. */
export function nameNode(document: FlowDocument, node: FlowNode, problems: readonly Problem[]): string {
  const label = findKind(node.kind)?.label ?? node.kind;
  const title = titleOfNode(node);
  const count = problemsOfNode(problems, node.id).length;
  const next = targetsOf(document).get(node.id) ?? [];
  return [
    label,
    title === label ? "" : title,
    node.disabled ? disabledWords[node.disabled] : "",
    count > 0 ? formatPlural(count, "problem") : "",
    next.length > 0 ? `wired to ${next.join(", ")}` : "",
  ]
    .filter((part) => part !== "")
    .join(", ");
}

/** Titles of what each node's wires lead to. Made once for a drawing. */
function targetsOf(document: FlowDocument): Map<string, string[]> {
  const known = targets.get(document);
  if (known) return known;
  const titles = new Map(document.nodes.map((node) => [node.id, titleOfNode(node)]));
  const made = new Map<string, string[]>();
  for (const edge of document.edges) {
    const [from, to] = [parseEndpoint(edge.from, "out").node, parseEndpoint(edge.to, "in").node];
    const title = titles.get(to);
    if (title !== undefined) made.set(from, [...(made.get(from) ?? []), title]);
  }
  targets.set(document, made);
  return made;
}
