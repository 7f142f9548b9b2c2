import { defaultTrace, type FlowDocument } from "../flow/document";

type TraceSetting = NonNullable<NonNullable<FlowDocument["settings"]>["trace"]>;

/** Picks the messages whose runs are kept beside the failed ones, by the flow's setting, when they enter the flow. */
export class Sampler {
  readonly #share: number | undefined;
  readonly #perSecond: number;
  #tokens: number;
  #at: number | undefined;

  constructor(setting: TraceSetting = defaultTrace) {
    this.#share = setting.share;
    this.#perSecond = setting.perSecond ?? defaultTrace.perSecond;
    this.#tokens = Math.max(1, this.#perSecond);
  }

  /** The flow keeps failed runs only. */
  get none(): boolean {
    return (this.#share ?? this.#perSecond) <= 0;
  }

  /** Is this message one of them? Picks that were not used are saved up for one second. `now` in milliseconds. */
  take(now: number): boolean {
    if (this.none) return false;
    if (this.#share !== undefined) return Math.random() < this.#share;
    const room = Math.max(1, this.#perSecond);
    this.#tokens = Math.min(room, this.#tokens + ((now - (this.#at ?? now)) / 1_000) * this.#perSecond);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
