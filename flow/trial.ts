import type { RunDetail, RunState } from "./control";
import type { GivenAnswer, TestCase } from "./test-case";

/**
 * One message tried on a drawing that need not be deployed. The worker's own engine works it with the nodes' own behaviours; only what
 * reaches outside is replaced: sinks do not write, what would be held is not, calls are made or answered by what is given.
 * Its steps are those of a run, so all that shows a run shows a trial.
 */
export interface Trial {
  /** `held`: a node would keep it (a wait, the start of a saga), and nothing came behind that. */
  readonly state: RunState | "held";
  readonly durationMs: number;
  readonly detail: RunDetail;
  /** What would have happened outside, by the index of the step in `detail.steps`. */
  readonly effects: readonly TrialEffect[];
  /** What the calls were answered with, by node: to be given again. */
  readonly answers: Readonly<Record<string, readonly GivenAnswer[]>>;
  /** What a case that expects just this says: what came to the ends of the flow, whole, and what failed there for good. */
  readonly outcome: Pick<TestCase, "expect" | "fails">;
  /** It was ended before its time, as a sentence: too long, too many steps. */
  readonly cut?: string;
}

export type TrialEffect =
  /** A sink would have written the step's input; `to` names the place: "topic orders.de". */
  | { readonly step: number; readonly is: "would-write"; readonly to: string }
  /** A call was made in earnest. */
  | { readonly step: number; readonly is: "called"; readonly to: string }
  /** A call was answered by what was given. */
  | { readonly step: number; readonly is: "answered"; readonly to: string }
  /** A node would have held the message; `until` in ms since 1970 where a clock decides. A trial goes on behind what only a clock holds. */
  | { readonly step: number; readonly is: "would-hold"; readonly until?: number; readonly why: string };

/** How calls are answered: made in earnest, or by `answers` alone (a call without one fails as `no-answer-given`). */
export type TrialCalls = "make" | "given";

/** What became of one case. */
export interface CaseResult {
  readonly name: string;
  readonly passed: boolean;
  /** In the order of the flow: the first is the node where it first differs. */
  readonly differences: readonly CaseDifference[];
  /** The case could not be tried: its source is gone, the drawing has errors. */
  readonly problem?: { readonly code: string; readonly message: string };
  /** Left out where all of them together would be too large to be sent. */
  readonly trial?: Trial;
  readonly tookMs: number;
}

/** One field that differs: where, and both values as JSON text (`null`: not there). */
export interface CaseDifference {
  /** Node, or `node.port`, as in `expect`. */
  readonly at: string;
  readonly node: string;
  /** Which of the messages that came there, from 0. */
  readonly message: number;
  /** `key`, `headers.x`, `body.price`, `message` (one too many or missing), `failure`. */
  readonly field: string;
  readonly expected: string | null;
  readonly actual: string | null;
}

/** What of a drawing the cases came by. */
export interface Coverage {
  readonly nodes: readonly string[];
  /** `node.port`. */
  readonly ports: readonly string[];
}

/** What came of the cases of a flow. */
export interface CasesRun {
  /** In the order of the cases. */
  readonly results: readonly CaseResult[];
  readonly coverage: Coverage;
}

/** Cases made of messages. */
export interface CapturedCases {
  readonly cases: readonly TestCase[];
  /** Messages of which no case could be made, in words. */
  readonly skipped: readonly { readonly what: string; readonly words: string }[];
  /** Of the next messages: where the next look goes on. */
  readonly since?: string;
}
