import { findKind } from "./catalog";
import type { FlowNode } from "./document";

/** What a person reads as the node's name. */
export function titleOfNode(node: FlowNode): string {
  if (node.title) return node.title;
  const named = nameByKind(node);
  if (named) return named;
  // The id is what problems, runs and the command line call the node, so an untitled node shows it, readable.
  const words = node.id.replaceAll("-", " ").trim();
  return words ? words[0]!.toUpperCase() + words.slice(1) : node.id;
}

/** `BullMQ queue 2`: an id that was made from its kind's name reads as that name is written. */
function nameByKind(node: FlowNode): string | undefined {
  const label = findKind(node.kind)?.label;
  if (!label) return undefined;
  const base = label.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  const rest = node.id.startsWith(base) ? node.id.slice(base.length) : undefined;
  if (rest === "") return label;
  return rest !== undefined && /^-\d+$/.test(rest) ? `${label} ${rest.slice(1)}` : undefined;
}
