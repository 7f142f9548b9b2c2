import { describeRest, type KeepingFacts, type Rest } from "./durability";
import type { Graph } from "./graph";
import { type DeliveryLevel, type OrderScope, summarizeGuarantee } from "./guarantee";
import type { Member } from "./members";
import { endSentence } from "./order";
import type { Weakening } from "./standing";
import type { Walk, Way } from "./ways";

/** What holds from a source to an end, over all ways between them. */
export interface Path {
  readonly from: string;
  /** The sink, or the last step. */
  readonly to: string;
  readonly delivery: DeliveryLevel;
  readonly order: OrderScope;
  /** The key that the order `key` is by, as an expression. */
  readonly orderedBy?: string;
  readonly summary: string;
  readonly weakenings: readonly Weakening[];
  /** The places where messages of the path rest, in the order they come there. */
  readonly hops: readonly Hop[];
}

/** A place where messages rest. */
export interface Hop extends Rest {
  readonly node: string;
}

export interface Drawing {
  readonly graph: Graph;
  readonly members: ReadonlyMap<string, Member>;
  readonly ways: readonly Way[];
  /** The flow is exactly once. */
  readonly exact: boolean;
  /** Something in the flow is there to have each message once. */
  readonly aims: boolean;
  readonly facts: KeepingFacts;
  /** The connection in whose Redis the flow holds. */
  readonly holdsIn?: string | undefined;
}

/** The first `limit` ways as paths, with what weakens them; and what weakens any way at all. */
export function describePaths(drawing: Drawing, limit: number): { paths: Path[]; weakenings: Weakening[] } {
  const { graph, ways } = drawing;
  const leading = new Map<string, ReadonlySet<string>>();
  const rests = new Map<string, Hop | undefined>();
  const restOf = (node: string): Hop | undefined => {
    if (!rests.has(node)) rests.set(node, hopOf(drawing, node));
    return rests.get(node);
  };
  const paths = ways.slice(0, limit).map((way): Path => {
    const upstream = leading.get(way.end) ?? findLeading(graph, way.end);
    leading.set(way.end, upstream);
    const { source, passages } = way.walk;
    const nodes = [...passages.keys()].filter((id) => upstream.has(id));
    // Sinks on the way were left by their error port: nothing of the path rests there.
    const resting = nodes.filter((id) => id === way.end || drawing.members.get(id)?.role !== "sink");
    const hops = resting.flatMap((node) => restOf(node) ?? []);
    return {
      from: source.node,
      to: way.end,
      delivery: way.delivery,
      order: way.scope,
      ...(way.scope === "key" ? { orderedBy: way.by } : {}),
      summary: summarizeGuarantee(way.delivery, way.scope, way.windowMs),
      weakenings: [
        ...nodes.flatMap((node) => weakeningsOf(drawing, way.walk, node, node === way.end)),
        ...hops.flatMap((hop) => weakeningsAt(drawing, hop)),
      ],
      hops,
    };
  });
  return { paths, weakenings: collectWeakenings(drawing, restOf) };
}

function collectWeakenings(drawing: Drawing, restOf: (node: string) => Hop | undefined): Weakening[] {
  const walks = new Set(drawing.ways.map((way) => way.walk));
  const ends = new Set(drawing.ways.map((way) => way.end));
  const found = new Map<string, Weakening>();
  const add = (each: Weakening) => found.set(`${each.node}\n${each.text}`, each);
  for (const node of drawing.graph.nodes.keys()) {
    for (const walk of walks) {
      if (!walk.passages.has(node)) continue;
      for (const each of weakeningsOf(drawing, walk, node, ends.has(node))) add(each);
    }
    const hop = [...walks].some((walk) => walk.passages.has(node)) ? restOf(node) : undefined;
    if (hop) weakeningsAt(drawing, hop).forEach(add);
  }
  return [...found.values()];
}

/** What a node takes from the messages of one source. */
function weakeningsOf({ aims, exact, members }: Drawing, walk: Walk, node: string, isEnd: boolean): Weakening[] {
  const passage = walk.passages.get(node)!;
  const folded = [...passage.through, ...(isEnd ? passage.ending : [])].flatMap((each): Weakening[] => {
    if (each.weakens !== "delivery") return [each];
    return exact ? [] : [{ ...each, usual: !aims }];
  });
  const limits = members.get(node)?.semantics.limits;
  if (limits !== undefined) folded.push({ node, weakens: "delivery", text: limits, usual: true });
  return walk.source.node === node ? [...weakeningsOfSource(walk.source), ...folded] : folded;
}

/** What may be lost where messages rest. */
function weakeningsAt({ members }: Drawing, { node, strength, text, mend, usual = false }: Hop): Weakening[] {
  const risk = members.get(node)?.semantics.risk;
  const weak = { node, weakens: "durability" } as const;
  return [
    ...(risk ? [{ ...weak, ...risk, usual: false }] : []),
    ...(strength === "weak" ? [{ ...weak, usual, text, ...(mend === undefined ? {} : { mend }) }] : []),
  ];
}

function weakeningsOfSource({ node, semantics }: Member): Weakening[] {
  const mend = semantics.mend === undefined ? {} : { mend: semantics.mend };
  const found: Weakening[] = [];
  const each = semantics.source?.each;
  if (each) {
    const text = `Each worker gets all messages of \`${node}\`: what stands behind it is done once in every worker, and one that starts begins with the ${each === "latest" ? "newest" : "oldest"}.`;
    found.push({ node, weakens: "delivery", text, usual: true });
  }
  if (each && semantics.source?.delivery === "at-most-once") {
    const text = `What came while a worker was away, or was in its hands when it was killed, it never sees again: \`${node}\` begins with the newest in each that starts.`;
    found.push({
      node,
      weakens: "delivery",
      text,
      mend: "Let workers share the messages, or begin at the oldest.",
      usual: false,
    });
  } else if (semantics.source?.delivery === "at-most-once") {
    const text = `What \`${node}\` has handed over is lost when the worker ends before it is safe.`;
    found.push({ node, weakens: "delivery", text, ...mend, usual: false });
  }
  if (semantics.source?.order === "none") {
    // There never was an order that could be kept: nothing to mark.
    const text = endSentence(`\`${node}\` hands messages over without an order`);
    found.push({ node, weakens: "order", text, ...mend, usual: true });
  }
  return found;
}

function hopOf({ members, facts, holdsIn }: Drawing, node: string): Hop | undefined {
  const member = members.get(node);
  const rest = member && describeRest(member.semantics, facts, holdsIn);
  return rest && { node, ...rest };
}

/** Every node that leads to `end`, and itself. */
function findLeading(graph: Graph, end: string): ReadonlySet<string> {
  const seen = new Set([end]);
  for (const id of seen) for (const wire of graph.entering.get(id) ?? []) seen.add(wire.from.node);
  return seen;
}
