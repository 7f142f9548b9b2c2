import { type Disabled, waysToDisable } from "@/flow/disabled";
import type { FlowDocument, FlowNode } from "@/flow/document";
import { nodeOf } from "./edit";

/** Disables nodes, each as it can where it cannot as asked; `undefined` enables them. */
export function setDisabled(
  document: FlowDocument,
  ids: readonly string[],
  disabled: Disabled | undefined,
): FlowDocument {
  const chosen = new Set(ids);
  const nodes = document.nodes.map((node): FlowNode => {
    if (!chosen.has(node.id)) return node;
    const ways = waysToDisable(node);
    const next = disabled && (ways.includes(disabled) ? disabled : ways[0]);
    if (next === node.disabled) return node;
    const { disabled: _before, ...rest } = node;
    return next ? { ...rest, disabled: next } : rest;
  });
  return nodes.some((node, index) => node !== document.nodes[index]) ? { ...document, nodes } : document;
}

/** Disables nodes in their usual way; enables them when all of them are disabled. */
export function toggleDisabled(document: FlowDocument, ids: readonly string[]): FlowDocument {
  const chosen = ids.flatMap((id) => nodeOf(document, id) ?? []);
  return setDisabled(document, ids, chosen.every((node) => node.disabled) ? undefined : "pass");
}
