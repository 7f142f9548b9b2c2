import { portsOf } from "./configure";
import type { RunDetail } from "./control";
import type { FlowDocument } from "./document";
import type { Coverage } from "./trial";

/** What of a drawing these trials came by, each node and port once. */
export function findCoverage(details: readonly RunDetail[]): Coverage {
  const nodes = new Set<string>();
  const ports = new Set<string>();
  for (const { steps } of details) {
    for (const step of steps) {
      nodes.add(step.node);
      for (const { port } of step.out) ports.add(`${step.node}.${port}`);
      // A failure that a wire takes leaves by it.
      if (step.state === "failed") ports.add(`${step.node}.error`);
    }
  }
  return { nodes: [...nodes], ports: [...ports] };
}

export function mergeCoverage(parts: readonly Coverage[]): Coverage {
  return {
    nodes: [...new Set(parts.flatMap(({ nodes }) => nodes))],
    ports: [...new Set(parts.flatMap(({ ports }) => ports))],
  };
}

/**
 * All that tests of a drawing can come by: its nodes and their ports, a switch's cases among them. An `error` counts only where it is wired:
 * what leaves by another one is a dead letter, and no way through the flow.
 */
export function listCoverable(flow: FlowDocument): Coverage {
  const wired = new Set(flow.edges.map(({ from }) => (from.includes(".") ? from : `${from}.out`)));
  return {
    nodes: flow.nodes.map(({ id }) => id),
    ports: flow.nodes.flatMap((node) =>
      portsOf(node)
        .out.map((port) => ({ port, name: `${node.id}.${port}` }))
        .filter(({ port, name }) => port !== "error" || wired.has(name))
        .map(({ name }) => name),
    ),
  };
}
