import type { Retry } from "./document";

/** A message that would wait longer for its next try is parked, with all later ones of its key, so that the rest goes on. */
export const parkAfterMs = 5_000;

/** The longest wait between two tries, in milliseconds; chance only shortens it. */
export function longestWaitMs({ attempts, backoff, delayMs, maxDelayMs }: Retry): number {
  if (attempts < 2) return 0;
  return Math.min(maxDelayMs, backoff === "fixed" ? delayMs : delayMs * 2 ** Math.min(attempts - 2, 30));
}

/** May a message be parked by this setting? */
export function mayPark(retry: Retry): boolean {
  return longestWaitMs(retry) > parkAfterMs;
}
