import type { DeadLetterCount } from "@/server/views";

/** What was asked to be sent again and has no end yet: with workers, or waiting for its flow to be deployed. */
export interface OnTheWay {
  sending: number;
  queued: number;
  stopped: number;
}

/** @param running flows that are deployed; until they are known, nothing is called stopped */
export function countOnTheWay(counts: readonly DeadLetterCount[], running: ReadonlySet<string> | undefined): OnTheWay {
  const found = { sending: 0, queued: 0, stopped: 0 };
  for (const { flow, state, count } of counts) {
    // Claimed by a worker whose flow was stopped since: it is sent when the flow is deployed again.
    const waits = running !== undefined && !running.has(flow);
    if (state === "sending" || state === "queued") found[waits ? "stopped" : state] += count;
  }
  return found;
}
