import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
} from "cockatiel";
import type { CallLimits } from "../flow/kind";
import type { Cause } from "../flow/verdict";
import { sleep } from "./backoff";

/** How the results of calls are told apart. */
export interface CallResults<Result> {
  /** Why, if it speaks against the service and not against what was asked. */
  downBy(result: Result): Cause | undefined;
  /** What is answered while the circuit is open; `result`: of the call that tried whether the service is back. */
  refuse(cause: Cause, retryAfterMs: number, result?: Result): Result;
}

/** Spares a service: no more calls in a second than it may get, and none at all while it is down (circuit breaker). */
export class CallGuard<Result> {
  readonly #limits: CallLimits;
  readonly #results: CallResults<Result>;
  readonly #breaker: CircuitBreakerPolicy | null;
  #openedAt = 0;
  #lastFailure: Cause | undefined;
  #nextCallAt = 0;

  constructor(limits: CallLimits, results: CallResults<Result>) {
    this.#limits = limits;
    this.#results = results;
    this.#breaker = limits.breaker ? this.#makeBreaker(limits.breaker) : null;
  }

  /** Its next call is not due yet. */
  get keepsPace(): boolean {
    return this.#nextCallAt > performance.now();
  }

  get circuit(): "open" | "half-open" | undefined {
    const state = this.#breaker?.state;
    if (state === CircuitState.Open) return "open";
    return state === CircuitState.HalfOpen ? "half-open" : undefined;
  }

  /** While the circuit is open: when a call may ask whether the service is back. */
  get nextCallAt(): number | undefined {
    return this.circuit === "open" ? this.#openedAt + (this.#limits.breaker?.openMs ?? 0) : undefined;
  }

  /** Waits until the next call may begin. */
  async keepPace(signal: AbortSignal): Promise<void> {
    const { perSecond } = this.#limits;
    if (!perSecond) return;
    const now = performance.now();
    const at = Math.max(now, this.#nextCallAt);
    this.#nextCallAt = at + 1_000 / perSecond;
    if (at > now) await sleep(at - now, signal);
  }

  /**
   * Calls, unless the circuit is open. What failed before (`again`) counts once among the failures in a row: one bad message opens no
   * circuit. Rejects only as `once` does.
   */
  async call(once: () => Promise<Result>, again: boolean): Promise<Result> {
    const breaker = this.#breaker;
    if (!breaker) return once();
    try {
      const result = await breaker.execute(async () => {
        const result = await once();
        const cause = this.#results.downBy(result);
        if (cause) {
          this.#lastFailure = cause;
          if (again && breaker.state === CircuitState.Closed) throw new RepeatedFailure(result);
        }
        return result;
      });
      // While the circuit is open it is the service that is at fault, not what was asked.
      return this.#results.downBy(result) && breaker.state !== CircuitState.Closed ? this.#refuse(result) : result;
    } catch (error) {
      if (error instanceof RepeatedFailure) return error.result as Result;
      if (error instanceof BrokenCircuitError) return this.#refuse();
      throw error;
    }
  }

  #refuse(result?: Result): Result {
    const { failures, openMs = 0 } = this.#limits.breaker ?? {};
    const last = this.#lastFailure ? ` The last: ${this.#lastFailure.message}` : "";
    const message = `The circuit is open after ${failures} failures in a row; what comes waits and is not lost.${last}`;
    const retryAfterMs = Math.max(0, this.#openedAt + openMs - Date.now());
    return this.#results.refuse({ code: "circuit-open", message }, retryAfterMs, result);
  }

  #makeBreaker({ failures, openMs }: NonNullable<CallLimits["breaker"]>): CircuitBreakerPolicy {
    const breaker = circuitBreaker(
      handleWhenResult((result) => this.#results.downBy(result as Result) !== undefined),
      { halfOpenAfter: openMs, breaker: new ConsecutiveBreaker(failures) },
    );
    breaker.onBreak(() => {
      this.#openedAt = Date.now();
    });
    return breaker;
  }
}

/** What failed again, for the breaker neither a failure nor a success. */
class RepeatedFailure extends Error {
  constructor(readonly result: unknown) {
    super("failed again");
  }
}
