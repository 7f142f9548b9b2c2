/** So far back it is asked how far a lane was behind. */
export const lagSpanMs = 300_000;
const sampleEveryMs = 30_000;

/** Remembers how far a lane was behind five minutes ago. */
export class LagMemory {
  #samples: { readonly at: number; readonly lag: number }[] = [];

  /** Notes the lag of now. @returns that of five minutes ago; `undefined` while it has not been known for so long */
  note(lag: number | null, now: number): number | undefined {
    const last = this.#samples.at(-1);
    // The clock was set, or the broker says nothing any more: what was known before tells nothing.
    if (lag === null || (last && now < last.at)) this.#samples = [];
    if (lag !== null && !(last && now >= last.at && now - last.at < sampleEveryMs))
      this.#samples.push({ at: now, lag });
    while (this.#samples.length > 1 && now - this.#samples[1]!.at >= lagSpanMs) this.#samples.shift();
    const [oldest] = this.#samples;
    return oldest && now - oldest.at >= lagSpanMs ? oldest.lag : undefined;
  }
}
