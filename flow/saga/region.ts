import type { FindKind } from "../configure";
import { type Graph, sortTopologically, type Wire } from "../graph";
import type { Kind } from "../kind";

/** The part of a drawing that is one saga: everything between a saga's start and its ends. */
export interface Region {
  readonly start: string;
  /** The node that `out` of the start leads to. */
  readonly first: string | null;
  /** Nodes that may stand inside, with the ends, each behind all that lead to it; not those on a circle. */
  readonly nodes: readonly string[];
  /** Wires by which the saga goes on from node to node. */
  readonly wires: readonly Wire[];
  /** Wires from inside to what cannot stand there, or to an input for messages from outside. */
  readonly strays: readonly Wire[];
}

/** A node at which a saga ends: what leaves it is a message. */
export function endsSaga(kind: Kind | undefined): boolean {
  return kind?.kind === "saga-end";
}

/** The sagas of a drawing, in the order of the file. */
export function findRegions(graph: Graph, find: FindKind): Region[] {
  const kindOf = (id: string) => find(graph.nodes.get(id)!.kind);
  const starts = [...graph.nodes.keys()].filter((id) => kindOf(id)?.holds === "saga");
  if (starts.length === 0) return [];
  const sorted = sortTopologically(graph);
  return starts.map((start) => findRegion(graph, start, kindOf, sorted));
}

function findRegion(
  graph: Graph,
  start: string,
  kindOf: (id: string) => Kind | undefined,
  sorted: readonly string[],
): Region {
  const leaving = graph.leaving.get(start)!.filter((wire) => wire.from.port === "out");
  const inside = new Set<string>();
  const wires: Wire[] = [];
  const strays: Wire[] = [];
  const take = (wire: Wire) => {
    if (wire.to.port === "in" && kindOf(wire.to.node)?.inSaga !== undefined) {
      inside.add(wire.to.node);
      wires.push(wire);
    } else strays.push(wire);
  };
  leaving.forEach(take);
  // A Set hands out what is added while it is walked.
  for (const id of inside) if (!endsSaga(kindOf(id))) graph.leaving.get(id)!.forEach(take);
  const nodes = sorted.filter((id) => inside.has(id));
  // Nodes on a circle, and behind one, have no place in an order: they are told by their circle.
  const placed = new Set([start, ...nodes]);
  const kept = wires.filter(({ from, to }) => placed.has(from.node) && placed.has(to.node));
  const first = kept.find((wire) => wire.from.node === start)?.to.node ?? null;
  return { start, first, nodes, wires: kept, strays };
}

/** By node, the start of the saga that it stands in. */
export function startsByNode(regions: readonly Region[]): ReadonlyMap<string, string> {
  return new Map(regions.flatMap(({ start, nodes }) => nodes.map((node) => [node, start] as const)));
}
