import type { FlowDocument } from "@/flow/document";
import { parseEndpoint } from "@/flow/graph";
import type { Problem } from "@/flow/problems";
import type { Semantics } from "@/flow/semantics";
import type { Weakening } from "@/flow/standing";
import type { CasesRun } from "@/flow/trial";

/** Lookups that every node and wire asks for, made once for each list and kept as long as the list lives. */

const none: readonly Problem[] = [];
const noWeakenings: readonly Weakening[] = [];
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
const weakeningsByNode = memo((semantics: Semantics) => {
  const groups = new Map<string, Weakening[]>();
  for (const weakening of semantics.weakenings) {
    if (weakening.node === undefined) continue;
    const group = groups.get(weakening.node);
    if (group) group.push(weakening);
    else groups.set(weakening.node, [weakening]);
  }
  return groups;
});
const marked = memo(
  (semantics: Semantics) =>
    new Map(
      [...weakeningsByNode(semantics)].flatMap(([node, group]) => {
        const words = group.filter((each) => !each.usual).map((each) => each.text);
        return words.length > 0 ? [[node, words.join(" ").replaceAll("`", "")] as const] : [];
      }),
    ),
);
const failing = memo((run: CasesRun) => {
  const names = new Map<string, string[]>();
  for (const { name, differences } of run.results) {
    // Where it first differs; what is behind that only follows.
    const node = differences[0]?.node;
    if (node !== undefined) names.set(node, [...(names.get(node) ?? []), name]);
  }
  return new Map(
    [...names].map(([node, [first, ...more]]) => [
      node,
      `Case “${first}”${more.length > 0 ? ` and ${more.length} more` : ""} ${more.length > 0 ? "fail" : "fails"} here`,
    ]),
  );
});
const byEdge = memo((problems: readonly Problem[]) => new Map(problems.map((problem) => [problem.edge, problem])));
const leaving = memo((edges: FlowDocument["edges"]) => {
  const ports = new Map<string, Set<string>>();
  for (const edge of edges) {
    const { node, port } = parseEndpoint(edge.from, "out");
    ports.set(node, (ports.get(node) ?? new Set()).add(port));
  }
  return new Map([...ports].map(([node, own]) => [node, shareSet(own)]));
});

const sets = new Map<string, ReadonlySet<string>>();

/** The same set for the same ports: a wire that comes or goes elsewhere draws no node anew. There are few: the ways to wire a kind. */
function shareSet(ports: ReadonlySet<string>): ReadonlySet<string> {
  const key = [...ports].sort().join(" ");
  const known = sets.get(key);
  if (known) return known;
  sets.set(key, ports);
  return ports;
}

export function problemsOfNode(problems: readonly Problem[], node: string): readonly Problem[] {
  return byNode(problems).get(node) ?? none;
}

export function problemOfWire(problems: readonly Problem[], key: string): Problem | undefined {
  return byEdge(problems).get(key);
}

export function weakeningsOfNode(semantics: Semantics | null, node: string): readonly Weakening[] {
  return (semantics && weakeningsByNode(semantics).get(node)) ?? noWeakenings;
}

/** The nodes that weaken the flow more than usual, with the words for it. */
export function markedNodes(semantics: Semantics): ReadonlyMap<string, string> {
  return marked(semantics);
}

/** Output ports of a node that a wire leaves by. */
export function wiredPorts(edges: FlowDocument["edges"], node: string): ReadonlySet<string> {
  return leaving(edges).get(node) ?? noPorts;
}

/** Words for the nodes at which cases fail. */
export function failingNodes(run: CasesRun): ReadonlyMap<string, string> {
  return failing(run);
}
