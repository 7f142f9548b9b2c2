import type { ParkedSummary } from "@/server/views";
import type { Tone } from "../ui/callout";
import { formatCount, formatPlural } from "../ui/formats";

/** `12 wait for a later try` */
export function wordsOfWaiting(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "waits" : "wait"} for a later try`;
}

/** `1 of 3`; the count alone where the rule is not known. */
export function wordsOfAttempts({ attempts, ofAttempts }: ParkedSummary): string {
  return ofAttempts === null ? formatCount(attempts) : `${formatCount(attempts)} of ${formatCount(ofAttempts)}`;
}

/** When its next try is, or what keeps it from one. */
export function wordsOfNextTry(
  { givenUp, runs, behind, dueAt }: ParkedSummary,
  now: number,
): { tone: Tone; words: string } {
  if (givenUp) return { tone: "bad", words: runs ? "Given up" : "Given up when the flow runs" };
  if (!runs) return { tone: "idle", words: "When the flow runs" };
  if (behind) return { tone: "idle", words: `Behind ${formatPlural(behind.count, "message")} of its key` };
  const inMs = dueAt === null ? 0 : dueAt.getTime() - now;
  return inMs > 0 ? { tone: "warn", words: formatIn(inMs) } : { tone: "accent", words: "Now" };
}

/** `In 42 s`, `In 5 min`, `In 3 h`: as exact as one can see it change. */
export function formatIn(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 100) return `In ${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `In ${minutes} min` : `In ${Math.round(minutes / 60)} h`;
}
