import type { Dropped } from "./inspect/drop";
import type { Filled } from "./inspect/fill";
import type { Watched } from "./inspect/load";
import type { Search } from "./inspect/searches";
import type { ProcessorTime } from "./sagas/processor-time";

/** What a run of the benchmark leaves, as JSON. Every number in a report or on a page comes from here. */
export const resultsFormat = "millrace/bench@1";

export interface Results {
  readonly format: typeof resultsFormat;
  readonly cases: Readonly<Record<string, CaseResult>>;
  readonly profiles: Readonly<Record<string, ProfileResult>>;
  readonly sagas?: SagaResult;
  readonly canvas?: CanvasResult;
  readonly inspect?: InspectResult;
}

/** A million runs in Postgres, and tabs that look at a flow. */
export interface InspectResult {
  readonly circumstances: Circumstances;
  readonly runs: number;
  readonly filled: Filled;
  readonly searches: readonly Search[];
  readonly dropped: Dropped;
  readonly watched: readonly Watched[];
}

/** The editor with a large flow that runs, beside plain React Flow with as many nodes. */
export interface CanvasResult {
  readonly circumstances: Circumstances;
  readonly nodes: number;
  readonly wires: number;
  readonly openMs: number;
  readonly edits: number;
  /** Megabytes of the page's objects, before and after the edits. */
  readonly heapBeforeMb: number;
  readonly heapAfterMb: number;
  /** By side and deed, a value each round. */
  readonly frames: Readonly<
    Record<
      "editor" | "plain",
      Readonly<Record<string, readonly { readonly medianMs: number; readonly p95Ms: number; readonly count: number }[]>>
    >
  >;
}

/** Sagas of three steps, each side in the same run. */
export interface SagaResult {
  readonly circumstances: Circumstances;
  readonly sides: readonly SagaSideResult[];
}

export interface SagaSideResult {
  readonly name: string;
  readonly label: string;
  /** By round: as many as go, and the delays at fifty a second. */
  readonly perSecond: readonly number[];
  readonly p50Ms: readonly number[];
  readonly p99Ms: readonly number[];
  /** By round: milliseconds of processor time for each saga at that rate. */
  readonly processorMs?: readonly ProcessorTime[];
  /** By round: the machine's load average over the minute before the end of the rate. */
  readonly load?: readonly number[];
  readonly writesPerSaga?: number;
  /** The same beside sagas that wait. */
  readonly beside?: {
    readonly waiting: number;
    readonly begunPerSecond: number;
    readonly perSecond: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
  };
  readonly memoryMb: number;
}

/** Where and when something was measured. */
export interface Circumstances {
  readonly at: string;
  readonly commit: string;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memoryGb: number;
    readonly system: string;
  };
  readonly versions: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly rounds: number;
}

export interface CaseResult {
  readonly title: string;
  readonly about: string;
  readonly circumstances: Circumstances;
  readonly sides: readonly SideResult[];
}

/** Values by round; a side that could not be measured says why instead. */
export interface SideResult {
  readonly name: string;
  readonly label: string;
  readonly by: "flow" | "hand" | "node-red" | "nothing";
  readonly failed?: string;
  /** Messages of the input a second. */
  readonly perSecond: readonly number[];
  /** Milliseconds from sending to reading, where that was measured. */
  readonly p50Ms: readonly number[];
  readonly p99Ms: readonly number[];
  /** Microseconds of processor time for a message: of the side's own processes, and of the whole machine. */
  readonly ownUs: readonly number[];
  readonly machineUs: readonly number[];
  /** Highest resident memory of a process of the side, MB. */
  readonly memoryMb: readonly number[];
}

export interface ProfileResult {
  readonly circumstances: Circumstances;
  readonly perSecond: number;
  readonly groups: readonly ProfileGroup[];
}

/** Self time for a message in microseconds. */
export interface ProfileGroup {
  readonly name: string;
  readonly us: number;
  readonly functions: readonly { readonly name: string; readonly us: number }[];
}

export const noResults: Results = { format: resultsFormat, cases: {}, profiles: {} };
