import type { Visit } from "@/flow/saga/state";
import type { Cause } from "@/flow/verdict";
import type { Way } from "../drawing/flow-drawing";

/** What would happen if a step failed, as it is shown. */
export interface SimulatedFailure {
  /** `asking`: it stands still until a person says how to go on. */
  outcome: "completed" | "compensated" | "asking";
  /** False: over this message the saga does not come to that step. */
  hasFailed: boolean;
  /** Nodes in the order in which it comes to them. */
  forward: ForwardStep[];
  /** Compensations in the order in which they run. */
  backward: BackwardStep[];
  /** What may have taken effect and stays so. */
  stays: string[];
  /** What nothing undoes, and need not be undone. */
  harmless: string[];
  stuck: { node: string; message: string }[];
  way: Way;
}

export interface ForwardStep {
  node: string;
  state: Visit["state"];
  effect: Visit["effect"];
  port?: string;
  cause?: Cause;
  /** Of a step: what it sends. */
  request: ShownRequest | null;
}

export interface BackwardStep {
  node: string;
  /** Those that run side by side have the same. */
  number: number;
  request: ShownRequest;
}

/** A request as a person reads it. */
export interface ShownRequest {
  /** `POST /reservations`; null when it could not be made of the data. */
  line: string | null;
  headers: [string, string][];
  body: string | null;
  error?: string;
}
