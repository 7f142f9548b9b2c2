import type { Persistence, SagaEvaluation, SagaNode, SagaNodeDoes, SagaProgram } from "../saga/program";

/** Programs of sagas for tests, without a drawing. */
const persistence: Persistence = {
  attempts: 3,
  backoff: "fixed",
  delayMs: 1_000,
  maxDelayMs: 60_000,
  timeoutMs: 30_000,
  holdMs: 600_000,
};

/** What a test says of a node; the rest is usual. `to`: where its ports lead, `out` where it is a text. */
export interface TestNode {
  readonly does?: SagaNodeDoes;
  readonly to?: string | null | Readonly<Record<string, string | null>>;
  readonly attempts?: number;
  readonly timeoutMs?: number;
  /** Of a compensation; 0: there is none. */
  readonly undoAttempts?: number;
  readonly pivot?: true;
  readonly into?: string;
  readonly withinMs?: number;
}

/** A program of these nodes, the first of them first. A step is tried three times, undone with three attempts. */
export function makeProgram(nodes: Readonly<Record<string, TestNode>>): SagaProgram {
  const drawn: Record<string, SagaNode> = {};
  for (const [id, node] of Object.entries(nodes)) drawn[id] = makeNode(id, node, nodes);
  const known = new Map<string, ReadonlySet<string>>();
  const findBehind = (id: string): ReadonlySet<string> => {
    const behind =
      known.get(id) ??
      new Set(Object.values(drawn[id]!.targets).flatMap((to) => (to === null ? [] : [to, ...findBehind(to)])));
    known.set(id, behind);
    return behind;
  };
  return {
    start: "start",
    first: Object.keys(nodes)[0] ?? null,
    nodes: drawn,
    behind: Object.fromEntries(Object.keys(drawn).map((id) => [id, [...findBehind(id)]])),
  };
}

function makeNode(id: string, node: TestNode, nodes: Readonly<Record<string, TestNode>>): SagaNode {
  const { does = "step", to = null, attempts = 3, undoAttempts = 3, timeoutMs = 30_000, withinMs = null } = node;
  const base = { id, targets: typeof to === "object" && to ? to : { out: to } };
  const into = node.into ? { into: node.into.split(".") } : {};
  switch (does) {
    case "step":
      return {
        ...base,
        ...into,
        does,
        action: { ...persistence, attempts, timeoutMs },
        ...(undoAttempts > 0 ? { compensation: { ...persistence, attempts: undoAttempts, timeoutMs } } : {}),
        pivot: node.pivot ?? false,
      };
    case "fork":
      return { ...base, does, branches: Object.keys(base.targets) };
    case "join":
      return { ...base, does, fork: Object.keys(nodes).find((each) => nodes[each]?.does === "fork") ?? "" };
    case "wait":
      return { ...base, ...into, does, withinMs };
    case "approval":
      return { ...base, does, withinMs, role: "operator" };
    default:
      return { ...base, does };
  }
}

/** Answers go into the data as they are, waits await the saga's key and their id, timers take a minute, the rest leaves by `out`. */
export const plainEvaluation: SagaEvaluation = {
  pass: (_node, { body }) => ({ port: "out", body }),
  output: (_node, _scope, answer) => answer,
  awaits: (node, { key }) => `${key}/${node}`,
  until: (_node, _scope, now) => now + 60_000,
};
