import type { RunDetail, RunStep } from "@/flow/control";
import type { FlowEdge } from "@/flow/document";
import { nameEdge, parseEndpoint } from "@/flow/graph";
import type { Way } from "../drawing/flow-drawing";
import { wordsOfStep } from "../ui/state-words";

/** A message at one node, with every attempt: what the step list shows as one row. */
export interface Visit {
  /** Place of the first attempt among the run's steps: stands in the address. */
  step: number;
  node: string;
  attempts: { step: number; work: RunStep }[];
  /** The last attempt's. */
  state: RunStep["state"];
  startMs: number;
  endMs: number;
}

/**
 * Joins the attempts of one message at one node, which stand behind each other; a node that was reached twice (after a split) has two
 * visits, whatever of their messages was kept.
 */
export function visitsOf({ steps }: RunDetail): Visit[] {
  const visits: Visit[] = [];
  steps.forEach((work, step) => {
    const before = visits.at(-1);
    if (before && isNextAttempt(before.attempts.at(-1)!.work, work)) {
      before.attempts.push({ step, work });
      before.state = work.state;
      before.endMs = Math.max(before.endMs, work.startMs + work.durationMs);
      return;
    }
    visits.push({
      step,
      node: work.node,
      attempts: [{ step, work }],
      state: work.state,
      startMs: work.startMs,
      endMs: work.startMs + work.durationMs,
    });
  });
  return visits;
}

function isNextAttempt(before: RunStep, work: RunStep): boolean {
  return (
    before.state === "retry" && before.node === work.node && before.in === work.in && before.attempt < work.attempt
  );
}

/** Which visit of its node each one is, and of how many. */
export function numberVisits(visits: readonly Visit[]): Map<Visit, { at: number; of: number }> {
  const counts = new Map<string, number>();
  const numbers = visits.map((visit) => {
    const at = (counts.get(visit.node) ?? 0) + 1;
    counts.set(visit.node, at);
    return { visit, at };
  });
  return new Map(numbers.map(({ visit, at }) => [visit, { at, of: counts.get(visit.node)! }]));
}

/** How many messages left a step. */
export function countOut({ out, moreOut }: RunStep): number {
  return Object.values(moreOut ?? {}).reduce((sum, more) => sum + more, out.length);
}

/** Ids of the sagas that a run's message began, or came to. */
export function sagasOf(visits: readonly Visit[]): string[] {
  const ids = visits.flatMap(({ attempts }) => attempts.map(({ work }) => work.note?.saga));
  return [...new Set(ids.filter((id) => typeof id === "string"))];
}

/** Which of these visits is shown first: the one that failed, else the one that waits, else the last, or the first. */
export function visitToShow(visits: readonly Visit[], otherwise: "first" | "last" = "last"): Visit | undefined {
  const first = (state: RunStep["state"]) => visits.find((visit) => visit.state === state);
  return first("dead") ?? first("failed") ?? first("parked") ?? visits.at(otherwise === "last" ? -1 : 0);
}

type Tone = Way["nodes"][string]["tone"];
const rank: Record<Tone, number> = { idle: 0, ok: 1, accent: 1, undo: 2, warn: 2, bad: 3 };

/** Colours the nodes that were reached and the wires that were taken: those whose port the node's message left by. */
export function wayOf(visits: readonly Visit[], edges: readonly FlowEdge[]): Way {
  const nodes: Record<string, Way["nodes"][string]> = {};
  const left = new Map<string, Map<string, number>>();
  for (const visit of visits) {
    const { tone, words: word } = wordsOfStep(visit.state) as { tone: Tone; words: string };
    const before = nodes[visit.node];
    if (!before || rank[tone] > rank[before.tone]) {
      const words = describeAttempts(visit);
      nodes[visit.node] = words ? { tone, word, words } : { tone, word };
    }
    const ports = left.get(visit.node) ?? new Map<string, number>();
    for (const { work } of visit.attempts) {
      for (const { port } of work.out) ports.set(port, (ports.get(port) ?? 0) + 1);
      for (const [port, more] of Object.entries(work.moreOut ?? {})) ports.set(port, (ports.get(port) ?? 0) + more);
    }
    left.set(visit.node, ports);
  }
  const taken: Record<string, Way["edges"][string]> = {};
  for (const edge of edges) {
    const { node, port } = parseEndpoint(edge.from, "out");
    const count = left.get(node)?.get(port) ?? 0;
    if (count === 0 || !nodes[parseEndpoint(edge.to, "in").node]) continue;
    taken[nameEdge(edge)] = { tone: port === "error" ? "bad" : "ok", ...(count > 1 ? { label: `${count}×` } : {}) };
  }
  return { nodes, edges: taken };
}

/** Words under a node that did not get through at once. */
function describeAttempts({ state, attempts }: Visit): string | null {
  const count = attempts.at(-1)?.work.attempt ?? attempts.length;
  if (state === "dead") return count > 1 ? `${count} attempts, then dead letter` : "Dead letter";
  if (state === "failed") return count > 1 ? `${count} attempts, then its error port` : "Left by its error port";
  if (state === "parked") return count > 1 ? `${count} attempts, waits for a later try` : "Waits for a later try";
  return null;
}
