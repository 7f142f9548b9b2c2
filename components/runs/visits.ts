import type { RunDetail, RunStep } from "@/flow/control";

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

/** Joins the attempts of one message at one node; a node that was reached twice (after a split) has two visits. */
export function visitsOf({ steps }: RunDetail): Visit[] {
  const visits: Visit[] = [];
  const retried = new Map<string, Visit>();
  steps.forEach((work, step) => {
    const identity = `${work.node} ${work.in}`;
    const before = retried.get(identity);
    if (before) {
      before.attempts.push({ step, work });
      before.state = work.state;
      before.endMs = Math.max(before.endMs, work.startMs + work.durationMs);
      if (work.state !== "retry") retried.delete(identity);
      return;
    }
    const visit: Visit = {
      step,
      node: work.node,
      attempts: [{ step, work }],
      state: work.state,
      startMs: work.startMs,
      endMs: work.startMs + work.durationMs,
    };
    visits.push(visit);
    if (work.state === "retry") retried.set(identity, visit);
  });
  return visits;
}

/** Which visit a page shows first: the one that failed, else the last. */
export function visitToShow(visits: readonly Visit[]): Visit | undefined {
  return (
    visits.find((visit) => visit.state === "dead") ?? visits.find((visit) => visit.state === "failed") ?? visits.at(-1)
  );
}

export type WayTone = "ok" | "warn" | "bad" | "idle";

/** The way that a run took through its drawing. */
export interface Way {
  /** Nodes it reached. */
  nodes: Record<string, WayTone>;
  /** Wires it took, as `from>to` of the file. */
  wires: Record<string, WayTone>;
  /** Words under a node. */
  words: Record<string, string>;
}

const toneOf: Record<RunStep["state"], WayTone> = {
  done: "ok",
  dropped: "idle",
  retry: "warn",
  failed: "warn",
  dead: "bad",
};
const rank: Record<WayTone, number> = { idle: 0, ok: 1, warn: 2, bad: 3 };

/** Colours the nodes that were reached and the wires that were taken: those whose port the node's message left by. */
export function wayOf(visits: readonly Visit[], edges: readonly { from: string; to: string }[]): Way {
  const way: Way = { nodes: {}, wires: {}, words: {} };
  const left = new Map<string, Set<string>>();
  for (const visit of visits) {
    const tone = toneOf[visit.state];
    const before = way.nodes[visit.node];
    if (!before || rank[tone] > rank[before]) way.nodes[visit.node] = tone;
    const ports = left.get(visit.node) ?? new Set<string>();
    for (const { work } of visit.attempts) for (const { port } of work.out) ports.add(port);
    left.set(visit.node, ports);
    const count = visit.attempts.length;
    if (visit.state === "dead")
      way.words[visit.node] = count > 1 ? `${count} attempts, then dead letter` : "Dead letter";
    else if (count > 1) way.words[visit.node] = `Done at attempt ${count}`;
  }
  for (const edge of edges) {
    const [node = "", port = "out"] = edge.from.split(".");
    const target = edge.to.split(".")[0] ?? "";
    if (!left.get(node)?.has(port) || !way.nodes[target]) continue;
    way.wires[`${edge.from}>${edge.to}`] = port === "error" ? "bad" : "ok";
  }
  return way;
}
