import type { Message } from "./message";

/**
 * Why a message (or a dependency) failed, as data: shown on the canvas, in the dead letters, by the command line.
 * `message` names the place and the way out; it never carries credentials.
 */
export interface Cause {
  /** Stable, kebab-case, from the table in `problems.ts`: `http-status`, `expression-failed`, `broker-unreachable`. */
  readonly code: string;
  readonly message: string;
  /** More for a person to read (an answer's first bytes, the cause chain), already cut to size. */
  readonly detail?: string;
}

/**
 * What became of one message at a node.
 * - `done`: safe.
 * - `retry` of `message`: this message failed and is worth another try; spends an attempt.
 * - `retry` of `dependency`: what the node needs is away (refused, timed out, 429, 503); holds the lane, spends no attempt.
 * - `reject`: never (other 4xx, cannot be decoded).
 */
export type Verdict = { readonly verdict: "done"; readonly note?: StepNote } | Failure;

export type Failure =
  | {
      readonly verdict: "retry";
      readonly of: "message" | "dependency";
      readonly cause: Cause;
      readonly retryAfterMs?: number;
      readonly note?: StepNote;
    }
  | { readonly verdict: "reject"; readonly cause: Cause; readonly note?: StepNote };

/** What a node tells the run recorder beside its messages: an HTTP answer, the offset written. Small, no secrets. */
export interface StepNote {
  readonly [name: string]: string | number | boolean | null;
}

export const done: Verdict = { verdict: "done" };

/** One message leaving a step by a port. */
export interface Emission {
  readonly port: string;
  readonly message: Message;
}

/**
 * What a step made of one message: emissions (none = dropped), or a failure. One that hands its message on as it came, by one port, says
 * so by its port alone: nothing is allocated for such a message.
 */
export type StepResult =
  | { readonly emit: readonly Emission[]; readonly note?: StepNote }
  | { readonly leavesBy: string; readonly note?: StepNote }
  | Failure;

/** The answer of a step for a message that leaves as it came, made once for each port. */
export function leavesBy(port: string): StepResult {
  return { leavesBy: port };
}

/** What left a step by which port, whichever way it says so; `undefined` of a failure, and of what a sink answers. */
export function emissionsOf(result: StepResult | Verdict, message: Message): readonly Emission[] | undefined {
  if ("leavesBy" in result) return [{ port: result.leavesBy, message }];
  return "emit" in result ? result.emit : undefined;
}

/** Did the step fail on this message? */
export function isFailure(result: StepResult | Verdict): result is Failure {
  return "verdict" in result && result.verdict !== "done";
}

export function rejected(code: string, message: string, detail?: string): Failure {
  return { verdict: "reject", cause: detail === undefined ? { code, message } : { code, message, detail } };
}

export function retryMessage(code: string, message: string, detail?: string): Failure {
  return {
    verdict: "retry",
    of: "message",
    cause: detail === undefined ? { code, message } : { code, message, detail },
  };
}

export function retryDependency(code: string, message: string, retryAfterMs?: number): Failure {
  return {
    verdict: "retry",
    of: "dependency",
    cause: { code, message },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
