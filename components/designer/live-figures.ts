import type { LaneView, LiveView } from "@/server/views";
import { formatCompact, formatCount, formatDuration, formatPlural } from "../ui/formats";

/** Below this a node takes no time that a person would look at. */
const leastMs = 1;
/** What is read within so many seconds at the present rate is on its way, not behind. */
const behindSeconds = 2;
const leastBehind = 10;

/**
 * What a node does now, in a line: `4 ms · p95 20 ms · 3 in flight · 2 tried again`. Latency of the last seconds, tries since the version
 * began. `null` for one that takes no time and never failed.
 */
export function wordsOfFigures({
  p50,
  p95,
  inFlight,
  retried,
}: Pick<LiveView["nodes"][string], "p50" | "p95" | "inFlight" | "retried">): string | null {
  const slow = p95 !== undefined && p95 >= leastMs;
  const parts = [
    ...(slow ? [formatDuration(p50), `p95 ${formatDuration(p95)}`] : []),
    ...(slow && inFlight > 0 ? [`${formatCount(inFlight)} in flight`] : []),
    ...(retried > 0 ? [`${formatCompact(retried)} tried again`] : []),
  ];
  // A line breaks between two of them, never inside of one.
  return parts.length > 0 ? parts.map((part) => part.replaceAll(" ", "\u00a0")).join("\u00a0· ") : null;
}

/** Of a source: what its lanes are behind together, and whether one takes no more because a node behind it does not keep up. */
export interface Pressure {
  readonly lag: number;
  readonly full: boolean;
}

const made = new WeakMap<readonly LaneView[], ReadonlyMap<string, Pressure>>();

/** By source; worked out once for the lanes of a moment, as each wire asks. */
export function pressureOf(lanes: readonly LaneView[], node: string): Pressure | undefined {
  let known = made.get(lanes);
  if (!known) {
    const sums = new Map<string, Pressure>();
    for (const lane of lanes) {
      const before = sums.get(lane.node) ?? { lag: 0, full: false };
      sums.set(lane.node, {
        lag: before.lag + (lane.lag ?? 0),
        full: before.full || lane.state === "waiting" || lane.full,
      });
    }
    known = sums;
    made.set(lanes, known);
  }
  return known.get(node);
}

/** What a wire from a source says below its rate: `12k behind`, or `12k, full`; the same at length. `null` while it keeps up. */
export function wordsOfPressure(
  pressure: Pressure | undefined,
  perSecond: number,
): { short: string; whole: string } | null {
  if (!pressure || pressure.lag <= Math.max(leastBehind, behindSeconds * perSecond)) return null;
  const short = formatCompact(pressure.lag);
  const whole = `${formatPlural(pressure.lag, "message")} wait before it.`;
  if (!pressure.full) return { short: `${short} behind`, whole };
  return { short: `${short}, full`, whole: `${whole} It takes no more now: a node behind it does not keep up.` };
}
