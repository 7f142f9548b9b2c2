import type { DeadLetterGroup } from "@/server/views";
import { formatCount } from "../ui/formats";

/** What the bars of a cause say: how many came in the last 24 hours, and whether they still come. */
export function wordsOfTrend({ trend }: Pick<DeadLetterGroup, "trend">): string {
  const total = trend.reduce((sum, count) => sum + count, 0);
  if (total === 0) return "None came in the last 24 hours";
  const now = trend.at(-1) ?? 0;
  return `${formatCount(total)} in the last 24 hours, ${now === 0 ? "none" : formatCount(now)} in the last one`;
}

/** Which versions the letters of a cause failed on: `v2`, or each with how many. */
export function wordsOfVersions({ versions }: Pick<DeadLetterGroup, "versions">): string {
  const [only, ...others] = versions;
  if (!only) return "";
  if (others.length === 0) return `v${only.version}`;
  return versions.map(({ version, count }) => `${formatCount(count)} on v${version}`).join(", ");
}
