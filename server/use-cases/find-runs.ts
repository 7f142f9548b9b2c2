import "server-only";
import { countMatches, type FoundCount, isBy, type MatchedBy, matchesOf, mostCounted } from "@/flow/run-search";
import type { RunFilter, RunSummary } from "../views";
import { maskRunList } from "./masking";
import type { Viewer } from "./masks";
import { listRuns } from "./runs";

/** A page of runs as a person sees them; of a search that is narrowed, what is seen to be found by that. */
export async function findRuns(viewer: Viewer, filter: RunFilter): Promise<{ runs: RunSummary[]; more: boolean }> {
  const page = await maskRunList(viewer, await listRuns(viewer, filter), filter);
  const { text, by } = filter;
  if (!text || !by) return page;
  // By what it was found is told as far as that is seen: what is not told must not be told by the list, either.
  const runs = page.runs.filter((run) => matchesOf(run).some((matched) => isBy(matched, by)));
  return { runs, more: page.more && runs.length > 0 };
}

/** What may find so many runs that it is counted by itself. */
const counted = ["key", "value", "position", "error"] as const;

/** By what a text finds runs, and how many, each counted up to 100. Counts what the person sees to be found, and nothing else. */
export async function countFound(viewer: Viewer, filter: RunFilter): Promise<FoundCount[]> {
  const { by: _narrowed, ...whole } = filter;
  const find = (by: { by?: MatchedBy | "value" }) => findRuns(viewer, { ...whole, ...by, limit: mostCounted + 1 });
  const newest = await find({});
  if (!newest.more) return countMatches(newest.runs);
  const pages = await Promise.all(counted.map((by) => find({ by })));
  const exact = pages.flatMap(({ runs }, nth) => countMatches(runs).filter(({ by }) => isBy(by, counted[nth]!)));
  const others = countMatches(newest.runs, newest).filter(({ by }) => !counted.some((each) => isBy(by, each)));
  return [...exact, ...others].sort((a, b) => b.count - a.count);
}
