import type { FlowDiff } from "@/flow/diff";
import type { FlowDocument, FlowNode } from "@/flow/document";
import { nameEdge } from "@/flow/graph";
import type { VersionFigures } from "@/server/views";
import type { NodeOnWay, Way } from "../drawing/flow-drawing";
import { titleOfNode } from "../drawing/kinds";
import { compareFigures, type FigurePair, judge } from "./figures";
import { NodeFiguresTable } from "./figures-table";
import { layOver } from "./lay-over";

/** A node of either drawing with what it did in both versions. */
export interface NodeFigures {
  readonly node: FlowNode;
  readonly title: string;
  /** It is in the drawing of this version alone; `null`: in both. */
  readonly only: number | null;
  readonly pairs: readonly FigurePair[];
  /** How the later stands to the earlier, in words, with their tone. */
  readonly told: { tone: "ok" | "bad" | "idle"; word: string };
}

interface Drawings {
  readonly before: FlowDocument;
  readonly after: FlowDocument;
  readonly diff: FlowDiff;
}
interface Two {
  readonly from: number;
  readonly to: number;
}

/** Every node of both drawings with its figures; those that only the earlier has stand last. */
export function pairNodes(
  { before, after }: Pick<Drawings, "before" | "after">,
  figures: readonly VersionFigures[],
  { from, to }: Two,
): NodeFigures[] {
  const ids = (document: FlowDocument) => new Set(document.nodes.map(({ id }) => id));
  const [earlier, later] = [ids(before), ids(after)];
  const find = (version: number, id: string) => figures.find((each) => each.version === version && each.node === id);
  return [...after.nodes, ...before.nodes.filter(({ id }) => !later.has(id))].map((node) => {
    const [was, is] = [find(from, node.id), find(to, node.id)];
    const only = !earlier.has(node.id) ? to : !later.has(node.id) ? from : null;
    const pairs = compareFigures(was, is);
    return { node, title: titleOfNode(node), only, pairs, told: tell(only, was, is, pairs, { from, to }) };
  });
}

function tell(
  only: number | null,
  was: VersionFigures | undefined,
  is: VersionFigures | undefined,
  pairs: readonly FigurePair[],
  { from, to }: Two,
): NodeFigures["told"] {
  if (only !== null) return { tone: "idle", word: `only in v${only}` };
  if (was && is) return judge(pairs);
  if (!was && !is) return { tone: "idle", word: "no messages in either" };
  return { tone: "idle", word: `no messages in v${was ? to : from}` };
}

/** The later drawing, what only the earlier has as ghosts in it, and the figures of both at each node. */
export function layFigures(
  { before, after, diff }: Drawings,
  nodes: readonly NodeFigures[],
  { from, to }: Two,
): { document: FlowDocument; way: Way } {
  const { document, way } = layOver(before, after, diff, { moved: false });
  const drawn = nodes.map(({ node, only, pairs, told }): [string, NodeOnWay] => [
    node.id,
    {
      ...told,
      // A sign before the words puts them on the node's edge; what is as before has a dot alone.
      ...(only !== null ? { sign: only === to ? "+" : "−", ghost: only === from } : {}),
      ...(only === null && told.tone !== "idle" ? { sign: told.tone === "bad" ? "▲" : "▼" } : {}),
      figures: <NodeFiguresTable pairs={pairs} from={from} to={to} only={only} />,
    },
  ]);
  const plain = Object.fromEntries(document.edges.map((edge) => [nameEdge(edge), { tone: "idle" as const }]));
  return { document, way: { nodes: Object.fromEntries(drawn), edges: { ...plain, ...way.edges } } };
}
