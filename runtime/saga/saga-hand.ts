import type { HeldRow } from "../../flow/holding";
import { decodeSaga } from "../../flow/saga/coding";
import { dueAtOf, pendingCommands } from "../../flow/saga/machine";
import type { SagaCommand, SagaEvent, SagaState } from "../../flow/saga/state";
import type { HeldVersion, KeeperHouse } from "../holding/ports";
import { describeError } from "../log";
import { BusyError } from "./busy-error";
import { countVisits } from "./count-visits";
import { decide } from "./decide";
import type { GroupWriter } from "./group-writer";
import { type Applied, type Followed, HeldSaga, notWanted, type Queued, takeTogether } from "./held-saga";
import { openVersion } from "./open-version";
import { nextRow, nextTimeOf, sagaLeaseMs } from "./saga-row";
import { endOf, nextLook } from "./saga-times";
import { type SagaWork, workOf } from "./saga-work";

/** Others may change a saga as often before a person, or a message, is told to come again. */
const conflictsMost = 20;
const againMs = { first: 50, most: 5_000 };
/** About eight minutes. Then even what nobody else tells is given up: whoever takes the saga next sends its command again, with the same key. */
const failuresMost = 100;
const alarmMostMs = 60 * 60_000;
/** A lease that this worker has is left as it is for as long: the time is in an index, and a row of which no index changes costs half as much. */
const leaseKeptMs = sagaLeaseMs / 2;

/**
 * The sagas of which this worker has something in hand. One event after the other is applied to each, written by compare-and-set, and only
 * then carried out; who comes second reads again and applies its event to what there is.
 */
export class SagaHand {
  readonly #sagas = new Map<string, HeldSaga>();
  readonly #over = new AbortController();
  #isFailing = false;
  /** Nothing new is begun. */
  isStopping = false;

  constructor(
    readonly house: KeeperHouse,
    readonly writer: GroupWriter,
    /** Carries out what has been written. */
    readonly follow: (followed: Followed) => void,
  ) {}

  get size(): number {
    return this.#sagas.size;
  }

  /** Those whose lease this worker keeps going. */
  *inHand(): Iterable<{ readonly id: string; readonly revision: number }> {
    for (const { id, row, isLeased } of this.#sagas.values()) if (row && isLeased) yield { id, revision: row.revision };
  }

  all(): Iterable<HeldSaga> {
    return this.#sagas.values();
  }

  /** Applies an event of somebody who comes again if it fails. Rejects when the store, or the saga's version, is away. */
  apply(id: string, event: SagaEvent): Promise<Applied> {
    return this.#push(id, { event });
  }

  /** Applies an event that nobody tells a second time: as often as it takes. Rejects only when the worker stops before. */
  keep(id: string, event: SagaEvent): Promise<Applied> {
    return this.#push(id, { event, isKept: true });
  }

  /** Works a saga whose row was due. */
  take(row: HeldRow): void {
    const saga = this.#open(row.id);
    // One that is in hand here is lent to itself: its lease was not kept going in time.
    const isTake = !saga.isInHand;
    if (isTake) saga.row = row;
    saga.isLeased = true;
    this.#push(row.id, { event: { is: "due" }, isTake, looks: true }).catch(() => {});
  }

  /** Looks whether what a saga waits for has happened elsewhere. */
  look(id: string): void {
    this.#push(id, { event: { is: "due" }, looks: true }).catch(() => {});
  }

  /** A saga that was just stored by this worker. */
  adopt(row: HeldRow, state: SagaState, commands: readonly SagaCommand[], work: SagaWork, version: HeldVersion): void {
    const saga = this.#open(row.id);
    saga.know(row, state);
    saga.isLeased = true;
    this.#follow({ saga, state, commands, work, version, looks: true, ends: true });
    this.release(saga);
  }

  /** Nothing is written any more. */
  end(): void {
    this.#over.abort();
    for (const { nap } of this.#sagas.values()) nap.wake();
  }

  /** Lets go of a saga when nothing of it is in hand any more, and says when it is due by itself. */
  release(saga: HeldSaga): void {
    if (saga.isInHand || this.#sagas.get(saga.id) !== saga) return;
    clearTimeout(saga.alarm);
    this.#sagas.delete(saga.id);
    const { row, state } = saga;
    if (!row || !state || !saga.isLeased || saga.lapses || saga.hasOthers(state)) return;
    const dueAt = this.isStopping ? this.house.now() : this.#ownTime(saga, state);
    this.writer.setDue({ id: row.id, revision: row.revision, dueAt }).then(
      () => this.#wake(dueAt),
      // The lease runs out by itself.
      () => {},
    );
  }

  #open(id: string): HeldSaga {
    let saga = this.#sagas.get(id);
    if (!saga) {
      saga = new HeldSaga(id);
      this.#sagas.set(id, saga);
    }
    return saga;
  }

  #push(id: string, one: Pick<Queued, "event" | "isKept" | "isTake" | "looks">): Promise<Applied> {
    const saga = this.#open(id);
    return new Promise((settle, refuse) => {
      saga.queue.push({ ...one, settle, refuse });
      saga.nap.wake();
      if (!saga.isWorking) void this.#work(saga);
    });
  }

  async #work(saga: HeldSaga): Promise<void> {
    saga.isWorking = true;
    let failures = 0;
    while (saga.queue.length > 0) {
      const queued = takeTogether(saga.queue);
      try {
        await this.#applyAll(saga, queued);
        failures = 0;
        this.#isFailing = false;
      } catch (error) {
        saga.forget();
        this.#complain(saga, error);
        // Who waits behind it would fail as well, and can come again.
        const all = [...queued, ...saga.queue.splice(0)];
        const isOver = this.#over.signal.aborted || failures >= failuresMost;
        const kept = isOver ? [] : all.filter(({ isKept }) => isKept);
        for (const one of all) if (!kept.includes(one)) one.refuse(error);
        saga.queue.push(...kept);
        if (kept.length > 0) await saga.nap.wait(Math.min(againMs.first * 2 ** failures++, againMs.most));
      }
    }
    saga.isWorking = false;
    this.release(saga);
  }

  /** @throws as the store does, or when the saga's version cannot be opened; nothing is answered then. */
  async #applyAll(saga: HeldSaga, all: readonly Queued[]): Promise<void> {
    let queued = all;
    for (let conflicts = 0; ; conflicts++) {
      const row = saga.row ?? (await this.#read(saga.id));
      if (!row) {
        for (const { settle } of queued) settle({ is: "unknown" });
        return;
      }
      const version = await openVersion(this.house, row.version);
      try {
        const work = workOf(version.document, version.plan, row.node);
        if (!saga.state || saga.row !== row) saga.know(row, decodeSaga(row.content));
        queued = this.#recognize(saga, queued, work, version);
        if (await this.#write(saga, row, queued, work, version)) return;
      } finally {
        version.release();
      }
      const isPatient = queued.every(({ isKept }) => isKept);
      if (conflicts >= conflictsMost && !isPatient) throw new BusyError();
    }
  }

  /** Writes what the events make of the saga; `false`: it is another by now. */
  async #write(
    saga: HeldSaga,
    row: HeldRow,
    queued: readonly Queued[],
    work: SagaWork,
    version: HeldVersion,
  ): Promise<boolean> {
    const now = this.house.now();
    const before = saga.state!;
    const { changed, state, commands, answers } = decide(work, saga, before, queued, now);
    const looks = queued.some((one) => one.looks);
    const isTake = queued.some((one) => one.isTake);
    if (isTake) {
      // The row was let go: whoever had a command in hand is gone.
      for (const command of pendingCommands(before)) if (!saga.has(command)) saga.letGo(command);
    }
    saga.lookAt = nextLook(state, work, now);
    // An end that was there before is being handed on by whoever brought it about.
    const ends = isTake || before.phase !== "ended" || before.outcome !== state.outcome;
    if (changed) {
      const end = endOf(state, work);
      const hasMore = commands.length > 0 || (end.isOpen && ends) || this.#hasInHand(saga, state);
      const isOurs = hasMore && !end.isDone && !this.isStopping;
      const isLent = isOurs || (end.isOpen && !ends) || saga.hasOthers(state);
      const dueAt = end.isDone ? null : isLent ? leaseFor(saga, row, now) : this.#ownTime(saga, state);
      const next = nextRow(row, state, { dueAt, expiresAt: end.expiresAt, now });
      saga.doubtful = { row: next, state, queued, commands, looks };
      const answer = await this.writer.write({ write: next });
      saga.doubtful = null;
      if (answer === "conflict") {
        saga.forget();
        return false;
      }
      saga.know(next, state);
      saga.isLeased = isOurs;
      countVisits(before, state, version, row.node);
      if (!isOurs) this.#wake(dueAt);
    }
    this.#follow({ saga, state, commands, work, version, looks, ends });
    queued.forEach(({ settle }, index) => {
      settle(answers[index]!);
    });
    return true;
  }

  /** A write whose answer was lost may have been made: then its events are done, and its commands are still to be sent. */
  #recognize(saga: HeldSaga, queued: readonly Queued[], work: SagaWork, version: HeldVersion): readonly Queued[] {
    const { doubtful, row } = saga;
    saga.doubtful = null;
    if (!doubtful || !row || row.revision !== doubtful.row.revision) return queued;
    if (Buffer.compare(row.content, doubtful.row.content) !== 0) return queued;
    const { state, commands, looks } = doubtful;
    saga.know(row, state);
    saga.isLeased = true;
    this.#follow({ saga, state, commands, work, version, looks, ends: true });
    for (const { settle } of doubtful.queued) settle({ is: "changed", state });
    return queued.filter((one) => !doubtful.queued.includes(one));
  }

  /** Has this worker more to do for it than to write? Whoever waits for what may have come before has to look for it, too. */
  #hasInHand(saga: HeldSaga, state: SagaState): boolean {
    if (saga.errands > 0 || saga.queue.length > 0) return true;
    if (pendingCommands(state).some((command) => saga.has(command))) return true;
    return state.visits.some(
      ({ state: at, awaits, node }) => at === "waiting" && awaits !== undefined && !saga.looked.has(node),
    );
  }

  /** When a saga is due that nobody has in hand. */
  #ownTime(saga: HeldSaga, state: SagaState): number | null {
    const times = [dueAtOf(state), saga.lookAt].filter((time) => time !== null);
    if (saga.againAt !== null) return saga.againAt;
    return times.length === 0 ? null : Math.min(...times);
  }

  #follow(followed: Followed): void {
    const { saga, state } = followed;
    for (const [key, { attempt, abort, isOver }] of saga.underWay) {
      const isWanted = () =>
        pendingCommands(state).some((command) => command.key === key && command.attempt === attempt);
      if (!isOver && !isWanted()) abort.abort(notWanted);
    }
    if (!this.isStopping) this.follow(followed);
    this.#setAlarm(saga, state);
  }

  /** While it is in hand here nobody else looks at its clock. */
  #setAlarm(saga: HeldSaga, state: SagaState): void {
    clearTimeout(saga.alarm);
    const times = [nextTimeOf(state), saga.lookAt].filter((time) => time !== null);
    if (times.length === 0 || this.isStopping) return;
    const delayMs = Math.min(Math.max(0, Math.min(...times) - this.house.now()), alarmMostMs);
    saga.alarm = setTimeout(() => this.look(saga.id), delayMs);
    saga.alarm.unref?.();
  }

  #wake(dueAt: number | null): void {
    if (dueAt !== null && !this.isStopping) this.house.wake(dueAt);
  }

  async #read(id: string): Promise<HeldRow | null> {
    const row = await this.writer.read(id);
    const { environment, flowId } = this.house.scope;
    if (row?.kind !== "saga" || row.environment !== environment || row.flowId !== flowId) return null;
    const saga = this.#sagas.get(id);
    if (saga) {
      saga.row = row;
      // Another may have written it since; what is under way here is in hand all the same.
      saga.isLeased = saga.underWay.size > 0 || saga.errands > 0;
    }
    return row;
  }

  #complain(saga: HeldSaga, error: unknown): void {
    if (error instanceof BusyError) return;
    if (!this.#isFailing)
      this.house.log.warn({ saga: saga.id, ...describeError(error) }, "a saga cannot be worked yet");
    this.#isFailing = true;
  }
}

/** Until when a row is lent with a write. Leases are put off more often than every `leaseKeptMs`, so one that is left has time enough. */
function leaseFor({ isLeased }: HeldSaga, { dueAt }: HeldRow, now: number): number {
  const isKept = isLeased && dueAt !== null && dueAt > now + leaseKeptMs && dueAt <= now + sagaLeaseMs;
  return isKept ? dueAt : now + sagaLeaseMs;
}
