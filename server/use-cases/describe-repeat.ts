import "server-only";
import { findKind } from "@/flow/catalog";
import { configureNode } from "@/flow/configure";
import type { FlowDocument } from "@/flow/document";
import { buildGraph, findReachable, readWire } from "@/flow/graph";
import { joinWords } from "@/flow/issues";

/** What a second delivery of a message does at the nodes from here on that have effects, in words. */
export function describeRepeat(document: FlowDocument, node: string): string {
  const starts = new Set(document.nodes.filter(({ kind }) => findKind(kind)?.holds === "saga").map(({ id }) => id));
  // A second message with a saga's key starts nothing: what the saga does is not done again.
  const edges = document.edges.filter((edge) => !starts.has(readWire(edge).from.node));
  const reachable = findReachable(buildGraph({ nodes: document.nodes, edges }), [node]);
  const duplicating: string[] = [];
  const deduplicating: string[] = [];
  for (const each of document.nodes.filter(({ id }) => reachable.has(id))) {
    const { kind, config } = configureNode(each);
    if (!kind || config === undefined) continue;
    const { repeat } = kind.semantics(config);
    const name = `“${each.title ?? each.id}”`;
    if (repeat === "duplicates") duplicating.push(name);
    else if (repeat !== undefined && repeat !== "harmless") deduplicating.push(`${name} by ${repeat.deduplicatedBy}`);
  }
  const words: string[] = [];
  if (duplicating.length > 0) {
    words.push(
      `Sent at least once: should it be sent a second time, ${joinWords(duplicating, "and")} would have it twice.`,
    );
  }
  if (deduplicating.length > 0) words.push(`A second delivery is recognised at ${joinWords(deduplicating, "and")}.`);
  return words.length === 0 ? "A second delivery does no harm." : words.join(" ");
}
