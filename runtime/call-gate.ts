import {
  BrokenCircuitError,
  type BulkheadPolicy,
  bulkhead,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
} from "cockatiel";
import type { BatchContext, OpenCall } from "../flow/behaviour";
import type { CallPolicy } from "../flow/kind";
import type { Message } from "../flow/message";
import { type Cause, type Failure, isFailure, retryDependency, type StepResult } from "../flow/verdict";
import { sleep } from "./backoff";
import { toFailure } from "./node-failure";

/** A node watches its own time first; this one ends a call that its client has forgotten. */
const graceMs = 1_000;

/** A message's place in the order of calls. */
export interface Turn {
  /** Resolves when those before it have ended; absent when there are none. */
  readonly before: Promise<void> | undefined;
  end(): void;
}

const noTurn: Turn = { before: undefined, end: () => {} };

/**
 * Holds the calls of one node in check, over all lanes of this worker: how many at once (bulkhead), in which order, how fast, how long,
 * and none at all while the service is down (circuit breaker).
 */
export class CallGate {
  readonly #call: OpenCall;
  readonly #policy: CallPolicy;
  readonly #bulkhead: BulkheadPolicy;
  readonly #breaker: CircuitBreakerPolicy | null;
  readonly #timeout;
  /** The newest turn of each key or lane. */
  readonly #turns = new Map<string, Promise<void>>();
  #openedAt = 0;
  #lastFailure: Cause | undefined;
  #nextCallAt = 0;

  constructor(call: OpenCall, policy: CallPolicy) {
    this.#call = call;
    this.#policy = policy;
    this.#bulkhead = bulkhead(policy.concurrency, Number.POSITIVE_INFINITY);
    this.#timeout = timeout(policy.timeoutMs + graceMs, TimeoutStrategy.Aggressive);
    this.#breaker = policy.breaker ? this.#makeBreaker(policy.breaker) : null;
  }

  /** Results leave in the order in which the messages came. */
  get keepsOrder(): boolean {
    return this.#policy.order !== "none";
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
    return this.circuit === "open" ? this.#openedAt + (this.#policy.breaker?.openMs ?? 0) : undefined;
  }

  /** Gives a message its turn. Called in the order of the lane. */
  enter(message: Message): Turn {
    const name = this.#nameTurn(message);
    if (name === undefined) return noTurn;
    const before = this.#turns.get(name);
    let resolve = () => {};
    const ended = new Promise<void>((end) => {
      resolve = end;
    });
    this.#turns.set(name, ended);
    return {
      before,
      end: () => {
        if (this.#turns.get(name) === ended) this.#turns.delete(name);
        resolve();
      },
    };
  }

  /**
   * Calls once, if that is still wanted when its turn comes; `null` = it was not. A message that failed before counts once among the
   * failures in a row: one bad message opens no circuit. Never rejects.
   */
  async call(message: Message, context: BatchContext, isWanted: () => boolean = always): Promise<StepResult | null> {
    try {
      // Without the signal: cockatiel's queue stands still behind one that was aborted in it.
      return await this.#bulkhead.execute(() => this.#callNow(message, context, isWanted));
    } catch (error) {
      if (error instanceof RepeatedFailure) return error.failure;
      if (error instanceof BrokenCircuitError) return this.#refuse();
      return toFailure(error);
    }
  }

  async close(): Promise<void> {
    await this.#call.close?.();
  }

  async #callNow(message: Message, context: BatchContext, isWanted: () => boolean): Promise<StepResult | null> {
    const isOver = () => context.signal.aborted || !isWanted();
    if (isOver()) return null;
    await this.#keepPace(context.signal);
    if (isOver()) return null;
    const once = () => this.#callInTime(message, context);
    if (!this.#breaker) return once();
    const result = await this.#breaker.execute(async () => {
      const result = await once();
      if (isDown(result)) {
        this.#lastFailure = result.cause;
        if (context.attempt > 1 && this.#breaker?.state === CircuitState.Closed) throw new RepeatedFailure(result);
      }
      return result;
    });
    // While the circuit is open it is the service that is at fault: the message spends no attempt.
    return isDown(result) && this.#breaker.state !== CircuitState.Closed ? this.#refuse() : result;
  }

  async #callInTime(message: Message, context: BatchContext): Promise<StepResult> {
    try {
      return await this.#timeout.execute(
        ({ signal }) => this.#call.call(message, { ...context, signal }),
        context.signal,
      );
    } catch (error) {
      if (error instanceof TaskCancelledError)
        return retryDependency("call-timeout", `The call did not end within ${this.#policy.timeoutMs} ms.`);
      return toFailure(error);
    }
  }

  #refuse(): Failure {
    const openMs = this.#policy.breaker?.openMs ?? 0;
    const last = this.#lastFailure ? ` The last: ${this.#lastFailure.message}` : "";
    const words = `The circuit is open after ${this.#policy.breaker?.failures} failures in a row; messages wait and are not lost.${last}`;
    return retryDependency("circuit-open", words, Math.max(0, this.#openedAt + openMs - Date.now()));
  }

  /** Waits until the next call may begin. */
  async #keepPace(signal: AbortSignal): Promise<void> {
    const { perSecond } = this.#policy;
    if (!perSecond) return;
    const now = performance.now();
    const at = Math.max(now, this.#nextCallAt);
    this.#nextCallAt = at + 1_000 / perSecond;
    if (at > now) await sleep(at - now, signal);
  }

  #nameTurn({ key, meta }: Message): string | undefined {
    const { order } = this.#policy;
    if (order === "none" || (order === "key" && key === null)) return undefined;
    const lane = `${meta.source}\n${meta.lane}`;
    return order === "lane" ? lane : `${lane}\n${Buffer.from(key!).toString("latin1")}`;
  }

  #makeBreaker({ failures, openMs }: NonNullable<CallPolicy["breaker"]>): CircuitBreakerPolicy {
    const breaker = circuitBreaker(
      handleWhenResult((result) => isDown(result as StepResult)),
      { halfOpenAfter: openMs, breaker: new ConsecutiveBreaker(failures) },
    );
    breaker.onBreak(() => {
      this.#openedAt = Date.now();
    });
    return breaker;
  }
}

const always = () => true;

/** A message that failed again, for the breaker neither a failure nor a success. */
class RepeatedFailure extends Error {
  constructor(readonly failure: Failure) {
    super("failed again");
  }
}

/** Does it speak against the service, and not against the message? */
function isDown(result: StepResult): result is Failure {
  return isFailure(result) && result.verdict === "retry";
}
