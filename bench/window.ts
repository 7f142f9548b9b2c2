import { sleep } from "../runtime/backoff";
import type { Usage } from "./usage";

/** A stretch of steady work: what had come out at its beginning and at its end. */
export interface Window {
  readonly seconds: number;
  readonly written: number;
  /** Monotonic, in microseconds: profiles are cut to it. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly ownSeconds: number | null;
  readonly machineSeconds: number | null;
}

export interface Watch {
  /** How much each output holds now. */
  counts(): Promise<readonly number[]>;
  usage(): Promise<Usage>;
  readonly seconds: number;
  /** How long it works before it is measured. */
  readonly settleSeconds: number;
  /** What the outputs hold together when all is done; Infinity when it never ends. */
  readonly total: number;
  /** Rejects when the side that is measured has failed. */
  readonly failure: Promise<never>;
}

const firstPollMs = 25;
const pollMs = 100;
const firstPatienceMs = 60_000;
/** Near the end some partitions are empty already, and fewer lanes work: that is not steady any more. */
const shareMeasured = 0.9;

interface Sample {
  readonly at: number;
  readonly counts: readonly number[];
  readonly sum: number;
}

/**
 * Measures from some time after the first sample in which every output has something (so that joining a group and deploying are not part
 * of it) until the time is over, or until nine tenths of everything are written. What counts is what the broker says it holds.
 * @throws Error when nothing is written in a minute, or when the side fails
 */
export async function measureWindow(watch: Watch): Promise<Window> {
  const take = async (): Promise<Sample> => {
    const asked = performance.now();
    const counts = await Promise.race([watch.counts(), watch.failure]);
    // The broker answered somewhere between.
    return { at: (asked + performance.now()) / 2, counts, sum: counts.reduce((sum, count) => sum + count, 0) };
  };
  const waited = performance.now();
  let first = await take();
  while (first.counts.some((count) => count === 0)) {
    if (performance.now() - waited > firstPatienceMs) {
      const empty = first.counts.filter((count) => count === 0).length;
      throw new Error(`${empty} of ${first.counts.length} outputs had nothing written within a minute`);
    }
    await Promise.race([sleep(firstPollMs), watch.failure]);
    first = await take();
  }
  await Promise.race([sleep(watch.settleSeconds * 1_000), watch.failure]);
  const before = await watch.usage();
  let last = await take();
  first = last;
  let enough = false;
  while (!enough) {
    await Promise.race([sleep(pollMs), watch.failure]);
    const sample = await take();
    // A sample at which everything is written says nothing of when that was.
    if (sample.sum < watch.total) last = sample;
    enough = sample.at - first.at >= watch.seconds * 1_000 || sample.sum >= watch.total * shareMeasured;
  }
  const after = await watch.usage();
  if (last.sum === first.sum) throw new Error("everything was written before it could be measured: lay more ready");
  return {
    seconds: (last.at - first.at) / 1_000,
    written: last.sum - first.sum,
    fromUs: toMonotonicUs(first.at),
    toUs: toMonotonicUs(last.at),
    ownSeconds: minus(after.ownSeconds, before.ownSeconds),
    machineSeconds: minus(after.machineSeconds, before.machineSeconds),
  };
}

function minus(after: number | null, before: number | null): number | null {
  return after === null || before === null ? null : after - before;
}

const monotonicOffsetUs = Number(process.hrtime.bigint() / 1_000n) - performance.now() * 1_000;
/** A time of `performance.now()` as profiles tell it. */
export const toMonotonicUs = (ms: number) => Math.round(ms * 1_000 + monotonicOffsetUs);
