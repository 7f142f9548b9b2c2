import type { DeadLetterGroup } from "@/server/views";
import { formatCount } from "../ui/formats";

/** What the bars of a cause say: how many came in the last 24 hours, and whether they still come. */
export function wordsOfTrend({ trend }: Pick<DeadLetterGroup, "trend">): string {
  const total = trend.reduce((sum, count) => sum + count, 0);
  if (total === 0) return "None came in the last 24 hours";
  const now = trend.at(-1) ?? 0;
  return `${formatCount(total)} in the last 24 hours, ${now === 0 ? "none" : formatCount(now)} in the last one`;
}
