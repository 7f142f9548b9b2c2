import type { Retry } from "../flow/document";
import type { Message } from "../flow/message";
import { parkAfterMs } from "../flow/parking";
import { type Cause, type Failure, isFailure, type StepResult, type Verdict } from "../flow/verdict";
import { breathe, computeDependencyDelay, computeRetryDelay, sleep } from "./backoff";
import { type DeadLetter, makeDeadLetter } from "./dead-letter";
import { becameDead, type Flight, hasEntered, hasLeft, type StageWork, startStageWork } from "./flight";
import { endParking, isResumedAt, listParked, park } from "./flight-parking";
import { chooseItems } from "./items";
import { describeError, type Log } from "./log";
import { notBegun, processAsync, processItems, processSync } from "./node-work";
import { maxParked } from "./parking";
import type { RunningStage } from "./pipeline";
import { route } from "./routing";

/** Where dead letters are kept. Rejects when the store cannot be reached. */
export interface DeadLetterStore {
  keep(letters: readonly DeadLetter[]): Promise<void>;
}

/** Sees each flight whose messages are safe. */
export interface FlightObserver {
  observe(flight: Flight): void;
}

/** A synchronous node that takes longer for the messages of one flight is named in the log. */
const stallLimitMs = 250;
const maxTriesKept = 20;

/** What becomes of a failure: another try after a while, or the way of what cannot be worked. */
export function decide(
  failure: Failure,
  attempts: number,
  refusals: number,
  retry: Retry,
): { readonly again: false } | { readonly again: true; readonly afterMs: number } {
  if (failure.verdict === "reject") return { again: false };
  if (failure.of === "dependency")
    return { again: true, afterMs: computeDependencyDelay(refusals, failure.retryAfterMs) };
  if (attempts >= retry.attempts) return { again: false };
  return { again: true, afterMs: Math.max(computeRetryDelay(retry, attempts), failure.retryAfterMs ?? 0) };
}

/**
 * Takes flights through their pipeline. The only place that turns verdicts into retries, error ports, dead letters and, by its
 * answer, into settling.
 */
export class Delivery {
  constructor(
    readonly store: DeadLetterStore,
    readonly observer: FlightObserver,
    readonly log: Log,
    /** What is tried again is waited for; ends early when the signal fires. */
    readonly wait: typeof sleep = sleep,
  ) {}

  /**
   * Works a flight until each of its messages is safe: written by every sink that it leads to, or kept as a dead letter.
   * Never rejects. `false` = it was cut before; its messages must not be settled.
   */
  async deliver(flight: Flight): Promise<boolean> {
    const { stages } = flight.pipeline;
    if (flight.origins.some(({ givenUp }) => givenUp !== undefined)) await this.#buryGivenUp(flight);
    const pending: (Promise<void> | undefined)[] = new Array(stages.length);
    for (const stage of stages) {
      const waits: Promise<void>[] = [];
      for (const index of stage.upstream) {
        const upstream = pending[index];
        if (upstream) waits.push(upstream);
      }
      // The flights of a lane come to each stage in their order; calls take the next one in as soon as this one's have their turn.
      const turn = stage.isOrdered && flight.waitFor(stage, stage.work.role === "call" ? hasEntered : hasLeft);
      if (turn) waits.push(turn);
      pending[stage.index] = waits.length > 0 ? this.#runAfter(waits, flight, stage) : this.#runStage(flight, stage);
    }
    for (const work of pending) if (work) await work;
    const isSafe = !flight.isCut && (await this.#secure(flight));
    flight.pipeline.end(flight);
    endParking(flight);
    if (!isSafe) return false;
    this.observer.observe(flight);
    return true;
  }

  async #runAfter(waits: readonly Promise<void>[], flight: Flight, stage: RunningStage): Promise<void> {
    for (const wait of waits) await wait;
    await this.#runStage(flight, stage);
  }

  /** Never rejects, so that every branch has ended when `deliver` answers. */
  #runStage(flight: Flight, stage: RunningStage): Promise<void> | undefined {
    const items = flight.takeInbox(stage);
    if (!items || flight.isCut) {
      flight.pass(stage, hasEntered);
      const turn = flight.isCut ? undefined : this.#waitToLeave(flight, stage);
      if (turn) return turn.then(() => flight.pass(stage, hasLeft));
      flight.pass(stage, hasLeft);
      return undefined;
    }
    const { counters } = stage;
    const count = items.messages.length;
    counters.in += count;
    counters.inFlight += count;
    const work = startStageWork(flight, items);
    flight.work[stage.index] = work;
    if (stage.work.role === "call") return this.#guard(flight, stage, count, this.#runCalls(flight, stage, work));
    if (flight.parking?.holds(stage.node))
      return this.#guard(flight, stage, count, this.#runBesideParked(flight, stage, work));
    if (stage.work.role !== "sync") return this.#guard(flight, stage, count, this.#runBatch(flight, stage, work));
    if (count > stage.slice.size) return this.#guard(flight, stage, count, this.#runInSlices(flight, stage, work));

    work.results = this.#runSync(stage, work, items.messages);
    this.#noteWork(flight, stage, work);
    if (work.results.some(isFailure)) return this.#guard(flight, stage, count, this.#finish(flight, stage, work));
    route(flight, stage, work);
    counters.inFlight -= count;
    flight.pass(stage, hasEntered | hasLeft);
    return undefined;
  }

  /** Works synchronously and adds the time it took. */
  #runSync(stage: RunningStage, work: StageWork, messages: readonly Message[]): StageWork["results"] {
    const begun = performance.now();
    const results = processSync(stage, messages);
    const ms = performance.now() - begun;
    stage.slice.note(messages.length, ms);
    work.durationMs += ms;
    return results;
  }

  /** Between slices, all else in the process has its turn: an expensive step does not hold up the flows beside it. */
  async #runInSlices(flight: Flight, stage: RunningStage, work: StageWork): Promise<void> {
    const { messages } = work.items;
    for (let from = 0; from < messages.length; ) {
      const slice = messages.slice(from, from + stage.slice.size);
      for (const result of this.#runSync(stage, work, slice)) work.results.push(result);
      from += slice.length;
      if (from < messages.length) await breathe();
      if (flight.isCut) return;
    }
    this.#noteWork(flight, stage, work);
    return this.#finish(flight, stage, work);
  }

  #noteWork(flight: Flight, stage: RunningStage, work: StageWork): void {
    const { durationMs } = work;
    const { length } = work.items.messages;
    stage.counters.latency.record(durationMs / length, length, performance.now());
    if (durationMs > stallLimitMs) this.#reportStall(flight, stage, work);
  }

  async #runBatch(flight: Flight, stage: RunningStage, work: StageWork): Promise<void> {
    const { items } = work;
    work.results = await processAsync(flight, stage, items, 1);
    work.durationMs = flight.elapsedMs - work.startMs;
    stage.counters.latency.record(work.durationMs, items.messages.length, performance.now());
    return this.#finish(flight, stage, work);
  }

  /** Some of its messages may have to wait behind parked ones of their key; the others go on. */
  async #runBesideParked(flight: Flight, stage: RunningStage, work: StageWork): Promise<void> {
    const free: number[] = [];
    const { messages } = work.items;
    work.results = new Array(messages.length);
    for (let index = 0; index < messages.length; index++) {
      if (await this.#isHeld(flight, stage, messages[index]!)) park(flight, stage, work, index, null);
      else free.push(index);
    }
    const items = chooseItems(work.items, free);
    const results = free.length > 0 ? await processItems(flight, stage, items, 1) : [];
    free.forEach((index, at) => {
      work.results[index] = results[at]!;
    });
    work.durationMs = flight.elapsedMs - work.startMs;
    stage.counters.latency.record(work.durationMs, free.length, performance.now());
    return this.#finish(flight, stage, work, free);
  }

  /** Every message by itself: many at once, each in its turn, and one that is tried again holds up those of its turn only. */
  async #runCalls(flight: Flight, stage: RunningStage, work: StageWork): Promise<void> {
    if (stage.work.role !== "call") throw new Error("Not a step that calls out.");
    const { gate } = stage.work;
    const { items } = work;
    const { messages } = items;
    work.results = new Array(messages.length);
    work.spans = new Array(messages.length);
    const turns = messages.map((message) => gate.enter(message));
    flight.pass(stage, hasEntered);
    let isLeft = false;
    const callInTurn = async (index: number) => {
      const turn = turns[index]!;
      try {
        if (turn.before) await turn.before;
        if (flight.isCut) return;
        if (await this.#isHeld(flight, stage, messages[index]!)) return park(flight, stage, work, index, null);
        if (flight.isCut || isLeft) return;
        const startMs = flight.elapsedMs;
        [work.results[index]] = (await processAsync(flight, stage, chooseItems(items, [index]), 1)) as [StepResult];
        const durationMs = flight.elapsedMs - startMs;
        work.spans![index] = { startMs, durationMs };
        stage.counters.latency.record(durationMs, 1, performance.now());
        if (work.results[index] === notBegun) isLeft = true;
        else if (isFailure(work.results[index])) await this.#persevere(flight, stage, work, [index]);
      } finally {
        turn.end();
      }
    };
    await Promise.all(messages.map((_, index) => callInTurn(index)));
    work.durationMs = flight.elapsedMs - work.startMs;
    // Only now: what was begun has ended, and is not told to stop in the middle.
    if (isLeft) flight.cut();
    if (flight.isCut) return;
    await this.#waitToLeave(flight, stage);
    if (!flight.isCut) await this.#handOn(flight, stage, work);
  }

  /** What went on side by side leaves in the order of the lane, unless nobody asked for an order. */
  #waitToLeave(flight: Flight, stage: RunningStage): Promise<void> | undefined {
    if (!stage.isOrdered || stage.work.role !== "call" || !stage.work.gate.keepsOrder) return undefined;
    return flight.waitFor(stage, hasLeft);
  }

  async #guard(flight: Flight, stage: RunningStage, count: number, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      // A defect of the engine itself. Cut, nothing is settled and the messages come again; the wait keeps it from spinning.
      this.log.error({ ...describeError(error), ...nameStage(flight, stage) }, "stage failed unexpectedly");
      flight.cut();
      await sleep(1_000);
    } finally {
      stage.counters.inFlight -= count;
      flight.pass(stage, hasEntered | hasLeft);
    }
  }

  /** Tries what failed again, and hands on what came of it. */
  async #finish(flight: Flight, stage: RunningStage, work: StageWork, worked?: readonly number[]): Promise<void> {
    const failing = findFailing(work.results, worked);
    if (failing.length > 0) await this.#persevere(flight, stage, work, failing);
    if (!flight.isCut) await this.#handOn(flight, stage, work);
  }

  async #handOn(flight: Flight, stage: RunningStage, work: StageWork): Promise<void> {
    if (work.parked) await this.#keepParked(flight, stage, work);
    const dead = route(flight, stage, work);
    if (dead.length === 0) return;
    const letters = dead.map(({ item, failure, index }) =>
      makeDeadLetter(flight, stage.node, item, failure.cause, work.attempts?.get(index) ?? 1),
    );
    await this.#keepDead(flight, stage, letters);
  }

  /** Tries failed messages again, only them, until each has a result that stands or the flight is cut. */
  async #persevere(flight: Flight, stage: RunningStage, work: StageWork, indexes: readonly number[]): Promise<void> {
    const { counters, retry } = stage;
    work.attempts ??= new Map();
    const { attempts } = work;
    const spent = isResumedAt(flight, stage) ? flight.resent!.attempts : 0;
    let failing = indexes;
    let refusals = 0;
    let hold: ReturnType<typeof counters.hold> | undefined;
    try {
      for (;;) {
        let afterMs = 0;
        let dependency: Cause | undefined;
        let cause: Cause | undefined;
        if (failing.some((index) => isDependency(work.results[index]!))) refusals++;
        noteFailure(flight, (work.results[failing[0]!] as Failure | undefined)?.cause);
        const again = failing.filter((index) => {
          const failure = work.results[index] as Failure;
          if (!isDependency(failure)) attempts.set(index, (attempts.get(index) ?? spent) + 1);
          const decision = decide(failure, attempts.get(index) ?? 1, refusals, retry);
          if (!decision.again) return false;
          const waitsLong = stage.mayPark && !isDependency(failure) && decision.afterMs > parkAfterMs;
          if (waitsLong && flight.parking?.isFull === false) {
            park(flight, stage, work, index, Date.now() + decision.afterMs);
            return false;
          }
          afterMs = Math.max(afterMs, decision.afterMs);
          cause = failure.cause;
          if (isDependency(failure)) dependency = failure.cause;
          return true;
        });
        if (again.length === 0) return;

        const state = dependency ? "degraded" : "retrying";
        if (hold) hold.change(state, dependency ?? cause!);
        else {
          hold = counters.hold(state, dependency ?? cause!, Date.now());
          flight.hold();
        }
        await this.wait(afterMs, flight.signal);
        // A transaction in which a write failed is lost: its batch begins again in a new one.
        if (flight.transaction && stage.work.role === "sink") flight.cut();
        if (flight.isCut) return;

        counters.retried += again.length;
        const startMs = flight.elapsedMs;
        const attempt = Math.max(...again.map((index) => attempts.get(index) ?? 0)) + 1;
        const items = chooseItems(work.items, again);
        const results = await processItems(flight, stage, items, attempt);
        noteTries(work, again, startMs, flight.elapsedMs - startMs);
        again.forEach((index, at) => {
          work.results[index] = results[at]!;
        });
        failing = again.filter((_, at) => isFailure(results[at]!));
        // Some went well: what is asked is there again, and the next refusal is the first of its kind.
        if (failing.length < again.length) refusals = 0;
        if (flight.isCut) return;
      }
    } finally {
      if (hold) {
        hold.release();
        flight.release();
      }
    }
  }

  /** Must the message wait behind a parked one of its key? One that is tried again itself need not. When too much is parked it waits here. */
  async #isHeld(flight: Flight, stage: RunningStage, message: Message): Promise<boolean> {
    const { parking } = flight;
    const isHeld = () => parking?.isHeld(stage.node, message) === true;
    if (!parking?.holds(stage.node) || isResumedAt(flight, stage) || !isHeld()) return false;
    if (!parking.isFull) return true;
    const hold = stage.counters.hold("degraded", tooManyParked, Date.now());
    flight.hold();
    noteFailure(flight, tooManyParked);
    while (parking.isFull && isHeld() && !flight.isCut) await sleep(200, flight.signal);
    hold.release();
    flight.release();
    return isHeld();
  }

  async #keepParked(flight: Flight, stage: RunningStage, work: StageWork): Promise<void> {
    const parking = flight.parking!;
    const messages = listParked(flight, stage, work);
    flight.parkedIds = [...(flight.parkedIds ?? []), ...messages.map(({ id }) => id)];
    const keep = () => parking.keep(messages);
    work.isParkedKept = await this.#insist(flight, stage, "messages cannot be parked yet", parkedWaits, keep);
  }

  /** Lets the steps that asked for it know that their messages are safe, and commits. `false` = it is not safe after all. */
  async #secure(flight: Flight): Promise<boolean> {
    for (const stage of flight.pipeline.confirming) {
      const work = flight.work[stage.index];
      if (work && !(await this.#confirm(flight, stage, work))) return false;
    }
    const { transaction } = flight;
    if (!transaction) return true;
    try {
      await transaction.commit(flight.origins.at(-1)!.meta.position);
      return true;
    } catch (error) {
      const { flow, version } = flight.pipeline.version;
      this.log.warn({ flow, version, ...describeError(error) }, "transaction did not commit; its messages come again");
      return false;
    }
  }

  async #confirm(flight: Flight, stage: RunningStage, { items }: StageWork): Promise<boolean> {
    const step = stage.work.role === "async" ? stage.work.step : undefined;
    const confirm = async () => step?.confirm?.(items.messages);
    return this.#insist(flight, stage, "messages cannot be confirmed yet", storeAway, confirm);
  }

  /** What its source gives up goes nowhere else: it is a dead letter of the source. */
  async #buryGivenUp(flight: Flight): Promise<void> {
    const { counters } = flight.pipeline;
    const at = { node: flight.source, counters: counters.get(flight.source)! };
    const letters = flight.entered.flatMap((message, origin) => {
      const cause = message.givenUp;
      if (cause === undefined) return [];
      flight.marks[origin]! |= becameDead;
      const item = { message, origin, parent: null, branch: -1 };
      return [makeDeadLetter(flight, flight.source, item, cause, message.meta.attempt)];
    });
    flight.leaveOutGivenUp();
    await this.#keepDead(flight, at, letters);
  }

  /** Holds the lane until the dead letters are stored: a store that is away loses nothing. */
  async #keepDead(flight: Flight, stage: Place, letters: DeadLetter[]): Promise<void> {
    const work = () => this.store.keep(letters);
    const isKept = await this.#insist(flight, stage, "dead letters cannot be stored yet", letterWaits, work);
    if (isKept) stage.counters.dead += letters.length;
  }

  /** Does what the store must do before a message is safe, again and again. `false` = the flight was cut before. */
  async #insist(
    flight: Flight,
    stage: Place,
    words: string,
    cause: Cause,
    work: () => Promise<void>,
  ): Promise<boolean> {
    let hold: ReturnType<typeof stage.counters.hold> | undefined;
    try {
      for (let refusals = 1; !flight.isCut; refusals++) {
        try {
          await work();
          return true;
        } catch (error) {
          if (!hold) {
            this.log.warn({ ...describeError(error), ...nameStage(flight, stage) }, words);
            hold = stage.counters.hold("degraded", cause, Date.now());
            flight.hold();
            noteFailure(flight, cause);
          }
          await sleep(computeDependencyDelay(refusals, undefined), flight.signal);
        }
      }
      return false;
    } finally {
      if (hold) {
        hold.release();
        flight.release();
      }
    }
  }

  #reportStall(flight: Flight, stage: RunningStage, work: StageWork): void {
    const fields = {
      ...nameStage(flight, stage),
      messages: work.items.messages.length,
      durationMs: Math.round(work.durationMs),
    };
    this.log.warn(fields, "node takes much of the worker's time");
  }
}

const letterWaits: Cause = {
  code: "store-unreachable",
  message:
    "Postgres cannot be reached, so a message that failed cannot be kept as a dead letter. It waits here; nothing is lost.",
};
const tooManyParked: Cause = {
  code: "parked-full",
  message: `${maxParked} messages of this flow wait for a later try here: no more are taken until some have ended.`,
};
const parkedWaits: Cause = {
  code: "store-unreachable",
  message:
    "Postgres cannot be reached, so a message that waits for a later try cannot be parked. It holds its lane; nothing is lost.",
};
const storeAway: Cause = {
  code: "store-unreachable",
  message:
    "Postgres cannot be reached, so it cannot be remembered that messages were worked. They wait here; nothing is lost.",
};

function noteFailure(flight: Flight, cause: Cause | undefined): void {
  if (cause) flight.lastFailure = { ...cause, at: Date.now() };
}

/** Notes the try that failed before this one, and when this one was. */
function noteTries(work: StageWork, indexes: readonly number[], startMs: number, durationMs: number): void {
  work.tries ??= new Map();
  for (const index of indexes) {
    const { cause } = work.results[index] as Failure;
    const tries = work.tries.get(index);
    const last = { startMs, durationMs };
    if (!tries) {
      const first = work.spans?.[index] ?? { startMs: work.startMs, durationMs: work.durationMs };
      work.tries.set(index, { failed: [{ ...first, cause }], count: 1, last });
    } else {
      if (tries.failed.length < maxTriesKept) tries.failed.push({ ...tries.last, cause });
      tries.count++;
      tries.last = last;
    }
  }
}

function findFailing(results: readonly (StepResult | Verdict)[], among?: readonly number[]): number[] {
  if (among) return among.filter((index) => isFailure(results[index]!));
  const failing: number[] = [];
  for (let index = 0; index < results.length; index++) if (isFailure(results[index]!)) failing.push(index);
  return failing;
}

function isDependency(result: StepResult | Verdict): boolean {
  return isFailure(result) && result.verdict === "retry" && result.of === "dependency";
}

/** A stage, or a source. */
type Place = Pick<RunningStage, "node" | "counters">;

function nameStage(flight: Flight, stage: Place) {
  return { flow: flight.pipeline.version.flow, version: flight.pipeline.version.version, node: stage.node };
}
