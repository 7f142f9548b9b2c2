/** Buckets grow by a fifth: 0.02 ms to about 100 s in 84 of them, so a percentile is right within 10 %. */
const bucketCount = 84;
const smallestMs = 0.02;
const growth = Math.log(1.2);
const windowMs = 5_000;

/** Latency over the last five to ten seconds, in two windows of fixed size: no memory per message. */
export class Latency {
  #current = new Uint32Array(bucketCount);
  #previous = new Uint32Array(bucketCount);
  #startedAt = 0;
  #lastAt: number | undefined;

  /** Notes `count` messages that each took `durationMs`. */
  record(durationMs: number, count: number, now: number): void {
    this.#turn(now);
    this.#lastAt = now;
    const bucket = durationMs <= smallestMs ? 0 : Math.ceil(Math.log(durationMs / smallestMs) / growth);
    const index = bucket < bucketCount ? bucket : bucketCount - 1;
    this.#current[index] = this.#current[index]! + count;
  }

  /** Milliseconds that this share of messages stayed under; `undefined` when none passed lately. */
  percentile(share: number, now: number): number | undefined {
    this.#turn(now);
    let total = 0;
    for (let index = 0; index < bucketCount; index++) total += this.#current[index]! + this.#previous[index]!;
    if (total === 0) return undefined;
    let left = total * share;
    for (let index = 0; index < bucketCount; index++) {
      left -= this.#current[index]! + this.#previous[index]!;
      if (left <= 0) return round(smallestMs * Math.exp(growth * index));
    }
    return undefined;
  }

  /** Milliseconds since something was noted; `undefined` when nothing ever was. */
  quietMs(now: number): number | undefined {
    return this.#lastAt === undefined ? undefined : now - this.#lastAt;
  }

  #turn(now: number): void {
    if (now - this.#startedAt < windowMs) return;
    const stale = now - this.#startedAt >= 2 * windowMs;
    const cleared = this.#previous.fill(0);
    this.#previous = stale ? this.#current.fill(0) : this.#current;
    this.#current = cleared;
    this.#startedAt = now;
  }
}

function round(milliseconds: number): number {
  return milliseconds < 10 ? Math.round(milliseconds * 100) / 100 : Math.round(milliseconds);
}
