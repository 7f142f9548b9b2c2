import { type BulkheadPolicy, bulkhead, TaskCancelledError, TimeoutStrategy, timeout } from "cockatiel";
import type { BatchContext, OpenCall } from "../flow/behaviour";
import type { CallPolicy } from "../flow/kind";
import type { Message } from "../flow/message";
import { isFailure, retryDependency, type StepResult } from "../flow/verdict";
import { CallGuard } from "./call-guard";
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
  readonly #guard: CallGuard<StepResult>;
  readonly #timeout;
  /** The newest turn of each key or lane. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(call: OpenCall, policy: CallPolicy) {
    this.#call = call;
    this.#policy = policy;
    this.#bulkhead = bulkhead(policy.concurrency, Number.POSITIVE_INFINITY);
    this.#timeout = timeout(policy.timeoutMs + graceMs, TimeoutStrategy.Aggressive);
    this.#guard = new CallGuard(policy, {
      downBy: (result) => (isFailure(result) && result.verdict === "retry" ? result.cause : undefined),
      refuse: ({ code, message }, retryAfterMs) => retryDependency(code, message, retryAfterMs),
    });
  }

  /** Results leave in the order in which the messages came. */
  get keepsOrder(): boolean {
    return this.#policy.order !== "none";
  }

  /** Its next call is not due yet. */
  get keepsPace(): boolean {
    return this.#guard.keepsPace;
  }

  get circuit(): CallGuard<StepResult>["circuit"] {
    return this.#guard.circuit;
  }

  /** While the circuit is open: when a call may ask whether the service is back. */
  get nextCallAt(): number | undefined {
    return this.#guard.nextCallAt;
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
      return toFailure(error);
    }
  }

  async close(): Promise<void> {
    await this.#call.close?.();
  }

  async #callNow(message: Message, context: BatchContext, isWanted: () => boolean): Promise<StepResult | null> {
    const isOver = () => context.signal.aborted || !isWanted();
    if (isOver()) return null;
    await this.#guard.keepPace(context.signal);
    if (isOver()) return null;
    return this.#guard.call(() => this.#callInTime(message, context), context.attempt > 1);
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

  #nameTurn({ key, meta }: Message): string | undefined {
    const { order } = this.#policy;
    if (order === "none" || (order === "key" && key === null)) return undefined;
    const lane = `${meta.source}\n${meta.lane}`;
    return order === "lane" ? lane : `${lane}\n${Buffer.from(key!).toString("latin1")}`;
  }
}

const always = () => true;
