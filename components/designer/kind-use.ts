import type { FlowDocument } from "@/flow/document";

const key = "millrace.kinds";
/** Beyond that the past counts half, so that habits may change. */
const remembered = 200;

/** How often kinds were added in this browser. */
function readUse(): Record<string, number> {
  try {
    const stored: unknown = JSON.parse(window.localStorage.getItem(key) ?? "{}");
    return typeof stored === "object" && stored !== null ? (stored as Record<string, number>) : {};
  } catch {
    return {};
  }
}

export function noteUse(kind: string): void {
  const use = readUse();
  use[kind] = (Number(use[kind]) || 0) + 1;
  const total = Object.values(use).reduce((sum, count) => sum + (Number(count) || 0), 0);
  if (total > remembered) for (const name of Object.keys(use)) use[name] = Math.floor((Number(use[name]) || 0) / 2);
  try {
    window.localStorage.setItem(key, JSON.stringify(use));
  } catch {
    // A browser that keeps nothing has no habits.
  }
}

/** How often each kind is used: in this drawing, and added by this person. */
export function countUse(document: FlowDocument): (kind: string) => number {
  const use = readUse();
  const drawn = new Map<string, number>();
  for (const { kind } of document.nodes) drawn.set(kind, (drawn.get(kind) ?? 0) + 1);
  return (kind) => (Number(use[kind]) || 0) + (drawn.get(kind) ?? 0);
}
