import type { FlowDocument, FlowNode } from "@/flow/document";
import { regionOf } from "../drawing/regions";
import type { Scope } from "../form/environment";
import { guessAnswers, guessData, guessDataAt } from "../simulation/example-answers";
import { nodeOf } from "./edit";

/**
 * What an expression of a saga's node sees: not a message but the saga's data, as it is when it comes there, or when the node is undone and
 * its own output is in it. What other services answer is guessed, so that it can be completed and tried before anything has run.
 */
export function sagaScopeOf(
  document: FlowDocument,
  node: string,
  scope: Scope | null,
  when: "comes" | "undone" = "comes",
): Scope | null {
  const region = regionOf(document, node);
  if (!region || node === region.start) return scope;
  const nodes = region.nodes.map((id) => nodeOf(document, id)!);
  const start = nodeOf(document, region.start)!;
  const { body, key, headers } = scope?.values ?? {};
  const before = nodesBefore(node, region.wires);
  if (when === "undone") before.add(node);
  const data = guessDataAt(
    guessData(body ?? {}, start, nodes),
    nodes.filter(({ id }) => before.has(id)),
    nodes,
  );
  const values = {
    body: data,
    key: keyOf(start, body, key),
    headers: headers ?? {},
    meta: { saga: "00000000-0000-4000-8000-000000000000", startedAt: Date.UTC(2026, 0, 1, 12) },
    answer: guessAnswers(nodes)[node] ?? {},
  };
  return { values, words: scope ? `${scope.words}, with guessed answers` : "a guess" };
}

/** The business key, where the start takes it out of the body as it is; else the message's. */
function keyOf({ config }: FlowNode, body: unknown, key: unknown): string {
  const path = typeof config.key === "string" ? /^body((?:\.[A-Za-z_]\w*)+)$/.exec(config.key.trim())?.[1] : undefined;
  const named = path
    ?.slice(1)
    .split(".")
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | null | undefined)?.[name], body);
  if (typeof named === "string" || typeof named === "number") return String(named);
  return typeof key === "string" ? key : "o-1";
}

/** All that a saga has passed when it comes to a node, on whichever way. */
function nodesBefore(node: string, wires: readonly { from: { node: string }; to: { node: string } }[]): Set<string> {
  const seen = new Set<string>();
  const open = [node];
  while (open.length > 0) {
    const at = open.pop()!;
    for (const { from, to } of wires) {
      if (to.node !== at || seen.has(from.node)) continue;
      seen.add(from.node);
      open.push(from.node);
    }
  }
  return seen;
}
