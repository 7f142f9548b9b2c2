import type { FlowDocument } from "@/flow/document";

/** Ids of the nodes at which a saga waits for a person's word. */
export function listApprovals({ nodes }: FlowDocument): ReadonlySet<string> {
  return new Set(nodes.filter(({ kind }) => kind === "saga-approval").map(({ id }) => id));
}
