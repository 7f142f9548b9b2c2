import type { FieldChange, FlowDiff, NodeChange } from "./diff";

/** How a node, a wire or a part of the flow itself differs. `reworded`: its title, description or notes. */
export type Changed = "added" | "removed" | "changed" | "moved" | "reworded";

/** One entry of a difference as a person counts them. */
export interface Difference {
  /** Unlike every other one's. */
  readonly key: string;
  readonly of: "node" | "wire" | "flow";
  readonly change: Changed;
  /** A node's title, a wire as `from → to`, a part of the flow: `Settings`. */
  readonly title: string;
  /** Where it is on the drawing: the node, or the nodes at both ends of a wire. */
  readonly nodes: readonly string[];
  readonly fields: readonly FieldChange[];
}

/** The difference as a list: nodes, wires, then the flow itself. What only moved comes last. */
export function listDifferences(diff: FlowDiff): Difference[] {
  const nodes = diff.nodes.map(
    (node): Difference => ({
      key: `node:${node.id}`,
      of: "node",
      change: describeChange(node),
      title: node.title,
      nodes: [node.id],
      fields: node.change === "changed" || node.change === "moved" ? node.fields.filter(isWritten) : [],
    }),
  );
  const wire =
    (change: "added" | "removed") =>
    (edge: string): Difference => ({
      key: `wire:${change}:${edge}`,
      of: "wire",
      change,
      title: edge.replace(">", " → "),
      nodes: edge.split(">").map((end) => end.split(".")[0]!),
      fields: [],
    });
  const list = [
    ...nodes,
    ...diff.edges.added.map(wire("added")),
    ...diff.edges.removed.map(wire("removed")),
    ...listParts(diff.flow),
  ];
  return [...list.filter(({ change }) => change !== "moved"), ...list.filter(({ change }) => change === "moved")];
}

/** Of a node: `moved` when nothing but its place differs, `reworded` when it runs as before. */
export function describeChange(node: NodeChange): Changed {
  if (node.change !== "moved") return node.change;
  return node.fields.every(({ path }) => !isWritten({ path })) ? "moved" : "reworded";
}

/** Places are seen on the drawing, not read. */
const isWritten = ({ path }: { path: string }) => !/^position(\.|$)/.test(path);

const parts: readonly { title: string; change: Changed; holds: RegExp }[] = [
  { title: "Flow settings", change: "changed", holds: /^settings(\.|$)/ },
  { title: "Title and description", change: "reworded", holds: /^(title|description)(\.|$)/ },
  { title: "Notes on the drawing", change: "reworded", holds: /^notes(\.|$)/ },
  { title: "Groups", change: "reworded", holds: /^groups(\.|$)/ },
  { title: "Tests", change: "changed", holds: /^tests(\.|$)/ },
];

function listParts(fields: readonly FieldChange[]): Difference[] {
  const known = parts.map((part) => ({ ...part, fields: fields.filter(({ path }) => part.holds.test(path)) }));
  const rest = fields.filter(({ path }) => !parts.some(({ holds }) => holds.test(path)));
  const all = [
    ...known,
    { title: "Flow", change: "changed" as const, fields: rest.filter(({ path }) => path !== "name") },
  ];
  return all
    .filter((part) => part.fields.length > 0)
    .map(({ title, change, fields: own }) => ({
      key: `flow:${title}`,
      of: "flow",
      change,
      title,
      nodes: [],
      fields: own,
    }));
}
