import type { FlowDocument, FlowNode } from "./document";
import { canonicalFlow } from "./format";

/** One field that differs; `before` or `after` is `undefined` where it is absent. */
export interface FieldChange {
  /** `config.cases.0.when`, `retry.attempts`, `kind`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface NodeChange {
  readonly id: string;
  readonly title: string;
  /** `moved`: only its place, title or notes differ; it runs as before. */
  readonly change: "added" | "removed" | "changed" | "moved";
  readonly fields: readonly FieldChange[];
}

export interface FlowDiff {
  /** What the difference means: nothing, only how the drawing looks, or what runs. */
  readonly differs: "nothing" | "looks" | "behaviour";
  readonly nodes: readonly NodeChange[];
  /** As `from>to`. */
  readonly edges: { readonly added: readonly string[]; readonly removed: readonly string[] };
  /** Fields of the flow itself: title, description, settings, notes. */
  readonly flow: readonly FieldChange[];
}

/** Fields that change nothing about what runs. */
const looks = /^(title|description|notes|position|groups|tests)(\.|$)/;

/** What differs between two documents of a flow: what runs and its draft, or two versions. */
export function diffFlows(before: FlowDocument, after: FlowDocument): FlowDiff {
  const old = canonicalFlow(before);
  const now = canonicalFlow(after);
  const nodes = diffNodes(old.nodes, now.nodes);
  const { nodes: _a, edges: oldEdges, ...oldRest } = old;
  const { nodes: _b, edges: nowEdges, ...nowRest } = now;
  const edges = diffSets(
    oldEdges.map((edge) => `${edge.from}>${edge.to}`),
    nowEdges.map((edge) => `${edge.from}>${edge.to}`),
  );
  const flow = diffFields(oldRest, nowRest);

  const behaves =
    edges.added.length + edges.removed.length > 0 ||
    nodes.some((node) => node.change !== "moved") ||
    flow.some((field) => !looks.test(field.path));
  const differs = behaves ? "behaviour" : nodes.length + flow.length > 0 ? "looks" : "nothing";
  return { differs, nodes, edges, flow };
}

/** The difference in a line: `2 nodes changed, 1 node added, 1 wire removed`. */
export function summarizeDiff(diff: FlowDiff): string {
  const count = (change: NodeChange["change"]) => diff.nodes.filter((node) => node.change === change).length;
  const parts = [
    countWords(count("added"), "node", "added"),
    countWords(count("removed"), "node", "removed"),
    countWords(count("changed"), "node", "changed"),
    countWords(diff.edges.added.length, "wire", "added"),
    countWords(diff.edges.removed.length, "wire", "removed"),
    countWords(diff.flow.filter((field) => !looks.test(field.path)).length, "setting", "changed"),
  ].filter((part) => part !== "");
  if (parts.length > 0) return parts.join(", ");
  return diff.differs === "looks" ? "only the drawing's looks" : "nothing";
}

function countWords(count: number, noun: string, verb: string): string {
  return count === 0 ? "" : `${count} ${noun}${count === 1 ? "" : "s"} ${verb}`;
}

function diffNodes(before: readonly FlowNode[], after: readonly FlowNode[]): NodeChange[] {
  const old = new Map(before.map((node) => [node.id, node]));
  const now = new Map(after.map((node) => [node.id, node]));
  const changes: NodeChange[] = [];
  for (const node of after) {
    const earlier = old.get(node.id);
    const title = node.title ?? node.id;
    if (!earlier) changes.push({ id: node.id, title, change: "added", fields: [] });
    else {
      const fields = diffFields(earlier, node);
      if (fields.length === 0) continue;
      const change = fields.every((field) => looks.test(field.path)) ? "moved" : "changed";
      changes.push({ id: node.id, title, change, fields });
    }
  }
  for (const node of before) {
    if (!now.has(node.id)) changes.push({ id: node.id, title: node.title ?? node.id, change: "removed", fields: [] });
  }
  return changes;
}

function diffSets(before: readonly string[], after: readonly string[]): { added: string[]; removed: string[] } {
  const old = new Set(before);
  const now = new Set(after);
  return { added: [...now].filter((each) => !old.has(each)), removed: [...old].filter((each) => !now.has(each)) };
}

/** Leaves that differ, by path. */
function diffFields(before: unknown, after: unknown, path = ""): FieldChange[] {
  if (Object.is(before, after)) return [];
  const pathOf = (name: string | number) => (path === "" ? `${name}` : `${path}.${name}`);
  if (Array.isArray(before) && Array.isArray(after)) {
    return pairItems(before, after).flatMap(([old, now]) =>
      diffFields(before[old], after[now], pathOf(now < after.length ? now : old)),
    );
  }
  if (isTree(before) && isTree(after) && !Array.isArray(before) && !Array.isArray(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => diffFields(before[name], after[name], pathOf(name)));
  }
  return [{ path, before, after }];
}

/**
 * Which item of a list is compared with which, as pairs of places; one past the end where there is none. Items that have names (a switch's
 * cases) are the same by name, so that one that is taken out does not make all behind it differ; else it goes place by place.
 */
function pairItems(before: readonly unknown[], after: readonly unknown[]): [number, number][] {
  const [old, now] = [namesOf(before), namesOf(after)];
  const stay = old && now && old.filter((name) => now.includes(name)).join("\n");
  if (!old || !now || stay !== now.filter((name) => old.includes(name)).join("\n")) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, at) => [at, at]);
  }
  const kept = now.map((name, at): [number, number] => [old.includes(name) ? old.indexOf(name) : before.length, at]);
  const gone = old.flatMap((name, at): [number, number][] => (now.includes(name) ? [] : [[at, after.length]]));
  return [...gone, ...kept];
}

/** The names of a list's items, when each has one of its own. */
function namesOf(items: readonly unknown[]): string[] | null {
  for (const key of ["id", "port", "name"]) {
    const names = items.map((item) => (isTree(item) ? item[key] : undefined));
    if (names.every((name) => typeof name === "string") && new Set(names).size === names.length)
      return names as string[];
  }
  return null;
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
