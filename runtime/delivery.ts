import type { Retry } from "../flow/document";
import { type Cause, type Failure, isFailure, type StepResult, type Verdict } from "../flow/verdict";
import { computeDependencyDelay, computeRetryDelay, sleep } from "./backoff";
import { type DeadLetter, makeDeadLetter } from "./dead-letter";
import type { Flight, Item, StageWork } from "./flight";
import { describeError, type Log } from "./log";
import { processAsync, processItems, processSync } from "./node-work";
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

/** A synchronous node that keeps the process from anything else for longer is named in the log. */
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
  ) {}

  /**
   * Works a flight until each of its messages is safe: written by every sink that it leads to, or kept as a dead letter.
   * Never rejects. `false` = it was cut before; its messages must not be settled.
   */
  async deliver(flight: Flight): Promise<boolean> {
    const { stages } = flight.pipeline;
    const pending: (Promise<void> | undefined)[] = new Array(stages.length);
    for (const stage of stages) {
      const waits = stage.upstream.flatMap((index) => pending[index] ?? []);
      const run = () => this.#runStage(flight, stage);
      pending[stage.index] = waits.length > 0 ? Promise.all(waits).then(run) : run();
    }
    await Promise.all(pending);
    flight.pipeline.end(flight);
    if (flight.isCut) return false;
    this.observer.observe(flight);
    return true;
  }

  /** Never rejects, so that every branch has ended when `deliver` answers. */
  #runStage(flight: Flight, stage: RunningStage): Promise<void> | undefined {
    const items = flight.takeInbox(stage);
    if (!items || items.length === 0 || flight.isCut) return undefined;
    const { counters } = stage;
    counters.in += items.length;
    counters.inFlight += items.length;
    if (stage.work.role !== "sync") return this.#guard(flight, stage, items, this.#runAsync(flight, stage, items));

    const stageWork: StageWork = { items, results: [], startMs: flight.elapsedMs, durationMs: 0, tries: null };
    flight.work[stage.index] = stageWork;
    stageWork.results = processSync(stage, items);
    stageWork.durationMs = flight.elapsedMs - stageWork.startMs;
    counters.latency.record(stageWork.durationMs / items.length, items.length, performance.now());
    if (stageWork.durationMs > stallLimitMs) this.#reportStall(flight, stage, stageWork);
    if (stageWork.results.some(isFailure)) {
      return this.#guard(flight, stage, items, this.#persevere(flight, stage, stageWork));
    }
    route(flight, stage, stageWork);
    counters.inFlight -= items.length;
    return undefined;
  }

  async #runAsync(flight: Flight, stage: RunningStage, items: Item[]): Promise<void> {
    const stageWork: StageWork = { items, results: [], startMs: flight.elapsedMs, durationMs: 0, tries: null };
    flight.work[stage.index] = stageWork;
    stageWork.results = await processAsync(stage, items, flight.signal, 1);
    stageWork.durationMs = flight.elapsedMs - stageWork.startMs;
    stage.counters.latency.record(stageWork.durationMs, items.length, performance.now());
    if (stageWork.results.some(isFailure)) return this.#persevere(flight, stage, stageWork);
    route(flight, stage, stageWork);
  }

  async #guard(flight: Flight, stage: RunningStage, items: readonly Item[], work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      // A defect of the engine itself. Cut, nothing is settled and the messages come again; the wait keeps it from spinning.
      this.log.error({ ...describeError(error), ...nameStage(flight, stage) }, "stage failed unexpectedly");
      flight.cut();
      await sleep(1_000);
    } finally {
      stage.counters.inFlight -= items.length;
    }
  }

  /** Tries failed messages again, only them, while what came with them waits: order in the lane is kept. */
  async #persevere(flight: Flight, stage: RunningStage, stageWork: StageWork): Promise<void> {
    const { counters, retry } = stage;
    const attempts = new Map<number, number>();
    let failing = findFailing(stageWork.results);
    let refusals = 0;
    let hold: ReturnType<typeof counters.hold> | undefined;
    flight.holding++;
    try {
      for (;;) {
        let afterMs = 0;
        let dependency: Cause | undefined;
        let cause: Cause | undefined;
        if (failing.some((index) => isDependency(stageWork.results[index]!))) refusals++;
        const again = failing.filter((index) => {
          const failure = stageWork.results[index] as Failure;
          if (!isDependency(failure)) attempts.set(index, (attempts.get(index) ?? 0) + 1);
          const decision = decide(failure, attempts.get(index) ?? 1, refusals, retry);
          if (!decision.again) return false;
          afterMs = Math.max(afterMs, decision.afterMs);
          cause = failure.cause;
          if (isDependency(failure)) dependency = failure.cause;
          return true;
        });
        if (again.length === 0) break;

        const state = dependency ? "degraded" : "retrying";
        if (hold) hold.change(state, dependency ?? cause!);
        else hold = counters.hold(state, dependency ?? cause!, Date.now());
        await sleep(afterMs, flight.signal);
        if (flight.isCut) return;

        counters.retried += again.length;
        const startMs = flight.elapsedMs;
        const attempt = Math.max(...again.map((index) => attempts.get(index) ?? 0)) + 1;
        const results = await processItems(
          stage,
          again.map((index) => stageWork.items[index]!),
          flight.signal,
          attempt,
        );
        noteTries(stageWork, again, startMs, flight.elapsedMs - startMs);
        again.forEach((index, at) => {
          stageWork.results[index] = results[at]!;
        });
        failing = again.filter((_, at) => isFailure(results[at]!));
        if (flight.isCut) return;
      }
    } finally {
      hold?.release();
      flight.holding--;
    }
    if (flight.isCut) return;
    const dead = route(flight, stage, stageWork);
    if (dead.length > 0) {
      await this.#keepDead(
        flight,
        stage,
        dead.map(({ item, failure, index }) =>
          makeDeadLetter(flight, stage.node, item, failure.cause, attempts.get(index) ?? 1),
        ),
      );
    }
  }

  /** Holds the lane until the dead letters are stored: a store that is away loses nothing. */
  async #keepDead(flight: Flight, stage: RunningStage, letters: DeadLetter[]): Promise<void> {
    let hold: ReturnType<typeof stage.counters.hold> | undefined;
    flight.holding++;
    try {
      for (let refusals = 1; !flight.isCut; refusals++) {
        try {
          await this.store.keep(letters);
          stage.counters.dead += letters.length;
          return;
        } catch (error) {
          if (refusals === 1)
            this.log.warn(
              { ...describeError(error), ...nameStage(flight, stage) },
              "dead letters cannot be stored yet",
            );
          hold ??= stage.counters.hold("degraded", storeUnreachable, Date.now());
          await sleep(computeDependencyDelay(refusals, undefined), flight.signal);
        }
      }
    } finally {
      hold?.release();
      flight.holding--;
    }
  }

  #reportStall(flight: Flight, stage: RunningStage, stageWork: StageWork): void {
    const fields = {
      ...nameStage(flight, stage),
      messages: stageWork.items.length,
      durationMs: Math.round(stageWork.durationMs),
    };
    this.log.warn(fields, "node held up the worker");
  }
}

const storeUnreachable: Cause = {
  code: "store-unreachable",
  message:
    "Postgres cannot be reached, so a message that failed cannot be kept as a dead letter. It waits here; nothing is lost.",
};

/** Notes the try that failed before this one, and when this one was. */
function noteTries(stageWork: StageWork, indexes: readonly number[], startMs: number, durationMs: number): void {
  stageWork.tries ??= new Map();
  for (const index of indexes) {
    const { cause } = stageWork.results[index] as Failure;
    const tries = stageWork.tries.get(index);
    const last = { startMs, durationMs };
    if (!tries) {
      const failed = [{ startMs: stageWork.startMs, durationMs: stageWork.durationMs, cause }];
      stageWork.tries.set(index, { failed, count: 1, last });
    } else {
      if (tries.failed.length < maxTriesKept) tries.failed.push({ ...tries.last, cause });
      tries.count++;
      tries.last = last;
    }
  }
}

function findFailing(results: readonly (StepResult | Verdict)[]): number[] {
  return results.flatMap((result, index) => (isFailure(result) ? index : []));
}

function isDependency(result: StepResult | Verdict): boolean {
  return isFailure(result) && result.verdict === "retry" && result.of === "dependency";
}

function nameStage(flight: Flight, stage: RunningStage) {
  return { flow: flight.pipeline.version.flow, version: flight.pipeline.version.version, node: stage.node };
}
