import type { FlowNode } from "@/flow/document";
import { findKind } from "./kinds";

/** What a disabled node does, as the words of its card: `disabled · drops`. */
export function wordsOfDisabled(node: FlowNode): string | null {
  if (!node.disabled) return null;
  if (findKind(node.kind)?.role === "source") return "disabled · does not read";
  return `disabled · ${{ pass: "passes on", drop: "drops", block: "blocks" }[node.disabled]}`;
}
