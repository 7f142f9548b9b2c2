import type { FlowNode } from "@/flow/document";
import { subtitleOfNode, titleOfNode } from "../drawing/kinds";

/** The nodes that a text is found in, best first: by title or id (whole, at the start, anywhere), then by kind, then by ports and settings. */
export function rankNodes(nodes: readonly FlowNode[], text: string): FlowNode[] {
  const wanted = text.trim().toLowerCase();
  return nodes
    .map((node) => ({ node, rank: rankNode(node, wanted) }))
    .filter(({ rank }) => rank < notFound)
    .sort((one, other) => one.rank - other.rank)
    .map(({ node }) => node);
}

const notFound = 5;

function rankNode(node: FlowNode, wanted: string): number {
  const names = [titleOfNode(node).toLowerCase(), node.id];
  if (names.some((name) => name === wanted)) return 0;
  if (names.some((name) => name.startsWith(wanted))) return 1;
  if (names.some((name) => name.includes(wanted))) return 2;
  if (node.kind.includes(wanted)) return 3;
  const settings = `${subtitleOfNode(node)} ${JSON.stringify(node.config)}`;
  return settings.toLowerCase().includes(wanted) ? 4 : notFound;
}
