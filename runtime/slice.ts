/** A slice is to take about so long: others in the process wait for the slices of every lane. */
const sliceMs = 10;
const firstSize = 32;
const mostSize = 4_096;

/**
 * How many messages a synchronous step works before everything else in the process has its turn. An expensive expression gets few of
 * them, a cheap one all of a flight's.
 */
export class Slice {
  #size = firstSize;

  get size(): number {
    return this.#size;
  }

  /** Takes note of how long the step took for so many. */
  note(messages: number, ms: number): void {
    if (ms > sliceMs) this.#size = Math.max(1, Math.floor((messages * sliceMs) / ms));
    else if (messages >= this.#size && ms < sliceMs / 4) this.#size = Math.min(mostSize, this.#size * 4);
  }
}
