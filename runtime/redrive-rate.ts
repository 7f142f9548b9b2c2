/** How much of a rate is left: kept with the redrive in the store, so that all workers draw from one. */
export interface Allowance {
  /** Letters a second. */
  readonly rate: number;
  /** Letters that were left when it was last drawn from. */
  readonly left: number;
  readonly sinceMs: number;
}

/** What was not sent in time is made up for by at most this much. */
const burstMs = 500;
/** Drawing more often than this costs more than it smooths. */
const minWaitMs = 100;

/** Draws up to `wanted` letters. `againInMs`: when there is more. */
export function draw({ rate, left, sinceMs }: Allowance, wanted: number) {
  const most = Math.max(1, (rate * burstMs) / 1_000);
  // Numbers like 0.2 + 0.8 fall a hair short of what they are.
  const available = Math.min(most, left + (rate * Math.max(0, sinceMs)) / 1_000 + 1e-6);
  const granted = Math.max(0, Math.min(wanted, Math.floor(available)));
  return {
    granted,
    available,
    againInMs: Math.max(minWaitMs, Math.ceil(((1 - (available - granted)) / rate) * 1_000)),
  };
}
