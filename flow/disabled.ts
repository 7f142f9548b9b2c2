import { configureNode, type FindKind, portsOf } from "./configure";
import type { FlowDocument, FlowNode } from "./document";
import { formatEndpoint, nameEdge, parseEndpoint } from "./graph";
import type { Weakening } from "./standing";

/** What a disabled node does with what comes to it. */
export type Disabled = NonNullable<FlowNode["disabled"]>;

/** The port by which messages pass a disabled node: its first, `error` aside; `undefined` for one that has none, as a sink. */
export function usualPortOf(node: FlowNode, find?: FindKind): string | undefined {
  const kind = configureNode(node, find).kind;
  // What leaves the start of a saga is no message.
  if (kind?.holds === "saga") return undefined;
  return portsOf(node, find).out.find((port) => port !== "error");
}

/** What a node can do while it is disabled, the usual first. A source does not read, whichever it is. */
export function waysToDisable(node: FlowNode, find?: FindKind): readonly Disabled[] {
  if (configureNode(node, find).kind?.role === "source") return ["block"];
  return usualPortOf(node, find) === undefined ? ["drop", "block"] : ["pass", "drop", "block"];
}

/**
 * The drawing as its messages go while nodes are disabled: where one passes on, what led to it leads on; where one drops, blocks or does
 * not read, nothing does. For what is said of a flow (`check`, `semantics`); `plan` keeps the nodes, so that they are counted.
 */
export function withoutDisabled(flow: FlowDocument, find?: FindKind): FlowDocument {
  if (!flow.nodes.some((node) => node.disabled)) return flow;
  let edges = flow.edges;
  for (const node of flow.nodes) {
    if (!node.disabled) continue;
    const own = edges.map((edge) => ({
      edge,
      from: parseEndpoint(edge.from, "out"),
      to: parseEndpoint(edge.to, "in"),
    }));
    const port = node.disabled === "pass" ? usualPortOf(node, find) : undefined;
    const onward = own.filter(({ from }) => from.node === node.id && from.port === port).map(({ to }) => to);
    const passed = own
      .filter(({ to }) => to.node === node.id && to.port === "in")
      .flatMap(({ edge }) => onward.map((to) => ({ from: edge.from, to: formatEndpoint(to, "in") })));
    const kept = own.filter(({ from, to }) => from.node !== node.id && to.node !== node.id).map(({ edge }) => edge);
    const there = new Set(kept.map(nameEdge));
    edges = [...kept, ...passed.filter((edge) => !there.has(nameEdge(edge)))];
  }
  return { ...flow, nodes: flow.nodes.filter((node) => !node.disabled), edges };
}

/** What disabled nodes make of a flow, in words. */
export function weakeningsOfDisabled(flow: FlowDocument, find?: FindKind): Weakening[] {
  return flow.nodes.flatMap((node): Weakening[] => {
    if (!node.disabled) return [];
    const isSource = configureNode(node, find).kind?.role === "source";
    return [{ node: node.id, weakens: "delivery", ...describeDisabled(node, isSource), mend: "Enable it." }];
  });
}

function describeDisabled({ id, disabled }: FlowNode, isSource: boolean): Pick<Weakening, "text" | "usual"> {
  if (isSource) return { text: `\`${id}\` is disabled: it does not read.`, usual: true };
  if (disabled === "drop") return { text: `\`${id}\` is disabled and drops what comes to it.`, usual: false };
  if (disabled === "pass") return { text: `\`${id}\` is disabled: messages pass it as they come.`, usual: true };
  return {
    text: `\`${id}\` is disabled and blocks: what would come to it waits at its source, and nothing is lost. What a lane wrote elsewhere meanwhile may be written again.`,
    usual: true,
  };
}
