import { configureNode, type FindKind, portsOf } from "../configure";
import type { FlowDocument, FlowNode } from "../document";
import { buildGraph, findReachable, type Graph } from "../graph";

/** An input of a node that holds something: what comes in there is awaited by what it holds. */
export interface Strand {
  readonly node: string;
  readonly input: string;
  /** Where it came from, and comes from no more, in words: `the topic \`payments\` of \`kafka\``. */
  readonly from: string;
  /** The nodes that hold what awaits it: the node itself, or the starts of the sagas that it stands in. */
  readonly holders: readonly string[];
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
        return [{ node: node.id, input, from: lost.join(" and "), holders: findHolders(before, node.id, find) }];
      }),
  );
}

/** Whose sagas come to a node: their starts; a node that holds by itself stands for itself. */
function findHolders(graph: Graph, id: string, find: FindKind | undefined): string[] {
  const holds = (node: FlowNode) => configureNode(node, find).kind?.holds;
  if (holds(graph.nodes.get(id)!) === "message") return [id];
  return [...graph.nodes.values()]
    .filter((node) => holds(node) === "saga" && findReachable(graph, [node.id]).has(id))
    .map((node) => node.id);
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
