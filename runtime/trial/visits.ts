import { AsyncLocalStorage } from "node:async_hooks";
import type { Message } from "../../flow/message";
import type { GivenAnswer } from "../../flow/test-case";
import type { MessageBytes } from "../../flow/test-message";
import type { TrialEffect } from "../../flow/trial";
import type { Failure } from "../../flow/verdict";

type EffectOf<Effect> = Effect extends unknown ? Omit<Effect, "step"> : never;

/** One try of one message at a node that reaches outside: what its ports saw of it. */
export interface Visit {
  readonly node: string;
  effect?: EffectOf<TrialEffect>;
  /** What a sink would have written. */
  written?: MessageBytes;
  /** What a call was answered with. */
  answer?: GivenAnswer;
  /** In place of what the node makes of it. */
  failure?: Failure;
  /** A node that holds lets it go on when its time has come. */
  onward?: { readonly message: Message; readonly port: string; readonly at: number };
}

/**
 * The visits of a trial, by the way that each message had gone to its node. A port is shared by all messages of its node; which one it is
 * asked for it hears of here.
 */
export class Visits {
  readonly #current = new AsyncLocalStorage<Visit>();
  readonly #all = new Map<string, Visit[]>();
  /** Which flight is on its way: they go one after the other. */
  flight = 0;

  /** Forgets all, for another message. */
  clear(): void {
    this.#all.clear();
    this.flight = 0;
  }

  /** The visit in whose course this is called. */
  get current(): Visit {
    const visit = this.#current.getStore();
    if (!visit) throw new Error("A port was asked outside of a visit.");
    return visit;
  }

  /** Does something for a message at a stage, so that ports hear for which. */
  async visit<Result>(
    stage: string,
    node: string,
    part: string,
    work: (visit: Visit) => Promise<Result>,
  ): Promise<Result> {
    const visit: Visit = { node };
    const key = nameVisits(this.flight, stage, part);
    const before = this.#all.get(key);
    if (before) before.push(visit);
    else this.#all.set(key, [visit]);
    return this.#current.run(visit, () => work(visit));
  }

  /** All tries of a message at a stage, in their order. */
  of(flight: number, stage: string, part: string): readonly Visit[] {
    return this.#all.get(nameVisits(flight, stage, part)) ?? [];
  }
}

function nameVisits(flight: number, stage: string, part: string): string {
  return `${flight}/${stage}/${part}`;
}
