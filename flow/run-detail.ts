import type { Cause } from "./verdict";

/** `parked`: a part of it waits for a later try, which is a run of its own; `done`: every path ended well; `dropped`: nothing left the flow (filtered); `dead`: at least one message is in the dead letters; `failed`: took an error port. */
export type RunState = "done" | "dropped" | "parked" | "failed" | "dead";

/** How much of a run is kept. Steps that failed, and what came to them, are kept beyond that, so many at most. */
export const runLimits = { steps: 1_000, failures: 100, payloads: 100, failedPayloads: 20 } as const;

/** How a text that stands for a key or a header's value differs from its bytes. */
export interface PartMark {
  /** Length of the whole, of what was cut. */
  bytes?: number;
  /** They are no text: shown as base64. */
  base64?: true;
}

/** One payload as kept in a run: text when UTF-8, else base64; cut at the limit. */
export interface Payload {
  key: string | null;
  headers: [string, string][];
  value: string | null;
  encoding: "text" | "base64";
  truncated: boolean;
  /** Length of the whole body in bytes, where it was cut. */
  bytes?: number;
  /** Key or headers are not as they were: cut, left out, or bytes that are no text. */
  partial?: true;
  keyMark?: PartMark;
  /** By index in `headers`. */
  headerMarks?: Record<number, PartMark>;
  /** Headers that were left out behind those that are kept. */
  moreHeaders?: number;
}

/** A cause that came before the last one: of earlier attempts at the node, or of a node whose error port led on. */
export interface EarlierCause {
  readonly node: string;
  readonly code: string;
  readonly message: string;
  /** How often, one after the other. */
  readonly times: number;
}

/** One node's work on one message of a run. Payloads are kept as indexes into the run's `payloads` (many steps share one). */
export interface RunStep {
  node: string;
  /** Relative to the run's start. */
  startMs: number;
  durationMs: number;
  attempt: number;
  /** Port it came in by is always `in`; `null`: nothing came in, or nothing of it was kept (`unkept`). */
  in: number | null;
  /** A message came in, and the run kept its payloads already. */
  unkept?: true;
  /** By which ports it left, with the payload each; `null`: nothing of it was kept. */
  out: { port: string; payload: number | null }[];
  /** By port, how many more left by it than `out` has. */
  moreOut?: Record<string, number>;
  state: "done" | "dropped" | "retry" | "parked" | "failed" | "dead";
  cause?: Cause;
  /** What went wrong before `cause`, the first of it first. */
  causes?: EarlierCause[];
  note?: Record<string, string | number | boolean | null>;
}

export interface RunDetail {
  steps: RunStep[];
  payloads: Payload[];
  /** Steps that ran and are not kept. */
  moreSteps?: number;
}
