/**
 * What a saga is made of: the part of a drawing between a `saga-start` and its `saga-end`s, compiled (`compile.ts`) to what the machine
 * (`machine.ts`) decides by. Plain data; what needs expressions is asked of a `SagaEvaluation`.
 */
export interface SagaProgram {
  /** Id of the `saga-start` node: names the saga within its flow. */
  readonly start: string;
  /** Where its `out` leads. */
  readonly first: string | null;
  readonly nodes: Readonly<Record<string, SagaNode>>;
  /** Nodes that stand behind a node, on any way: compensations run behind first. */
  readonly behind: Readonly<Record<string, readonly string[]>>;
}

export type SagaNode = StepNode | PassNode | ForkNode | JoinNode | WaitNode | TimerNode | ApprovalNode | EndNode;
export type SagaNodeDoes = SagaNode["does"];

interface Node {
  readonly id: string;
  /** Where each port leads, `error` among them; `null` when it is not wired. A port of a saga leads to one node at most. */
  readonly targets: Readonly<Record<string, string | null>>;
}

/** Does something elsewhere, and may be able to undo it. Leaves by `out`; when its action failed for good by `error`, if that is wired. */
export interface StepNode extends Node {
  readonly does: "step";
  readonly action: Persistence;
  /** Absent: it has no compensation. */
  readonly compensation?: Persistence;
  /** Once it is done there is no way back: what stands behind it only goes forward. */
  readonly pivot: boolean;
  /** Field of the data that takes its output; absent: none does. */
  readonly into?: readonly string[];
  /** Its action is a saga of its own. */
  readonly sub?: true;
  /** Names of the connections that it calls by. */
  readonly connections?: readonly string[];
}

/** How often and how long something is tried. */
export interface Persistence {
  readonly attempts: number;
  readonly backoff: "exponential" | "fixed";
  readonly delayMs: number;
  readonly maxDelayMs: number;
  /** An answer is waited for this long; then it may have taken effect all the same. `Infinity`: however long (a sub-saga). */
  readonly timeoutMs: number;
  /** As long as what it needs is away, for at most this long, that spends no attempt. */
  readonly holdMs: number;
}

/** A plain step without effects (switch, map, filter): decided by its expressions alone. */
export interface PassNode extends Node {
  readonly does: "pass";
}

/** All its ports at once. */
export interface ForkNode extends Node {
  readonly does: "fork";
  readonly branches: readonly string[];
}

/**
 * Waits for every branch of its fork: it goes on once nothing is under way any more that could still come to it. A branch whose way ended
 * before it (a filter, an error port that leads elsewhere) is not waited for.
 */
export interface JoinNode extends Node {
  readonly does: "join";
  /** The fork whose branches come together here. */
  readonly fork: string;
}

/** Waits for an event. Leaves by `out`, or by `timeout`; where that is not wired, too late is a failure. */
export interface WaitNode extends Node {
  readonly does: "wait";
  readonly withinMs: number | null;
  readonly into?: readonly string[];
}

/** Waits for a time. */
export interface TimerNode extends Node {
  readonly does: "timer";
}

/** Waits for a person. Leaves by `approved`, `rejected` or `timeout`; where `rejected` or `timeout` is not wired, that is a failure. */
export interface ApprovalNode extends Node {
  readonly does: "approval";
  readonly withinMs: number | null;
  /** Who may decide: a role of the project, or one above it. */
  readonly role: "editor" | "operator" | "admin";
}

/** The saga is complete when it came here and nothing else is under way. */
export interface EndNode extends Node {
  readonly does: "end";
}

/** What expressions of a saga may read. */
export interface SagaScope {
  readonly body: unknown;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the whole saga: `saga`, its id; `startedAt`, a time. */
  readonly meta: { readonly saga: string; readonly startedAt: number };
}

/**
 * Answers what a program's expressions say. Pure. Each throws an `ExpressionError` or `BodyPathError` that names the field, which the
 * machine takes for a failure for good of that node: without effect, but for `output`, whose step has taken effect by then.
 */
export interface SagaEvaluation {
  /** Of a `pass` node: by which port it goes on (`null`: nowhere, the way ends here), and the data then. */
  pass(node: string, scope: SagaScope): { readonly port: string | null; readonly body: unknown };
  /** Of a step with `into`: what its answer is to the saga (the step's `output` over `answer`; the answer itself where it has none). */
  output(node: string, scope: SagaScope, answer: unknown): unknown;
  /** Of a `wait` node: the value for which it waits. */
  awaits(node: string, scope: SagaScope): string;
  /** Of a `timer`: when, in milliseconds since the epoch. */
  until(node: string, scope: SagaScope, now: number): number;
  /** Of an `end`: makes sure that what leaves there can be made. Absent: it can. */
  end?(node: string, scope: SagaScope): void;
}
