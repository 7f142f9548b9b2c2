import { showCount, writeTable } from "../report";
import type { InspectResult } from "../results";
import { findMedian, ratiosOf, spreadOf } from "../statistics";
import type { Watched } from "./load";

/** Searches in a million runs, the room they take, a day that is dropped, and what open tabs cost. */
export function tableOfInspect({ runs, filled, searches, dropped, watched }: InspectResult): string {
  const found = writeTable(
    ["search", "p50, ms", "p95, ms", "most, ms", "runs found"],
    searches.map(({ name, p50Ms, p95Ms, mostMs, found }) => [
      name,
      ...[p50Ms, p95Ms, mostMs].map((ms) => ms.toFixed(0)),
      String(found),
    ]),
  );
  const room = `${showCount(runs)} runs of five steps and two searchable values: ${filled.bytesPerRun.toFixed(0)} bytes a run with all indexes, ${filled.tableBytesPerRun.toFixed(0)} of them the run itself with its packed steps; written in ${filled.seconds.toFixed(0)} s.`;
  const drop = `Dropping a day of ${showCount(dropped.runs)} runs took ${dropped.ms.toFixed(0)} ms. Beside it the longest write of 100 runs took ${dropped.longestWriteMs.toFixed(0)} ms (usually ${dropped.usualWriteMs.toFixed(0)}), the longest reading of the newest page ${dropped.longestReadMs.toFixed(0)} ms (usually ${dropped.usualReadMs.toFixed(0)}); no session waited longer than ${dropped.lockedMs.toFixed(0)} ms for a lock.`;
  return [found, room, drop, tableOfWatched(watched)].join("\n\n");
}

function tableOfWatched(watched: readonly Watched[]): string {
  const counts = [...new Set(watched.map(({ tabs }) => tabs))];
  const of = (tabs: number) => watched.filter((each) => each.tabs === tabs);
  const middle = (tabs: number, read: (one: Watched) => number) => findMedian(of(tabs).map(read));
  const [without, withTabs] = counts.map((tabs) => of(tabs).map(({ perSecond }) => perSecond)) as [number[], number[]];
  const ratios = spreadOf(ratiosOf(withTabs, without));
  const behind = watched.flatMap((each) => each.behind ?? []);
  const table = writeTable(
    ["open tabs", "messages/s", "p50, ms", "p99, ms", "web, % of a core", "worker, %", "database, %"],
    counts.map((tabs) => [
      String(tabs),
      showCount(middle(tabs, (one) => one.perSecond)),
      middle(tabs, (one) => one.p50Ms).toFixed(1),
      middle(tabs, (one) => one.p99Ms).toFixed(1),
      ...(["web", "worker", "database"] as const).map((part) => middle(tabs, (one) => one.percent[part]).toFixed(0)),
    ]),
  );
  return `${table}\n\nThroughput with tabs ÷ without: ${ratios.median.toFixed(3)} (${ratios.min.toFixed(3)} to ${ratios.max.toFixed(3)}). The counts that a tab showed were at most ${(Math.max(...behind.map(({ mostMs }) => mostMs)) / 1_000).toFixed(2)} s old, ${(findMedian(behind.map(({ middleMs }) => middleMs)) / 1_000).toFixed(2)} s in the middle of all, each time just before newer ones came.`;
}
