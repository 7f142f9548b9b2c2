import type { FlightObserver } from "./delivery";
import { becameDead, becameParked, type Flight, tookErrorPort } from "./flight";
import { describeError, type Log } from "./log";
import { drawRun, type RunRecord } from "./run-record";

export interface RunStore {
  write(runs: readonly RunRecord[]): Promise<void>;
}

const flushIntervalMs = 200;
/** What waits to be written; more is dropped and counted, never waited for. */
const maxPendingRuns = 2_000;
const maxPendingBytes = 24_000_000;
const maxRunsPerWrite = 250;

/** Keeps runs: the failed ones always, of the others some. Writes them in bulk, and drops them rather than slow a flow down. */
export class Recorder implements FlightObserver {
  #pending: RunRecord[] = [];
  #pendingBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  readonly #dropped = new Map<string, number>();

  constructor(
    readonly store: RunStore,
    readonly log: Log,
  ) {}

  observe(flight: Flight): void {
    const { version } = flight.pipeline;
    const { kept } = flight.traces;
    for (let origin = 0; origin < flight.origins.length; origin++) {
      const failed = (flight.marks[origin]! & (becameDead | becameParked | tookErrorPort)) !== 0;
      if (!failed && !kept?.[origin]) continue;
      if (this.#pending.length >= maxPendingRuns || this.#pendingBytes >= maxPendingBytes) {
        this.#drop(version.flowId, 1);
        continue;
      }
      try {
        const run = drawRun(flight, origin);
        this.#pending.push(run);
        this.#pendingBytes += estimateBytes(run);
      } catch (error) {
        this.#drop(version.flowId, 1);
        this.log.warn({ flow: version.flow, ...describeError(error) }, "run could not be drawn");
      }
    }
    if (this.#pending.length > 0) this.#timer ??= setTimeout(() => this.#flush(), flushIntervalMs);
  }

  /** Traces of a flow that had to be dropped since the worker started. */
  droppedOf(flowId: string): number {
    return this.#dropped.get(flowId) ?? 0;
  }

  /** Writes what waits. */
  async close(): Promise<void> {
    await this.#writing;
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#writing || this.#pending.length === 0) return;
    const runs = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#writing = this.#write(runs).finally(() => {
      this.#writing = null;
      if (this.#pending.length > 0) this.#timer ??= setTimeout(() => this.#flush(), flushIntervalMs);
    });
  }

  async #write(runs: RunRecord[]): Promise<void> {
    for (let from = 0; from < runs.length; from += maxRunsPerWrite) {
      const part = runs.slice(from, from + maxRunsPerWrite);
      try {
        await this.store.write(part);
      } catch (error) {
        for (const run of part) this.#drop(run.flowId, 1);
        this.log.warn({ runs: part.length, ...describeError(error) }, "runs could not be stored");
      }
    }
  }

  #drop(flowId: string, runs: number): void {
    this.#dropped.set(flowId, (this.#dropped.get(flowId) ?? 0) + runs);
  }
}

function estimateBytes(run: RunRecord): number {
  let bytes = 500;
  for (const { out, cause, causes } of run.detail.steps) {
    bytes += 200 + out.length * 40 + ((cause?.message.length ?? 0) + (cause?.detail?.length ?? 0)) * 2;
    for (const { message } of causes ?? []) bytes += message.length * 2;
  }
  for (const { value, headers } of run.detail.payloads) {
    bytes += (value?.length ?? 0) * 2;
    for (const [, text] of headers) bytes += 100 + text.length * 2;
  }
  return bytes;
}
