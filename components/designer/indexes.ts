import type { FlowDocument } from "@/flow/document";
import { parseEndpoint } from "@/flow/graph";
import type { Problem } from "@/flow/problems";

/** Lookups that every node and wire asks for, made once for each list and kept as long as the list lives. */

const none: readonly Problem[] = [];
const noPorts: ReadonlySet<string> = new Set();

function memo<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new WeakMap<Key, Value>();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key)!;
  };
}

const byNode = memo((problems: readonly Problem[]) => {
  const groups = new Map<string, Problem[]>();
  for (const problem of problems) {
    if (problem.node === undefined) continue;
    const group = groups.get(problem.node);
    if (group) group.push(problem);
    else groups.set(problem.node, [problem]);
  }
  return groups;
});
const byEdge = memo((problems: readonly Problem[]) => new Map(problems.map((problem) => [problem.edge, problem])));
const leaving = memo((edges: FlowDocument["edges"]) => {
  const ports = new Map<string, Set<string>>();
  for (const edge of edges) {
    const { node, port } = parseEndpoint(edge.from, "out");
    ports.set(node, (ports.get(node) ?? new Set()).add(port));
  }
  return ports;
});

export function problemsOfNode(problems: readonly Problem[], node: string): readonly Problem[] {
  return byNode(problems).get(node) ?? none;
}

export function problemOfWire(problems: readonly Problem[], key: string): Problem | undefined {
  return byEdge(problems).get(key);
}

/** Output ports of a node that a wire leaves by. */
export function wiredPorts(edges: FlowDocument["edges"], node: string): ReadonlySet<string> {
  return leaving(edges).get(node) ?? noPorts;
}
