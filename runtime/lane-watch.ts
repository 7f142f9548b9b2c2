import type { LaneLive } from "../flow/control";
import { LagMemory } from "./lag-memory";
import { decideLaneState, type LaneFacts, type LaneVerdict } from "./lane-state";

/** Between two looks a lane may have stood still for so long; anything more, the process itself did, or the clock was set. */
const lookMs = 2_000;
/** After its broker was silent a lane counts as well only when nothing was heard of that for so long: a try that failed begins another. */
const wellAfterMs = 3_000;

/** Follows one lane from look to look, and tells when it begins or ends to stand still. */
export class LaneWatch {
  #stillMs = 0;
  #progressAt: number | null = null;
  #silentAt = Number.NEGATIVE_INFINITY;
  #lookedAt: number;
  #verdict: LaneVerdict = { state: "idle" };
  #since: number;
  readonly #lags = new LagMemory();

  constructor(
    readonly onChange: (verdict: LaneVerdict, before: LaneVerdict) => void,
    now: number,
  ) {
    this.#lookedAt = now;
    this.#since = now;
  }

  look(
    facts: Omit<LaneFacts, "stillMs">,
    lastProgressAt: number | null,
    now: number,
  ): Pick<LaneLive, "state" | "since" | "cause" | "lagBefore"> {
    // While the broker says nothing it is not known whether there is work.
    if (facts.away || (facts.call && facts.call.forMs > lookMs)) this.#silentAt = now;
    const mayWait = facts.inFlight > 0 || (facts.lag ?? 0) > 0 || Math.abs(now - this.#silentAt) < wellAfterMs;
    const elapsedMs = Math.min(Math.max(now - this.#lookedAt, 0), lookMs);
    this.#stillMs = mayWait && lastProgressAt === this.#progressAt ? this.#stillMs + elapsedMs : 0;
    this.#progressAt = lastProgressAt;
    this.#lookedAt = now;
    const before = this.#verdict;
    const verdict = decideLaneState({ ...facts, stillMs: this.#stillMs });
    this.#verdict = verdict;
    if (verdict.state !== before.state) {
      this.#since = now;
      this.onChange(verdict, before);
    }
    const lagBefore = this.#lags.note(facts.lag, now);
    return {
      state: verdict.state,
      since: this.#since,
      ...(verdict.cause ? { cause: verdict.cause } : {}),
      ...(lagBefore === undefined ? {} : { lagBefore }),
    };
  }
}
