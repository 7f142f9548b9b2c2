import type { Retry } from "../flow/document";

/** A dependency that is away is asked again after at most this long. */
const dependencyMaxMs = 5_000;
/** A `Retry-After` is followed up to here: a wrong one must not hold a lane for a day. */
const retryAfterMaxMs = 60_000;

/** Wait before the next try of a message that failed `failures` times (from 1). */
export function computeRetryDelay(retry: Retry, failures: number, random: () => number = Math.random): number {
  const plain = retry.backoff === "fixed" ? retry.delayMs : retry.delayMs * 2 ** Math.min(failures - 1, 30);
  return addJitter(Math.min(plain, retry.maxDelayMs), random);
}

/** Wait before a dependency is asked again after `failures` refusals (from 1). */
export function computeDependencyDelay(
  failures: number,
  retryAfterMs: number | undefined,
  random: () => number = Math.random,
): number {
  const own = addJitter(Math.min(100 * 2 ** Math.min(failures - 1, 10), dependencyMaxMs), random);
  return retryAfterMs === undefined ? own : Math.max(own, Math.min(retryAfterMs, retryAfterMaxMs));
}

/** Half of the wait is fixed and half is by chance, so that many lanes do not come back in step. */
function addJitter(delayMs: number, random: () => number): number {
  return delayMs / 2 + (delayMs / 2) * random();
}

/** Waits; ends early, without an error, when the signal fires. */
export function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, delayMs);
    signal?.addEventListener("abort", finish, { once: true });
  });
}

/** Waits for the work, but no longer than this: then `undefined`. */
export async function waitAtMost<Result>(work: Promise<Result> | null, limitMs: number): Promise<Result | undefined> {
  const abort = new AbortController();
  try {
    return (await Promise.race([work, sleep(limitMs, abort.signal)])) as Result | undefined;
  } finally {
    abort.abort();
  }
}

let turnStartedAt = 0;

/**
 * Lets the event loop turn when it has not for a while: a lane of synchronous steps only ever awaits what is already resolved,
 * and would otherwise keep timers and sockets waiting.
 */
export function breathe(): Promise<void> | undefined {
  if (performance.now() - turnStartedAt < 8) return undefined;
  return new Promise((resolve) => {
    setImmediate(() => {
      turnStartedAt = performance.now();
      resolve();
    });
  });
}
