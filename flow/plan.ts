import type { FlowDocument, Retry } from "./document";

/** How a flow runs: the segments it is cut into (at kinds that hold messages back; a flow without them has one). */
export interface Plan {
  readonly segments: readonly Segment[];
}

export interface Segment {
  readonly id: string;
  /** Ids of the sources that feed it. */
  readonly sources: readonly string[];
  /** Nodes in topological order, sources first. */
  readonly stages: readonly Stage[];
}

export interface Stage {
  readonly node: string;
  readonly kind: string;
  readonly role: "source" | "step" | "sink";
  /** Config after migration and with defaults filled in. */
  readonly config: unknown;
  readonly retry: Retry;
  /** Where each output port leads; a port without targets drops. `error` without targets = the dead letters. */
  readonly targets: Readonly<Record<string, readonly string[]>>;
  /** True when the error port is wired. */
  readonly errorWired: boolean;
}

/** Compiles a flow that `check` found without errors. @throws Error when it has some. */
export function planOf(_flow: FlowDocument): Plan {
  throw new Error("unwritten");
}
