import type { FlowDiff } from "@/flow/diff";
import { describeChange } from "@/flow/differences";
import type { FlowDocument, FlowEdge, FlowNode } from "@/flow/document";
import { canonicalFlow } from "@/flow/format";
import { nameEdge, parseEndpoint } from "@/flow/graph";
import type { Way } from "../drawing/flow-drawing";
import { changeWords } from "./change-words";

/** How far below the drawing ghosts stand that have no place of their own. */
const ghostGap = 140;
const ghostWidth = 260;

/** The later drawing with what was removed as ghosts in it, and the marks over both. */
export function layOver(
  earlier: FlowDocument,
  later: FlowDocument,
  diff: FlowDiff,
  { moved }: { moved: boolean },
): { document: FlowDocument; way: Way } {
  // A wire has one name then, whether its ports are written out or not.
  const [before, after] = [canonicalFlow(earlier), canonicalFlow(later)];
  const removed = new Set(diff.nodes.filter(({ change }) => change === "removed").map(({ id }) => id));
  const ghosts = placeGhosts(
    before.nodes.filter(({ id }) => removed.has(id)),
    after.nodes,
  );
  const nodes = [...after.nodes, ...ghosts];
  const ids = new Set(nodes.map(({ id }) => id));
  const gone = new Set(diff.edges.removed);
  const goneEdges = before.edges.filter((edge) => gone.has(nameEdge(edge)) && isBetween(edge, ids));
  const marked = diff.nodes.map((node) => ({ id: node.id, change: describeChange(node) }));
  return {
    document: { ...after, nodes, edges: [...after.edges, ...goneEdges] },
    way: {
      nodes: Object.fromEntries(
        marked
          .filter(({ change }) => moved || change !== "moved")
          .map(({ id, change }) => [id, { ...changeWords[change], ghost: change === "removed" }]),
      ),
      edges: {
        ...markEdges(diff.edges.added, { tone: "ok", label: "+ added" }),
        ...markEdges(diff.edges.removed, { tone: "bad", label: "− removed", ghost: true }),
      },
    },
  };
}

const markEdges = (edges: readonly string[], mark: Way["edges"][string]): Way["edges"] =>
  Object.fromEntries(edges.map((edge) => [edge, mark]));

const isBetween = (edge: FlowEdge, ids: ReadonlySet<string>) =>
  ids.has(parseEndpoint(edge.from, "out").node) && ids.has(parseEndpoint(edge.to, "in").node);

/** Ghosts stand where they stood; in a drawing that is laid out anew they are laid out with it. */
function placeGhosts(ghosts: readonly FlowNode[], nodes: readonly FlowNode[]): FlowNode[] {
  const places = nodes.flatMap(({ position }) => (position ? [position] : []));
  if (places.length === 0 && nodes.length > 0) return ghosts.map(({ position: _place, ...ghost }) => ghost);
  const left = Math.min(...places.map(({ x }) => x));
  const bottom = Math.max(...places.map(({ y }) => y));
  return ghosts.map((ghost, at) => {
    const beside = { x: left + at * ghostWidth, y: bottom + ghostGap };
    return ghost.position || places.length === 0 ? ghost : { ...ghost, position: beside };
  });
}
