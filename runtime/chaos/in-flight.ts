import { sleep } from "../backoff";
import type { House } from "./house";

const everyMs = 300;
/** With Postgres away nothing is told: what every lane takes when it is full, with the chunk that filled it. */
const unknown = 4 * 6_000;

/** Watches how many messages the workers say that they have on their way. */
export class InFlight {
  #seen: number[] = [];
  #watching = true;
  readonly #ended: Promise<void>;

  constructor(
    readonly house: House,
    readonly flow: string,
  ) {
    this.#ended = this.#watch();
  }

  /** The most of late. */
  get recent(): number {
    return Math.max(0, ...this.#seen);
  }

  async end(): Promise<void> {
    this.#watching = false;
    await this.#ended;
  }

  async #watch(): Promise<void> {
    while (this.#watching) {
      const now = await this.house.rig.live(this.flow).then(
        (rows) => rows.flatMap(({ lanes }) => lanes).reduce((sum, { inFlight }) => sum + inFlight, 0),
        () => unknown,
      );
      this.#seen = [...this.#seen.slice(-3), now];
      await sleep(everyMs);
    }
  }
}
