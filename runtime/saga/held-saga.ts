import type { HeldRow } from "../../flow/holding";
import { commandKey, pendingCommands } from "../../flow/saga/machine";
import type { SagaCommand, SagaEvent, SagaSide, SagaState, Transition } from "../../flow/saga/state";
import type { HeldVersion } from "../holding/ports";
import { Nap } from "../nap";
import type { SagaWork } from "./saga-work";

/** What became of an event. `unknown`: there is no saga of that id in this flow. */
export type Applied =
  | { readonly is: "changed"; readonly state: SagaState }
  | { readonly is: "unchanged"; readonly why: Extract<Transition, { changed: false }>["why"]; readonly words: string }
  | { readonly is: "unknown" };

/** An event that waits for its turn. */
export interface Queued {
  readonly event: SagaEvent;
  /** It comes with a row that was due: nobody else has the saga in hand. */
  readonly isTake?: boolean;
  /** Nobody else tells it again, so it stays until it is written. Others are left to whoever asks. */
  readonly isKept?: boolean;
  /** It is to be looked, too, whether what the saga waits for has happened elsewhere. */
  readonly looks?: boolean;
  settle(applied: Applied): void;
  refuse(error: unknown): void;
}

export interface CommandUnderWay {
  readonly attempt: number;
  readonly abort: AbortController;
  /** What came of it is known here, and about to be written. */
  isOver: boolean;
}

/** A reason of its own: without one, each abort makes an error with a stack, which costs more than all else that ends with it. */
export const notWanted = "not wanted any more";

export interface DoubtfulWrite {
  readonly row: HeldRow;
  readonly state: SagaState;
  readonly queued: readonly Queued[];
  readonly commands: readonly SagaCommand[];
  readonly looks: boolean;
}

/** A saga of which this worker has something in hand: an event, a command, a look, its end. */
export class HeldSaga {
  /** As it was last read or written; `null`: it is to be read. */
  row: HeldRow | null = null;
  state: SagaState | null = null;
  readonly queue: Queued[] = [];
  isWorking = false;
  /** Commands that are under way here, by key. */
  readonly underWay = new Map<string, CommandUnderWay>();
  /** Commands that nobody has in hand: this worker let go of them, or took the saga when whoever had them was gone. */
  readonly #nobodys = new Set<string>();
  /** Ends the wait for the next try of a write that failed. */
  readonly nap = new Nap();
  /** Other work on it: looks for arrivals and for jobs, its end. */
  errands = 0;
  /** A write whose answer did not come: it may have been made. */
  doubtful: DoubtfulWrite | null = null;
  /** The row's time is a lease of this worker, and not a time of the saga's own. */
  isLeased = false;
  /** Something could not be done for it: whoever takes it when its lease has run out does it. */
  lapses = false;
  /** Nodes that wait for an event, and for which it was looked whether that had come before. */
  readonly looked = new Set<string>();
  /** When it is looked again at a job, or at the saga of another flow, for which it waits. */
  lookAt: number | null = null;
  /** Its end is being handed on. */
  isEnding = false;
  /** What it says at its end could not be handed on: it is tried again then. */
  againAt: number | null = null;
  alarm: NodeJS.Timeout | undefined;
  /** When its row was last read or written here. */
  knownAt = 0;

  constructor(readonly id: string) {}

  get isInHand(): boolean {
    return this.queue.length > 0 || this.isWorking || this.underWay.size > 0 || this.errands > 0;
  }

  know(row: HeldRow, state: SagaState): void {
    this.row = row;
    this.state = state;
    this.knownAt = performance.now();
  }

  /** What it knows may be old: it is read again before anything is made of it. */
  forget(): void {
    this.row = null;
    this.state = null;
  }

  has({ key, attempt }: Pick<SagaCommand, "key" | "attempt">): boolean {
    return this.underWay.get(key)?.attempt === attempt;
  }

  letGo({ key, attempt }: Pick<SagaCommand, "key" | "attempt">): void {
    this.#nobodys.add(`${key} ${attempt}`);
  }

  /** Has another worker a command of it in hand? As long as that may be so the lease is theirs, too. */
  hasOthers(state: SagaState): boolean {
    return pendingCommands(state).some(
      (command) => !this.has(command) && !this.#nobodys.has(`${command.key} ${command.attempt}`),
    );
  }
}

/** What a write, or a look at a row, brings about. */
export interface Followed {
  readonly saga: HeldSaga;
  readonly state: SagaState;
  readonly commands: readonly SagaCommand[];
  readonly work: SagaWork;
  readonly version: HeldVersion;
  /** Answers that are kept elsewhere are to be looked at, too, and what may have come before. */
  readonly looks: boolean;
  /** If it has ended, it is here that its end is handed on. */
  readonly ends: boolean;
}

/** Events of a saga that are written together, at most. */
const togetherMost = 50;

/** What is to be written in one piece: a person's act stands for itself, as it is refused or done by what the saga is then. */
export function takeTogether(queue: Queued[]): Queued[] {
  const isAct = ({ event }: Queued) => "by" in event;
  const end = queue.findIndex((one, index) => index > 0 && (isAct(one) || isAct(queue[index - 1]!)));
  return queue.splice(0, Math.min(end < 0 ? queue.length : end, togetherMost));
}

/** A command that was sent, and whose answer comes by itself. */
export interface SentCommand {
  readonly node: string;
  readonly side: SagaSide;
  readonly attempt: number;
  readonly key: string;
  readonly sentAt: number;
}

export function sentCommandsOf(state: SagaState): SentCommand[] {
  return state.visits.flatMap((visit) =>
    (["action", "compensation"] as const).flatMap((side) => {
      const each = side === "action" ? visit : visit.undo;
      if (each?.state !== "working" || each.sentAt === undefined) return [];
      const { attempt, sentAt } = each;
      return [{ node: visit.node, side, attempt, sentAt, key: commandKey(state.id, visit.node, side) }];
    }),
  );
}
