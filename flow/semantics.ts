import type { FlowDocument } from "./document";

/** What a flow guarantees, computed from its graph and kinds. Shown on the canvas, in `check`, in `status`. */
export interface Semantics {
  readonly delivery: "at-least-once" | "effectively-once" | "exactly-once" | "at-most-once";
  readonly order: "partition" | "lane" | "none";
  /** `At least once · ordered by partition` */
  readonly summary: string;
  /** Why, in words, naming the nodes that weaken something and what would mend it. */
  readonly reasons: readonly { readonly node?: string; readonly text: string }[];
}

/** @throws never: unknown kinds are skipped. */
export function semanticsOf(_flow: FlowDocument): Semantics {
  throw new Error("unwritten");
}
