import { sleep } from "../backoff";

const everyMs = 150;

/** Watches a count that grows: when it last did, how long it stood still at most, how fast it grew. */
export class Progress {
  longestSilenceMs = 0;
  #peakPerSecond = 0;
  lastGrownAt = performance.now();
  total = 0;
  #watching = true;
  readonly #ended: Promise<void>;

  constructor(readonly count: () => Promise<number>) {
    this.#ended = this.#watch();
  }

  /** Milliseconds until it has grown after this moment (of performance.now), or null when it has not within the time. */
  async waitForGrowth(since: number, timeoutMs: number): Promise<number | null> {
    while (this.lastGrownAt <= since) {
      if (performance.now() - since > timeoutMs) return null;
      await sleep(20);
    }
    return this.lastGrownAt - since;
  }

  /** Most that arrived within a second since it was last asked. */
  takePeak(): number {
    const peak = this.#peakPerSecond;
    this.#peakPerSecond = 0;
    return peak;
  }

  async end(): Promise<void> {
    this.#watching = false;
    await this.#ended;
  }

  async #watch(): Promise<void> {
    let window: { at: number; total: number }[] = [];
    while (this.#watching) {
      const asked = performance.now();
      // A broker that is away tells nothing: that is silence, too.
      const total = await this.count().catch(() => this.total);
      const now = performance.now();
      if (total > this.total) {
        // What grew while the answer was on its way counts from the asking on.
        if (this.total > 0) this.longestSilenceMs = Math.max(this.longestSilenceMs, asked - this.lastGrownAt);
        this.total = total;
        this.lastGrownAt = now;
      }
      window = [...window.filter(({ at }) => now - at <= 1_000), { at: now, total }];
      this.#peakPerSecond = Math.max(this.#peakPerSecond, total - window[0]!.total);
      await sleep(everyMs);
    }
  }
}
