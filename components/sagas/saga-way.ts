import type { FlowDocument, FlowEdge } from "@/flow/document";
import { nameEdge, parseEndpoint } from "@/flow/graph";
import type { SagaStateView, SagaVisitView } from "@/server/saga-views";
import type { Way } from "../drawing/flow-drawing";
import type { NodeSide } from "../drawing/node-sides";
import { formatPlural } from "../ui/formats";
import { wordsOfSagaVisit, wordsOfUndo } from "../ui/state-words";
import { isUndoOver } from "./attempts";

type WayNode = Way["nodes"][string];

/** Lays a saga over the drawing of its version: the way forward, what was taken back, and at each step how both stand. */
export function wayOfSaga(state: SagaStateView, start: string, document: FlowDocument): Way {
  const visits = new Map(state.visits.map((visit) => [visit.node, visit]));
  const nodes: Record<string, WayNode> = { [start]: wayOfStart(state) };
  for (const visit of state.visits) nodes[visit.node] = wayOfVisit(visit);
  const isTaken = (edge: FlowEdge) => {
    const [from, to] = [parseEndpoint(edge.from, "out"), parseEndpoint(edge.to, "in").node];
    if (from.node === start && from.port === "out") return visits.has(to);
    const visit = visits.get(from.node);
    return visit !== undefined && visits.has(to) && leftBy(visit, from.port, to, visits);
  };
  const taken = document.edges.filter(isTaken);
  const undoable = new Set(document.nodes.filter((node) => node.config.compensation).map(({ id }) => id));
  const isBack = findWayBack(state, visits, taken, undoable);
  const edges: Record<string, Way["edges"][string]> = {};
  for (const edge of taken) {
    const [from, to] = [parseEndpoint(edge.from, "out"), parseEndpoint(edge.to, "in").node];
    const reached =
      from.node === start ? state.outcome === "compensated" : isBack(from.node) || isUndoing(visits, from.node);
    edges[nameEdge(edge)] = {
      tone: from.port === "error" ? "bad" : "ok",
      ...(reached && isBack(to) ? { back: true } : {}),
    };
  }
  addSurroundings(state, start, document, nodes, edges);
  return { nodes, edges };
}

function wayOfStart({ phase, outcome }: SagaStateView): WayNode {
  if (outcome === "compensated") return { tone: "undo", word: "Compensated" };
  if (outcome === "completed") return { tone: "ok", word: "Completed" };
  return phase === "backward" ? { tone: "undo", word: "Compensating" } : { tone: "ok", word: "Started" };
}

function wayOfVisit(visit: SagaVisitView): WayNode {
  const action = wordsOfSagaVisit(visit.state, visit.asks !== undefined);
  const undo = visit.undo ? wordsOfUndo(visit.undo.state) : null;
  const sides: NodeSide[] = [{ side: "action", tone: action.tone, word: describeSide(visit, "action") }];
  if (undo) sides.push({ side: "compensation", tone: undo.tone, word: describeSide(visit, "compensation") });
  const word = undo ? `${action.words}, ${undo.words.toLowerCase()}` : action.words;
  // What needs somebody shows before what is well: a stuck compensation before the action that was done.
  const tone = undo && undo.tone !== "idle" && (undo.tone === "bad" || action.tone !== "bad") ? undo.tone : action.tone;
  return visit.undo || visit.attempts.length > 0 || visit.state !== "done" ? { tone, word, sides } : { tone, word };
}

/** `Done, 2 attempts`: the state of a step's action or compensation in a few words. */
export function describeSide(visit: SagaVisitView, side: NodeSide["side"]): string {
  const words =
    side === "action" ? wordsOfSagaVisit(visit.state).words : visit.undo ? wordsOfUndo(visit.undo.state).words : "";
  const count = side === "action" ? visit.attempt : (visit.undo?.attempt ?? 0);
  const { held } = side === "action" ? visit : (visit.undo ?? visit);
  const known = held && !held.over ? `${words}, ${formatPlural(held.tries, "try", "tries")} while it is away` : words;
  return count > 1 ? `${known}, ${formatPlural(count, "attempt")}` : known;
}

/** Was the node left by this port? What leaves by several at once, a fork, says no port. */
function leftBy(visit: SagaVisitView, port: string, to: string, visits: ReadonlyMap<string, SagaVisitView>): boolean {
  if (visit.port !== undefined) return visit.port === port;
  const next = visits.get(to);
  return next?.from === visit.node || next?.joined?.includes(visit.node) === true;
}

const isUndoing = (visits: ReadonlyMap<string, SagaVisitView>, node: string) => visits.get(node)?.undo !== undefined;

/** Answers of which nodes nothing is left to take back, with all that stands behind them. */
function findWayBack(
  state: SagaStateView,
  visits: ReadonlyMap<string, SagaVisitView>,
  taken: readonly FlowEdge[],
  undoable: ReadonlySet<string>,
): (node: string) => boolean {
  if (state.phase === "forward" || state.outcome === "completed") return () => false;
  const behind = new Map<string, string[]>();
  for (const edge of taken) {
    const [from, to] = [parseEndpoint(edge.from, "out").node, parseEndpoint(edge.to, "in").node];
    behind.set(from, [...(behind.get(from) ?? []), to]);
  }
  const known = new Map<string, boolean>();
  const isBack = (node: string): boolean => {
    const before = known.get(node);
    if (before !== undefined) return before;
    // A drawing of strangers may have a circle; it ends here.
    known.set(node, false);
    const visit = visits.get(node);
    const back = visit !== undefined && isSettled(visit, state, undoable) && (behind.get(node) ?? []).every(isBack);
    known.set(node, back);
    return back;
  };
  return isBack;
}

/** Nothing will be done any more to take this one back. */
function isSettled(visit: SagaVisitView, state: SagaStateView, undoable: ReadonlySet<string>): boolean {
  if (state.phase === "ended") return true;
  if (visit.undo) return isUndoOver(visit.undo);
  if (["working", "retrying", "stuck"].includes(visit.state)) return false;
  return visit.effect === "none" || !undoable.has(visit.node);
}

/** What stands around the saga: the source whose message began it, and where its outcome leads. */
function addSurroundings(
  state: SagaStateView,
  start: string,
  document: FlowDocument,
  nodes: Record<string, WayNode>,
  edges: Record<string, Way["edges"][string]>,
): void {
  for (let at = start; ; ) {
    const into = document.edges.filter((edge) => parseEndpoint(edge.to, "in").node === at);
    const [only] = into;
    // Of several ways in, nobody knows which it took.
    if (!only || into.length > 1) break;
    at = parseEndpoint(only.from, "out").node;
    if (nodes[at]) break;
    edges[nameEdge(only)] = { tone: "ok" };
    nodes[at] = { tone: "ok", word: "Passed on what began it" };
  }
  if (!state.emitted || !state.leaves) return;
  const exit = state.outcome === "compensated" ? `${start} compensated` : `${state.leaves} out`;
  for (const edge of document.edges) {
    const [from, to] = [parseEndpoint(edge.from, "out"), parseEndpoint(edge.to, "in").node];
    if (`${from.node} ${from.port}` !== exit) continue;
    edges[nameEdge(edge)] = { tone: state.outcome === "compensated" ? "undo" : "ok" };
    nodes[to] ??= { tone: "ok", word: "Was given the outcome" };
  }
}
