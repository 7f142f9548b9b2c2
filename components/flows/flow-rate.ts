import type { LiveView } from "@/server/views";

/** Messages per second that a flow takes in: what its sources hand over. */
export function rateOfFlow(live: LiveView | undefined): number | null {
  if (!live || live.desired === "stopped") return null;
  const sources = new Set(live.lanes.map((lane) => lane.node));
  const nodes = Object.entries(live.nodes);
  // A flow whose lanes are not assigned yet has no named sources: its busiest node tells the rate.
  if (sources.size === 0) return nodes.reduce((most, [, node]) => Math.max(most, node.rateIn), 0);
  return nodes.reduce((sum, [id, node]) => (sources.has(id) ? sum + Math.max(node.rateIn, sumOf(node.rates)) : sum), 0);
}

function sumOf(rates: Record<string, number>): number {
  return Object.values(rates).reduce((sum, rate) => sum + rate, 0);
}

/** Does a saga of it wait until a person mends something? */
export function hasStuckSagas(live: Pick<LiveView, "nodes"> | undefined): boolean {
  return Object.values(live?.nodes ?? {}).some(({ stuck }) => (stuck ?? 0) > 0);
}
