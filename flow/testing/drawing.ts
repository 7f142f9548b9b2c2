import { type FlowDocument, type FlowNode, flowFormat } from "../document";

/** A node as tests write it: `[id, kind, config, rest]`. */
export type DrawnNode = readonly [id: string, kind: string, config?: Record<string, unknown>, rest?: Partial<FlowNode>];

/** A flow from its nodes and its wires, each as `from>to`. */
export function drawFlow(nodes: readonly DrawnNode[], ...wires: readonly string[]): FlowDocument {
  return {
    format: flowFormat,
    name: "drawn",
    nodes: nodes.map(([id, kind, config = {}, rest]) => ({ id, kind, config, ...rest })),
    edges: wires.map((wire) => {
      const [from = "", to = ""] = wire.split(">");
      return { from, to };
    }),
  };
}
