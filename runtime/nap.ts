import { sleep } from "./backoff";

/** A wait that can be ended early; one that was woken before it began is over at once. */
export class Nap {
  #isAwake = false;
  #sleeping = new AbortController();

  wake(): void {
    this.#isAwake = true;
    this.#sleeping.abort();
  }

  async wait(delayMs: number): Promise<void> {
    this.#sleeping = new AbortController();
    if (!this.#isAwake && delayMs > 0) await sleep(delayMs, this.#sleeping.signal);
    this.#isAwake = false;
  }
}
