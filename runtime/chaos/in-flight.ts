import { sleep } from "../backoff";
import type { House } from "./house";

const everyMs = 300;
/** With Postgres away nothing is told: what every lane takes when it is full. */
const unknown = 4 * 1_500;

/** Watches how many messages the workers say that they have on their way. */
export class InFlight {
  #peak = 0;
  #last = 0;
  #watching = true;
  readonly #ended: Promise<void>;

  constructor(
    readonly house: House,
    readonly flow: string,
  ) {
    this.#ended = this.#watch();
  }

  /** The most since it was last asked. */
  takePeak(): number {
    const peak = Math.max(this.#peak, this.#last);
    this.#peak = 0;
    return peak;
  }

  async end(): Promise<void> {
    this.#watching = false;
    await this.#ended;
  }

  async #watch(): Promise<void> {
    while (this.#watching) {
      this.#last = await this.house.rig.live(this.flow).then(
        (rows) => rows.flatMap(({ lanes }) => lanes).reduce((sum, { inFlight }) => sum + inFlight, 0),
        () => unknown,
      );
      this.#peak = Math.max(this.#peak, this.#last);
      await sleep(everyMs);
    }
  }
}
