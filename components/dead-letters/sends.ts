import type { DeadLetterSummary } from "@/server/views";

/** A letter that waits although it was sent again: it failed once more. One that its worker refused was not tried. */
export function failedAgain({ state, sends, createdAt, failedAt }: DeadLetterSummary): boolean {
  return state === "waiting" && sends > 0 && failedAt > createdAt;
}

export function wordsOfSends(sends: number): string {
  return `sent again ${sends}×, failed again`;
}
