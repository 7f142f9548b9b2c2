import type { RigServices, WorkerProcess } from "../../runtime/system/rig";

/** Who carries out the sagas that are measured. */
export interface SagaSide {
  readonly name: string;
  readonly label: string;
  open(options: SideOptions): Promise<OpenSide>;
}

export interface SideOptions {
  readonly services: RigServices;
  /** Where the three services answer: `<url>/stock`, `/card`, `/carrier`. */
  readonly url: string;
  readonly worker: WorkerProcess;
}

export interface OpenSide {
  readonly pids: () => readonly number[];
  /** Processes of its store that work for it. */
  storePids(): Promise<readonly number[]>;
  /** Begins a saga with this business key; resolves when that is safe. */
  start(id: string): Promise<void>;
  /** When these sagas had ended, by the side's own account: milliseconds since the epoch. Those that have not are left out. */
  readEnds(ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** What one saga costs the store, where it can be told. */
  countWrites?(): Promise<Writes>;
  /** Has so many sagas of another flow begin and wait. Answers how long that took. */
  addWaiting?(count: number): Promise<number>;
  close(): Promise<void>;
}

export interface Writes {
  /** How often the row of a saga was written, in the middle. */
  readonly perSaga: number;
  /** Transactions that the database had committed in all. */
  readonly transactions: number;
}
