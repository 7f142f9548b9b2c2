import "server-only";
import { findKind } from "@/flow/catalog";
import { configureNode } from "@/flow/configure";
import type { FlowDocument } from "@/flow/document";
import { buildGraph, findReachable, readWire } from "@/flow/graph";
import { joinWords } from "@/flow/issues";

/**
 * What a second delivery of a message does at the nodes from here on that have effects, in words.
 * @param as `same`: it keeps the place by which it is known, as a dead letter does. `new`: it has a place of its own, so that it is told
 *   apart only by what it says.
 * @param been the nodes that a run of this very drawing came to: of the others it is said that it did not
 */
export function describeRepeat(
  document: FlowDocument,
  node: string,
  as: "same" | "new" = "same",
  been?: ReadonlySet<string>,
): string {
  const starts = new Set(document.nodes.filter(({ kind }) => findKind(kind)?.holds === "saga").map(({ id }) => id));
  // A second message with a saga's key starts nothing: what the saga does is not done again.
  const edges = document.edges.filter((edge) => !starts.has(readWire(edge).from.node));
  const reachable = findReachable(buildGraph({ nodes: document.nodes, edges }), [node]);
  const duplicating: string[] = [];
  const deduplicating: string[] = [];
  const elsewhere: string[] = [];
  for (const each of document.nodes.filter(({ id }) => reachable.has(id))) {
    const { kind, config } = configureNode(each);
    if (!kind || config === undefined) continue;
    const { repeat } = kind.semantics(config);
    const name = `“${each.title ?? each.id}”`;
    if (repeat === undefined || repeat === "harmless") continue;
    if (repeat === "duplicates" || (as === "new" && !repeat.byContent))
      (been && !been.has(each.id) ? elsewhere : duplicating).push(name);
    else deduplicating.push(`${name} by ${repeat.deduplicatedBy}`);
  }
  const words: string[] = [];
  if (duplicating.length > 0) {
    const [again, names] = [as === "new", joinWords(duplicating, "and")];
    words.push(
      again
        ? `Where the run's message has been, ${names} will have it twice.`
        : `Delivered at least once: if a worker ends midway, ${names} may have it twice.`,
    );
  }
  if (elsewhere.length > 0) words.push(`This run did not come to ${joinWords(elsewhere, "or")}.`);
  if (deduplicating.length > 0) words.push(`A second delivery is recognised at ${joinWords(deduplicating, "and")}.`);
  return words.length === 0 ? "A second delivery does no harm." : words.join(" ");
}
