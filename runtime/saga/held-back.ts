import type { HeldBack, SagaSide, SagaState } from "../../flow/saga/state";
import type { Cause } from "../../flow/verdict";
import type { NodeCounters } from "../node-counters";

/** A try is told to be overdue by then: another worker has the saga, or it has ended. */
const graceMs = 15_000;

interface Told {
  readonly hold: ReturnType<NodeCounters["hold"]>;
  timer: NodeJS.Timeout;
}

/** Tells on steps that what they call is away, for as long as sagas hold there because of it. */
export class HeldBackNodes {
  readonly #told = new Map<NodeCounters, Told>();

  /** What has become of a command: a saga that holds is told until its next try, anything else takes back what was told. */
  tell(counters: NodeCounters | undefined, state: SagaState, node: string, side: SagaSide, now: number): void {
    if (!counters) return;
    const visit = state.visits.find((each) => each.node === node);
    const at = side === "action" ? visit : visit?.undo;
    if (at?.state === "retrying" && at.held && at.cause && at.dueAt !== undefined)
      this.#hold(counters, wordHeld(at.cause, at.held), at.dueAt - now + graceMs, now);
    else this.#release(counters);
  }

  /** Nothing is told any more. */
  clear(): void {
    for (const counters of this.#told.keys()) this.#release(counters);
  }

  #hold(counters: NodeCounters, cause: Cause, forMs: number, now: number): void {
    const before = this.#told.get(counters);
    clearTimeout(before?.timer);
    before?.hold.change("degraded", cause);
    const timer = setTimeout(() => this.#release(counters), forMs);
    timer.unref?.();
    this.#told.set(counters, { hold: before?.hold ?? counters.hold("degraded", cause, now), timer });
  }

  #release(counters: NodeCounters): void {
    const told = this.#told.get(counters);
    if (!told) return;
    clearTimeout(told.timer);
    told.hold.release();
    this.#told.delete(counters);
  }
}

function wordHeld({ message, ...cause }: Cause, { over }: HeldBack): Cause {
  const words = over
    ? "It was away for longer than sagas hold for it: their attempts count."
    : "Sagas hold; no attempt is spent.";
  return { ...cause, message: `${message} ${words}` };
}
