import type { DeadLetterSummary } from "@/server/views";
import { type StateWords, wordsOfDeadLetter } from "../ui/state-words";

/** A letter that is given up although it was sent again: it failed once more. One that its worker refused was not tried. */
export function failedAgain({
  state,
  sends,
  createdAt,
  failedAt,
}: Pick<DeadLetterSummary, "state" | "sends" | "createdAt" | "failedAt">): boolean {
  return state === "waiting" && sends > 0 && failedAt > createdAt;
}

export function wordsOfSends(sends: number): string {
  return `sent again ${sends}×, failed again`;
}

/**
 * A letter's state as it is shown. One that is on its way while its flow is stopped is sent when the flow is deployed again.
 * @param running flows that are deployed; until they are known, nothing is called stopped
 */
export function wordsOfLetter(
  { state, flow }: Pick<DeadLetterSummary, "state" | "flow">,
  running: ReadonlySet<string> | undefined,
): StateWords {
  const isStopped = running !== undefined && !running.has(flow) && (state === "queued" || state === "sending");
  return isStopped ? { tone: "warn", words: "Queued, flow stopped" } : wordsOfDeadLetter(state);
}
