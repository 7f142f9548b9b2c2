import { configureNode, type FindKind, portsOf } from "../configure";
import type { FlowDocument, FlowNode } from "../document";
import { buildGraph, findReachable, type Graph } from "../graph";

/** An input of a node that holds something: what comes in there is awaited by what it holds. */
export interface Strand {
  readonly node: string;
  readonly input: string;
  /** Where it came from, and comes from no more, in words: `the topic \`payments\` of \`kafka\``. */
  readonly from: string;
  /** Those that are held and may still come there. */
  readonly concerns: (held: Standing) => boolean;
}

/** Something that is held: the node that holds it, and where it stands (`HeldRow`). */
export interface Standing {
  readonly node: string;
  readonly steps: readonly string[];
}

/**
 * What is held on one version and awaits something that another version takes in no more: a step's reply, a wait's event. What comes in is
 * read by the version that is deployed, whatever it is for; so each place that led to such an input must lead there still. Pure.
 */
export function findStrands(held: FlowDocument, deployed: FlowDocument, find?: FindKind): Strand[] {
  const before = buildGraph(held);
  const after = buildGraph(deployed);
  return held.nodes.flatMap((node) =>
    portsOf(node, find)
      .in.filter((input) => input !== "in")
      .flatMap((input) => {
        const now = after.nodes.get(node.id)?.kind === node.kind ? findPlaces(after, node.id, input, find) : new Set();
        const lost = [...findPlaces(before, node.id, input, find)].filter((place) => !now.has(place));
        if (lost.length === 0) return [];
        return [{ node: node.id, input, from: lost.join(" and "), concerns: mayComeTo(before, node.id, find) }];
      }),
  );
}

/**
 * Which of what is held may still come to a node: what stands there or before it, and, where the node has a compensation, sagas that stand
 * behind it, as they may turn. A saga that went another way round it and stands behind both counts as well.
 */
export function mayComeTo(graph: Graph, id: string, find?: FindKind): (held: Standing) => boolean {
  const node = graph.nodes.get(id)!;
  const undoes = node.config.compensation !== undefined || node.kind === "sub-saga";
  const behind = findReachable(graph, [id]);
  const reach = new Map<string, ReadonlySet<string>>();
  const leadsHere = (from: string) => {
    if (!reach.has(from)) reach.set(from, findReachable(graph, graph.nodes.has(from) ? [from] : []));
    return reach.get(from)!.has(id);
  };
  return ({ node: holder, steps }) => {
    if (configureNode(node, find).kind?.holds === "message") return holder === id;
    if (!leadsHere(holder)) return false;
    // One that is just beginning stands nowhere yet.
    return steps.length === 0 || steps.some((step) => leadsHere(step) || (undoes && behind.has(step)));
  };
}

/** The places whose messages come in by an input of a node, in words that are equal for the same. */
function findPlaces(graph: Graph, node: string, input: string, find: FindKind | undefined): Set<string> {
  const leading = (id: string) => graph.entering.get(id) ?? [];
  const seen = new Set(
    leading(node)
      .filter((wire) => wire.to.port === input)
      .map((wire) => wire.from.node),
  );
  for (const id of seen) for (const wire of leading(id)) seen.add(wire.from.node);
  const sources = [...seen].filter((id) => configureNode(graph.nodes.get(id)!, find).kind?.role === "source");
  return new Set(sources.map((id) => wordPlace(graph.nodes.get(id)!, find)));
}

function wordPlace(node: FlowNode, find: FindKind | undefined): string {
  const config = (configureNode(node, find).config ?? node.config) as Record<string, unknown>;
  const at = typeof config.connection === "string" ? ` of \`${config.connection}\`` : "";
  if (typeof config.topic === "string") return `the topic \`${config.topic}\`${at}`;
  if (typeof config.queue === "string") return `the queue \`${config.queue}\`${at}`;
  if (typeof config.path === "string") {
    const method = typeof config.method === "string" ? config.method : "POST";
    return `${method} /in/${config.path.replace(/^\/+|\/+$/g, "")}`;
  }
  return `\`${node.id}\``;
}
