import { listCoverable } from "@/flow/coverage";
import type { FlowDocument } from "@/flow/document";
import { nameEdge, parseEndpoint } from "@/flow/graph";
import type { CaseDifference, CaseResult, Coverage } from "@/flow/trial";
import type { NodeOnWay, Way } from "../drawing/flow-drawing";
import { wayOfTrial } from "../trial/trial-way";

/** The way that a case took, with what differs at the node where it first does. */
export function wayOfCase({ trial, differences, passed }: CaseResult, document: FlowDocument): Way | undefined {
  if (!trial) return undefined;
  const way = wayOfTrial(trial, document.edges);
  if (passed) return way;
  const nodes: Record<string, NodeOnWay> = { ...way.nodes };
  const first = differences[0];
  for (const { node } of differences) {
    const { says: _says, ...own } = nodes[node] ?? { tone: "bad" as const, word: "" };
    nodes[node] = { ...own, tone: "bad", word: "Differs from what is expected" };
  }
  if (first) nodes[first.node] = { ...nodes[first.node]!, words: shortDifference(first, differences.length) };
  return { nodes, edges: way.edges };
}

/** "total: 6, expected 5", for the little room under a node. */
function shortDifference({ field, expected, actual }: CaseDifference, count: number): string {
  const rest = count > 1 ? ` (and ${count - 1} more)` : "";
  if (field === "failure") return actual === null ? `Did not fail, expected ${expected}` : `Failed: ${actual}${rest}`;
  if (field === "message") return `${actual === null ? "A message did not come" : "A message too many"}${rest}`;
  return `\`${field}\` is ${cut(actual) ?? "not there"}, expected ${cut(expected) ?? "nothing"}${rest}`;
}

const cut = (text: string | null) => (text !== null && text.length > 60 ? `${text.slice(0, 60)}…` : text);

export interface CoverageCount {
  nodes: { covered: number; all: number };
  ports: { covered: number; all: number };
}

export function countCoverage(document: FlowDocument, coverage: Coverage): CoverageCount {
  const all = listCoverable(document);
  const count = (names: readonly string[], covered: readonly string[]) => {
    const reached = new Set(covered);
    return { covered: names.filter((name) => reached.has(name)).length, all: names.length };
  };
  return { nodes: count(all.nodes, coverage.nodes), ports: count(all.ports, coverage.ports) };
}

/** What no case came by, in words and by a dotted frame; what one came by is green. */
export function wayOfCoverage(document: FlowDocument, coverage: Coverage): Way {
  const reachedNodes = new Set(coverage.nodes);
  const reachedPorts = new Set(coverage.ports);
  const open = new Map<string, string[]>();
  for (const name of listCoverable(document).ports) {
    if (reachedPorts.has(name)) continue;
    const { node, port } = parseEndpoint(name, "out");
    open.set(node, [...(open.get(node) ?? []), port]);
  }
  const nodes: Record<string, NodeOnWay> = {};
  for (const { id } of document.nodes) {
    const ports = open.get(id);
    if (!reachedNodes.has(id)) {
      nodes[id] = { tone: "warn", word: "Untested", words: "No case comes by", untested: true };
    } else if (ports) {
      nodes[id] = {
        tone: "warn",
        word: "Partly tested",
        words: `No case leaves by ${ports.map((port) => `\`${port}\``).join(", ")}`,
      };
    } else {
      nodes[id] = { tone: "ok", word: "Tested" };
    }
  }
  const edges: Record<string, Way["edges"][string]> = {};
  for (const edge of document.edges) {
    const { node, port } = parseEndpoint(edge.from, "out");
    edges[nameEdge(edge)] = reachedPorts.has(`${node}.${port}`) ? { tone: "ok" } : { tone: "warn", label: "no case" };
  }
  return { nodes, edges };
}
