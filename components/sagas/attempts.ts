import type { SagaAttempt, Undo } from "@/flow/saga/state";
import type { SagaVisitView } from "@/server/saga-views";
import type { Tone } from "../ui/callout";

/** The attempts of one side, in order; with the one that is under way, even if nothing was written of it yet. */
export function attemptsOf(visit: SagaVisitView, side: SagaAttempt["side"]): SagaAttempt[] {
  const kept = visit.attempts.filter((attempt) => attempt.side === side);
  const now = side === "action" ? visit : visit.undo;
  if (now?.state !== "working" || kept.some(({ endedAt }) => endedAt === undefined)) return kept;
  return [...kept, { side, number: now.attempt, at: Math.max(now.at, kept.at(-1)?.endedAt ?? 0) }];
}

/** The colour of one attempt: a failed one that was tried again is amber, the last one red. */
export function toneOfAttempt({ side, cause, endedAt }: SagaAttempt, last: boolean, visit: SagaVisitView): Tone {
  if (cause) {
    const state = side === "action" ? visit.state : visit.undo?.state;
    return last && (state === "failed" || state === "stuck") ? "bad" : "warn";
  }
  if (endedAt === undefined) return side === "action" ? "accent" : "undo";
  return side === "action" ? "ok" : "undo";
}

/** Is a compensation done, or will never be? */
export const isUndoOver = ({ state }: Undo) => state === "done" || state === "skipped" || state === "passed";
