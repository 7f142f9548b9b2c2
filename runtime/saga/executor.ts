import type { AnswerRequest, ArriveRequest, HeldRow, StartRequest } from "../../flow/holding";
import { statusOf } from "../../flow/saga/machine";
import type { SagaEvent } from "../../flow/saga/state";
import type { Verdict } from "../../flow/verdict";
import { sleep } from "../backoff";
import type { ActAnswer, HoldingPlace, KeeperHouse, OpenKeeper, SagaKeeper } from "../holding/ports";
import { BusyError } from "./busy-error";
import { Commands } from "./commands";
import { GroupWriter } from "./group-writer";
import { notWanted } from "./held-saga";
import { SagaAnswers } from "./saga-answers";
import { SagaArrivals } from "./saga-arrivals";
import { SagaEnds } from "./saga-ends";
import { SagaErrands } from "./saga-errands";
import { SagaHand } from "./saga-hand";
import { SagaStarts } from "./saga-starts";
import { SubCommands } from "./sub-command";

/** Sagas in hand at once: new ones leave some room to those that were due. */
const usualLimits = { inHand: 2_000, started: 1_500 };
/** A saga that is in hand for longer is read again: another worker may have written it. */
const refreshMs = 3_000;
/** At a stop, what came of the last commands is still written within this time. */
const writeOutMs = 2_000;
const lookMs = 10;

/** Keeps the sagas of one flow going. What it knows is in the rows; whatever here is lost is found again by who takes them. */
export class SagaExecutor implements SagaKeeper {
  readonly #house: KeeperHouse;
  readonly #writer: GroupWriter;
  readonly #hand: SagaHand;
  readonly #errands: SagaErrands;
  readonly #starts: SagaStarts;
  readonly #answers: SagaAnswers;
  readonly #arrivals: SagaArrivals;
  readonly #refreshing: NodeJS.Timeout;

  constructor(
    house: KeeperHouse,
    readonly limits = usualLimits,
  ) {
    this.#house = house;
    this.#writer = new GroupWriter(house.store, house.scope);
    this.#hand = new SagaHand(house, this.#writer, (followed) => this.#errands.follow(followed));
    this.#arrivals = new SagaArrivals(house, this.#writer, this.#hand);
    this.#answers = new SagaAnswers(house, this.#hand);
    this.#starts = new SagaStarts(house, this.#writer, this.#hand, () => this.#hand.size < limits.started);
    const commands = new Commands(new SubCommands(house, this.#writer));
    const ends = new SagaEnds(house, this.#writer, this.#hand);
    this.#errands = new SagaErrands(house, this.#hand, commands, this.#arrivals, ends);
    this.#refreshing = setInterval(() => this.#refresh(), refreshMs);
    this.#refreshing.unref?.();
  }

  get room(): number {
    return this.#hand.isStopping ? 0 : Math.max(0, this.limits.inHand - this.#hand.size);
  }

  take(rows: readonly HeldRow[]): void {
    for (const row of rows) this.#hand.take(row);
  }

  inHand(): Iterable<{ readonly id: string; readonly revision: number }> {
    return this.#hand.inHand();
  }

  start(at: HoldingPlace, messages: readonly StartRequest[]): Promise<Verdict[]> {
    return this.#starts.start(at, messages);
  }

  answer(at: HoldingPlace, messages: readonly AnswerRequest[]): Promise<Verdict[]> {
    return this.#answers.answer(at, messages);
  }

  arrive(at: HoldingPlace, messages: readonly ArriveRequest[]): Promise<Verdict[]> {
    return Promise.all(messages.map((message) => this.#arrivals.arrive(at, message)));
  }

  look(id: string): void {
    this.#hand.look(id);
  }

  async act(id: string, event: SagaEvent): Promise<ActAnswer> {
    try {
      const applied = await this.#hand.apply(id, event);
      if (applied.is === "changed") return { done: true, status: statusOf(applied.state) };
      if (applied.is === "unchanged") return { done: false, why: applied.why, words: applied.words };
      return { done: false, why: "unknown-saga", words: "The flow has no such saga, or has it no more." };
    } catch (error) {
      if (error instanceof BusyError)
        return { done: false, why: "busy", words: "The saga changes all the time. Try again." };
      const why = error instanceof Error ? ` (${error.message})` : "";
      return {
        done: false,
        why: "store-unreachable",
        words: `The saga could not be read or written${why}. Try again.`,
      };
    }
  }

  async stop(patienceMs: number): Promise<void> {
    clearInterval(this.#refreshing);
    this.#hand.isStopping = true;
    this.#errands.stop();
    await this.#wait(patienceMs, () => [...this.#hand.all()].every(({ underWay }) => underWay.size === 0));
    for (const { underWay } of this.#hand.all()) for (const { abort } of underWay.values()) abort.abort(notWanted);
    await this.#wait(writeOutMs, () => this.#hand.size === 0);
    this.#hand.end();
    await this.#handBack();
  }

  async #wait(limitMs: number, isOver: () => boolean): Promise<void> {
    const until = performance.now() + limitMs;
    while (!isOver() && performance.now() < until) await sleep(lookMs);
  }

  /** What could not be ended is due now: another worker goes on with it at once. */
  async #handBack(): Promise<void> {
    const dueAt = this.#house.now();
    const rows = [...this.#hand.inHand()];
    // Without the store the leases run out by themselves.
    await Promise.all(rows.map((row) => this.#writer.setDue({ ...row, dueAt }).catch(() => {})));
  }

  #refresh(): void {
    const before = performance.now() - refreshMs;
    for (const saga of this.#hand.all()) {
      const { row, isWorking, isInHand, knownAt } = saga;
      if (!row || isWorking || !isInHand || knownAt > before) continue;
      saga.knownAt = performance.now();
      this.#writer.read(row.id).then(
        (now) => {
          if (!now || now.revision === saga.row?.revision || saga.isWorking) return;
          saga.forget();
          this.#hand.look(saga.id);
        },
        () => {},
      );
    }
  }
}

export const openSagaExecutor: OpenKeeper = (house) => new SagaExecutor(house);
