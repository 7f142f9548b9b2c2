import { sleep } from "../backoff";

const everyMs = 150;
/** What counts as of late: three times as long as a position waits at most to be committed. */
const recentMs = 1_500;

/** Counts that only grow, by lane: a partition, or a sink as a whole. */
export type Counts = ReadonlyMap<string, number>;

/** Watches counts that grow: when each last did, how long all stood still at most, how much they grew of late. */
export class Progress {
  longestSilenceMs = 0;
  #counts: Counts = new Map();
  readonly #grownAt = new Map<string, number>();
  #lastGrownAt = performance.now();
  #window: { readonly at: number; readonly total: number }[] = [];
  #watching = true;
  readonly #ended: Promise<void>;

  constructor(readonly count: () => Promise<Counts>) {
    this.#ended = this.#watch();
  }

  /** Milliseconds until each lane has grown after this moment (of performance.now), or null when one has not within the time. */
  async waitForGrowth(since: number, timeoutMs: number): Promise<number | null> {
    for (;;) {
      const grown = [...this.#grownAt.values()];
      if (grown.length > 0 && grown.every((at) => at > since)) return performance.now() - since;
      if (performance.now() - since > timeoutMs) return null;
      await sleep(20);
    }
  }

  /** How much all have grown of late. */
  get recent(): number {
    return sum(this.#counts) - (this.#window[0]?.total ?? 0);
  }

  /** To be called when the last is there: what was still until now counts as silence. */
  async end(): Promise<void> {
    if (!this.#watching) return;
    this.#watching = false;
    await this.#ended;
    if (sum(this.#counts) > 0)
      this.longestSilenceMs = Math.max(this.longestSilenceMs, performance.now() - this.#lastGrownAt);
  }

  async #watch(): Promise<void> {
    while (this.#watching) {
      const asked = performance.now();
      // A broker that is away tells nothing: that is silence, too.
      const counts = await this.count().catch(() => this.#counts);
      const now = performance.now();
      const before = this.#counts;
      let grew = false;
      for (const [lane, count] of counts) {
        if (!this.#grownAt.has(lane)) this.#grownAt.set(lane, Number.NEGATIVE_INFINITY);
        if (count <= (before.get(lane) ?? 0)) continue;
        // It had grown when the answer was made: what is asked for before a moment tells nothing of the time after it.
        this.#grownAt.set(lane, asked);
        grew = true;
      }
      this.#counts = counts;
      const total = sum(counts);
      if (grew) {
        if (total > 0 && sum(before) > 0)
          this.longestSilenceMs = Math.max(this.longestSilenceMs, now - this.#lastGrownAt);
        this.#lastGrownAt = now;
      }
      this.#window = [...this.#window.filter(({ at }) => now - at <= recentMs), { at: now, total }];
      await sleep(everyMs);
    }
  }
}

/** One lane for all. */
export const asWhole = (count: () => Promise<number>) => async (): Promise<Counts> => new Map([["all", await count()]]);

const sum = (counts: Counts) => [...counts.values()].reduce((total, count) => total + count, 0);
