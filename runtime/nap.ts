/** A wait that can be ended early; one that was woken before it began is over at once. */
export class Nap {
  #isAwake = false;
  #end: (() => void) | undefined;

  wake(): void {
    this.#isAwake = true;
    this.#end?.();
  }

  async wait(delayMs: number): Promise<void> {
    if (!this.#isAwake && delayMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, delayMs);
        this.#end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#end = undefined;
    }
    this.#isAwake = false;
  }
}
