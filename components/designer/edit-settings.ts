import type { FlowDocument, FlowEdge, FlowNode } from "@/flow/document";
import { formatEndpoint, parseEndpoint } from "@/flow/graph";
import type { Ports } from "@/flow/kind";
import { portsOfNode } from "../drawing/kinds";
import { nodeOf } from "./edit";

/**
 * Sets one config field, `topic` or `action.topic` (`undefined` takes it out). Wires at a port that the change renames follow it; wires at
 * one it removes go.
 */
export function setConfig(document: FlowDocument, id: string, path: string, value: unknown): FlowDocument {
  const node = nodeOf(document, id);
  if (!node) return document;
  const changed: FlowNode = { ...node, config: setAt(node.config, path.split("."), value) };
  const next = { ...document, nodes: document.nodes.map((other) => (other === node ? changed : other)) };
  return followPorts(next, id, portsOfNode(node), portsOfNode(changed));
}

/** A copy with another value at a path. A group that is not there yet is made; one that becomes empty stays, as it was asked for. */
function setAt(config: unknown, [field, ...rest]: readonly string[], value: unknown): Record<string, unknown> {
  // An item of a list: `cases.0.when`.
  if (Array.isArray(config)) {
    const items = config.map((item, index) =>
      String(index) === field ? (rest.length === 0 ? value : setAt(item, rest, value)) : item,
    );
    return items.filter((item) => item !== undefined) as unknown as Record<string, unknown>;
  }
  const copy = { ...(typeof config === "object" ? (config as Record<string, unknown> | null) : null) };
  const next = rest.length === 0 ? value : setAt(copy[field!], rest, value);
  if (next === undefined) delete copy[field!];
  else copy[field!] = next;
  return copy;
}

function followPorts(document: FlowDocument, id: string, before: Ports, after: Ports): FlowDocument {
  const inputs = before.in.filter((port) => !after.in.includes(port));
  const gone = before.out.filter((port) => !after.out.includes(port));
  if (gone.length + inputs.length === 0) return document;
  const come = after.out.filter((port) => !before.out.includes(port));
  const renamed = before.out.length === after.out.length && gone.length === 1 && come.length === 1;
  const edges: FlowEdge[] = [];
  for (const edge of document.edges) {
    const [end, target] = [parseEndpoint(edge.from, "out"), parseEndpoint(edge.to, "in")];
    // An input has its name from the kind: it is there or not.
    if (target.node === id && inputs.includes(target.port)) continue;
    if (end.node !== id || !gone.includes(end.port)) edges.push(edge);
    else if (renamed) edges.push({ ...edge, from: formatEndpoint({ node: id, port: come[0]! }, "out") });
    // Two cases that for a moment have the same name: keep the wire, the check names the port.
    else if (before.out.length === after.out.length) edges.push(edge);
  }
  return { ...document, edges };
}
