/** Times are kept in steps of this; what is due in one of them is looked for at its end. */
const stepMs = 20;
/** What is due later is found by looking now and then. */
const horizonMs = 60_000;

/** When something that this worker has written is due, so that it is looked for then and not only now and then. */
export class DueTimes {
  readonly #steps = new Set<number>();
  #first = Number.POSITIVE_INFINITY;

  note(at: number, now: number): void {
    if (at > now + horizonMs) return;
    const step = Math.ceil(at / stepMs);
    this.#steps.add(step);
    this.#first = Math.min(this.#first, step);
  }

  /** The next of them. */
  get next(): number | undefined {
    return this.#steps.size > 0 ? this.#first * stepMs : undefined;
  }

  /** Forgets those that have come; answers whether one has. */
  take(now: number): boolean {
    if (this.#first * stepMs > now) return false;
    let first = Number.POSITIVE_INFINITY;
    for (const step of this.#steps) {
      if (step * stepMs <= now) this.#steps.delete(step);
      else first = Math.min(first, step);
    }
    this.#first = first;
    return true;
  }
}
