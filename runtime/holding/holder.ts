import type { HeldKind, HeldScope, HeldStore, HoldingPort, StandingCount } from "../../flow/holding";
import type { Flight } from "../flight";
import { describeError, type Log } from "../log";
import { Nap } from "../nap";
import type { OpenVersion } from "../versions";
import { DueTimes } from "./due-times";
import { HeldMessages, leaseMs } from "./held-messages";
import { Leaving } from "./leaving";
import { MessageHolding } from "./message-holding";
import type { HoldingPlace, Neighbours, OpenKeeper, SagaKeeper } from "./ports";

/** How soon it is looked again for what is due, by what may be held: something is, nothing is now, nothing can be. */
const pollMs = { busy: 500, idle: 2_000, none: 30_000 };
/** Rows are taken in portions of this. */
const takeAtOnce = 250;
const renewEveryMs = leaseMs / 3;
const countEveryMs = 3_000;
/** Where much is held, counting takes its time: it is done so much more seldom. */
const countShare = 0.02;
const againAfterFailureMs = 1_000;

export interface HolderOptions {
  readonly store: HeldStore;
  readonly scope: HeldScope;
  readonly flow: string;
  readonly groupName: string;
  readonly log: Log;
  /** A version, opened: the one that runs where it has that node, else the one that is named. */
  versionOf(version: number, newerWithNode: string | null): Promise<OpenVersion>;
  /** Can the version that runs hold anything? */
  holds(): boolean;
  deliver(flight: Flight): Promise<boolean>;
  readonly openKeeper: OpenKeeper;
  readonly neighbours: Neighbours;
  readonly now?: () => number;
}

/**
 * What one flow holds back, as far as this worker cares for it: looks for what is due, takes it with a lease, lets messages leave and hands
 * sagas to their keeper. All workers do it side by side; what one has taken, the others leave alone until its lease is over.
 */
export class Holder {
  readonly keeper: SagaKeeper;
  readonly #messages: HeldMessages;
  readonly #holding: MessageHolding;
  readonly #leaving: Leaving;
  readonly #dueTimes = new DueTimes();
  readonly #nap = new Nap();
  readonly #now: () => number;
  #standing: ReadonlyMap<string, StandingCount> = new Map();
  #loop: Promise<void> | null = null;
  #isStopping = false;
  #isOver = false;
  #sweepAt = 0;
  #renewAt = 0;
  #countAt = 0;
  /** Until when it sleeps. */
  #wakeAt = 0;
  /** More of them is due than there was room for. */
  readonly #more = new Set<HeldKind>();
  #isFailing = false;

  constructor(readonly options: HolderOptions) {
    const { store, scope, log, flow, groupName, deliver, versionOf, neighbours } = options;
    const now = options.now ?? Date.now;
    this.#now = now;
    this.#leaving = new Leaving({ deliver, versionOf, log });
    this.#messages = new HeldMessages({
      store,
      log,
      emit: (leave) => this.#leaving.emit(leave, true),
      wake: () => this.#nap.wake(),
      now,
    });
    this.#holding = new MessageHolding({
      store,
      scope,
      log,
      room: () => (this.#isStopping || !this.#loop ? 0 : this.#messages.room),
      leave: (row) => this.#messages.leave(row),
      wake: (at) => this.wake(at),
      now,
    });
    this.keeper = options.openKeeper({
      scope,
      store,
      flow,
      groupName,
      log,
      emit: (leave) => this.#leaving.emit(leave),
      versionOf: (version) => versionOf(version, null),
      wake: (at) => this.wake(at),
      neighbours,
      now,
    });
  }

  /** What a node that holds is given. */
  holdingOf(at: HoldingPlace): HoldingPort {
    return {
      hold: (messages) => this.#holding.hold(at, messages),
      release: (messages) => this.#holding.release(at, messages),
      start: (messages) => this.keeper.start(at, messages),
      answer: (messages) => this.keeper.answer(at, messages),
      arrive: (messages) => this.keeper.arrive(at, messages),
    };
  }

  /** How many are held at each node, in all workers together, as it was a moment ago. */
  get standing(): ReadonlyMap<string, StandingCount> {
    return this.#standing;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Something is due at that time; without one, now. */
  wake(at?: number): void {
    const now = this.#now();
    if (at === undefined || at <= now) this.#sweepAt = 0;
    else this.#dueTimes.note(at, now);
    if (at === undefined || at < this.#wakeAt) this.#nap.wake();
  }

  /** Takes nothing more, ends what is on its way, and gives the rest back, so that another worker goes on at once. Never rejects. */
  async stop(patienceMs: number): Promise<void> {
    this.#isStopping = true;
    await Promise.all([this.#messages.stop(), this.#leaving.stop(patienceMs), this.keeper.stop(patienceMs)]);
    this.#isOver = true;
    this.#nap.wake();
    await this.#loop;
    await this.#messages.writeEnds().catch((error: unknown) => {
      // Their leases run out, and another worker takes them.
      this.options.log.warn(describeError(error), "what is held could not be handed back");
    });
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#messages.writeEnds();
        await this.#renew();
        if (!this.#isStopping) {
          await this.#sweep();
          await this.#count();
        }
        this.#isFailing = false;
      } catch (error) {
        if (!this.#isFailing) this.options.log.warn(describeError(error), "what is held cannot be read yet");
        this.#isFailing = true;
      }
      const now = this.#now();
      const next = Math.max(this.#planNext(now), now + (this.#isFailing ? againAfterFailureMs : 0));
      this.#wakeAt = next;
      await this.#nap.wait(next - now);
      this.#wakeAt = 0;
    }
  }

  #planNext(now: number): number {
    if (this.#isStopping) return this.#renewAt;
    if (this.#hasRoomForMore()) return now;
    return Math.min(this.#sweepAt, this.#renewAt, this.#countAt, this.#dueTimes.next ?? Number.POSITIVE_INFINITY);
  }

  #hasRoomForMore(): boolean {
    return [...this.#more].some((kind) => this.#roomFor(kind) >= takeAtOnce / 2);
  }

  #roomFor(kind: HeldKind): number {
    return Math.min(takeAtOnce, kind === "message" ? this.#messages.room : this.keeper.room);
  }

  /** What is in hand stays in hand. */
  async #renew(): Promise<void> {
    const now = this.#now();
    if (now < this.#renewAt) return;
    const inHand = [...this.#messages.inHand(), ...this.keeper.inHand()];
    const dueAt = now + leaseMs;
    if (inHand.length > 0) await this.options.store.setDue(inHand.map(({ id, revision }) => ({ id, revision, dueAt })));
    this.#renewAt = now + renewEveryMs;
  }

  async #sweep(): Promise<void> {
    const now = this.#now();
    const hasCome = this.#dueTimes.take(now);
    if (now < this.#sweepAt && !hasCome && !this.#hasRoomForMore()) return;
    // A wake while the store is asked counts for the next time.
    this.#sweepAt = Number.POSITIVE_INFINITY;
    let isBusy = this.#standing.size > 0;
    try {
      for (const kind of ["message", "saga"] as const) {
        const limit = this.#roomFor(kind);
        const taken = limit > 0 ? await this.#take(kind, now, limit) : 0;
        if (taken >= limit) this.#more.add(kind);
        else this.#more.delete(kind);
        if (taken > 0) isBusy = true;
      }
    } finally {
      const delayMs = isBusy ? pollMs.busy : this.options.holds() ? pollMs.idle : pollMs.none;
      this.#sweepAt = Math.min(this.#sweepAt, now + delayMs);
    }
  }

  async #take(kind: HeldKind, now: number, limit: number): Promise<number> {
    const { store, scope } = this.options;
    const rows = await store.takeDue(scope, { kind, now, limit, leaseMs });
    if (rows.length === 0) return 0;
    if (kind === "message") await this.#messages.take(rows);
    else this.keeper.take(rows);
    return rows.length;
  }

  async #count(): Promise<void> {
    const now = this.#now();
    if (now < this.#countAt) return;
    const { store, scope, holds } = this.options;
    const counts = await store.countStanding(scope);
    this.#standing = new Map(counts.map((each) => [each.node, each]));
    const everyMs = holds() || counts.length > 0 ? countEveryMs : pollMs.none;
    const ended = this.#now();
    this.#countAt = ended + Math.max(everyMs, (ended - now) / countShare);
  }
}
