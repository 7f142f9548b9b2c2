import { type FindKind, portsOf } from "../configure";
import type { Graph, Wire } from "../graph";
import type { Kind } from "../kind";
import { endsSaga, type Region } from "./region";

/** What keeps the branches of a saga from coming together. */
export type Flaw =
  /** A port that must lead on leads nowhere; `fork`: inside of whose branch. */
  | { readonly is: "way-ends"; readonly node: string; readonly port: string; readonly fork?: string }
  | { readonly is: "end-in-fork"; readonly node: string; readonly fork: string }
  /** Branches of a fork meet at a node that is no join. */
  | { readonly is: "branches-meet"; readonly node: string; readonly fork: string }
  | { readonly is: "join-without-fork"; readonly node: string }
  /** Branches of different forks, or of forks and none, come to one join. */
  | { readonly is: "join-of-several"; readonly node: string; readonly forks: readonly string[] }
  | { readonly is: "fork-with-several-joins"; readonly node: string; readonly joins: readonly string[] };

export interface Branches {
  /** By join, its fork. */
  readonly forks: ReadonlyMap<string, string>;
  readonly flaws: readonly Flaw[];
}

/** Inside of which branches a node stands, the innermost first. */
interface Frame {
  readonly fork: string;
  readonly branch: string;
  readonly below: Frame | null;
}

/**
 * Finds the join of each fork, going through the saga from its start. Without flaws, every way of every branch of a fork leads to one join,
 * and to that one come only ways of its branches.
 */
export function pairBranches(graph: Graph, region: Region, find: FindKind): Branches {
  const kindOf = (id: string) => find(graph.nodes.get(id)!.kind);
  const entering = groupBy(region.wires, (wire) => wire.to.node);
  const leaving = groupBy(region.wires, (wire) => wire.from.node);
  const flaws: Flaw[] = [];
  const forks = new Map<string, string>();
  const joins = new Map<string, string[]>();
  const frames = new Map<string, Frame | null>([[region.start, null]]);
  const opened = new Map<string, Frame>();

  /** Where a way is that leaves a node by a port: behind a fork in one of its branches. */
  const frameBehind = ({ from }: Wire): Frame | null => {
    const below = frames.get(from.node) ?? null;
    if (kindOf(from.node)?.kind !== "saga-fork") return below;
    const name = `${from.node}.${from.port}`;
    const frame = opened.get(name) ?? { fork: from.node, branch: from.port, below };
    opened.set(name, frame);
    return frame;
  };

  for (const node of region.nodes) {
    const kind = kindOf(node)!;
    const entries = [...new Set((entering.get(node) ?? []).map(frameBehind))];
    const frame = kind.kind === "saga-join" ? join(node, entries) : meet(node, entries);
    frames.set(node, frame);
    if (endsSaga(kind) && frame) flaws.push({ is: "end-in-fork", node, fork: frame.fork });
    const wired = new Set((leaving.get(node) ?? []).map((wire) => wire.from.port));
    for (const port of portsOf(graph.nodes.get(node)!, find).out) {
      if (!mustLeadOn(kind, port) || wired.has(port)) continue;
      // A wire that strays is told by itself.
      if (region.strays.some(({ from }) => from.node === node && from.port === port)) continue;
      const inside = kind.kind === "saga-fork" ? node : frame?.fork;
      flaws.push({ is: "way-ends", node, port, ...(inside === undefined ? {} : { fork: inside }) });
    }
  }
  for (const [node, found] of joins) {
    if (found.length > 1) flaws.push({ is: "fork-with-several-joins", node, joins: found });
  }
  return { forks, flaws };

  function join(node: string, entries: readonly (Frame | null)[]): Frame | null {
    const [top] = entries;
    const isOne = entries.every((each) => each && each.fork === top?.fork && each.below === top.below);
    if (!top || !isOne) {
      const others = [...new Set(entries.flatMap((each) => each?.fork ?? []))];
      flaws.push(
        others.length === 0 ? { is: "join-without-fork", node } : { is: "join-of-several", node, forks: others },
      );
      return top?.below ?? null;
    }
    forks.set(node, top.fork);
    joins.set(top.fork, [...(joins.get(top.fork) ?? []), node]);
    return top.below;
  }

  function meet(node: string, entries: readonly (Frame | null)[]): Frame | null {
    const inside = entries.find((each) => each !== null);
    if (entries.length > 1 && inside) flaws.push({ is: "branches-meet", node, fork: inside.fork });
    return entries[0] ?? null;
  }
}

/** Whether a saga is at a loss where nothing is wired to the port. Too late, a no and a failure turn it. */
function mustLeadOn(kind: Kind, port: string): boolean {
  return !endsSaga(kind) && !["error", "timeout", "rejected"].includes(port);
}

function groupBy(wires: readonly Wire[], keyOf: (wire: Wire) => string): ReadonlyMap<string, readonly Wire[]> {
  const groups = new Map<string, Wire[]>();
  for (const wire of wires) groups.set(keyOf(wire), [...(groups.get(keyOf(wire)) ?? []), wire]);
  return groups;
}
