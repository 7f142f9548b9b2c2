import type { Cause } from "../verdict";
import type { ApprovalNode, SagaScope } from "./program";

/**
 * A saga as it stands: all of it, written in one piece with each transition (`machine.ts`), so that due timers and pending commands can
 * never say something else than the state that they follow from. Plain JSON.
 */
export interface SagaState {
  /** Id of its row, and the first part of its commands' keys. */
  readonly id: string;
  readonly key: string;
  /** Milliseconds since the epoch, as all times here. */
  readonly startedAt: number;
  /** `forward`: towards an end. `backward`: undoing. `ended`: nothing will be done any more. */
  readonly phase: "forward" | "backward" | "ended";
  /** Once it has ended. */
  readonly outcome?: "completed" | "compensated";
  readonly endedAt?: number;
  /** Why it goes, or went, backward. */
  readonly reason?: Cause & { readonly node?: string; readonly by?: string };
  /** A pivot is done: there is no way back. */
  readonly pivoted: boolean;
  /** The data over which its expressions speak; steps put their output into it. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** Every node that it came to, in the order in which it came there: a way forward begins before all that follows from it. */
  readonly visits: readonly Visit[];
  /** What a person did, what came too late: for a person to read. The last hundred. */
  readonly notes: readonly SagaNote[];
  /** The `saga-end` at which it is complete, the last of them where it came to several; absent: every way ended before one. The start where it was undone. */
  readonly leaves?: string;
  /** What it says to the outside at its end has been handed on, to the step of another saga that waits for it, too. */
  readonly emitted?: true;
  /** The step of another saga that waits for it. */
  readonly parent?: SagaParent;
  /** How many sagas stand above it. */
  readonly depth: number;
}

export interface SagaParent {
  readonly environment: string;
  readonly flowId: string;
  readonly saga: string;
  readonly node: string;
}

/** One node that a saga came to. A saga comes to each at most once. */
export interface Visit {
  readonly node: string;
  /** The node before it; absent for the first. */
  readonly from?: string;
  /** Of a join: nodes from which other branches came to it. */
  readonly joined?: readonly string[];
  /**
   * `working`: a command is on its way. `retrying`: it is sent again at `dueAt`. `waiting`: for an event, a time, a person, other branches.
   * `done`. `failed`: for good. `stuck`: it cannot go on nor back until a person says how. `cancelled`: it waited, also for its next attempt,
   * when the saga turned.
   * `skipped`: a person let the saga go on without it.
   */
  readonly state: "working" | "retrying" | "waiting" | "done" | "failed" | "stuck" | "cancelled" | "skipped";
  readonly at: number;
  readonly endedAt?: number;
  /**
   * When it is too late, or when it is tried again, or a timer's time. Of a command in hand: when the worker that has it is taken for gone
   * (`commandLeaseMs`); of one that was sent: when its answer is too late.
   */
  readonly dueAt?: number;
  /** The current attempt's command has left this house (`SagaEvent` `sent`): its answer comes by itself, or is late. */
  readonly sentAt?: number;
  /** By which port it was left. */
  readonly port?: string;
  /** Of a step: may its action have taken effect? `none` only while every attempt surely did nothing. */
  readonly effect: "none" | "maybe" | "done";
  /** Attempt of the action, from 1: the one under way, or the last one; 0 where there is none. */
  readonly attempt: number;
  /** How many there may be; absent: as many as the program says. Whoever retries by hand adds as many again. */
  readonly allowed?: number;
  /**
   * The data as its command first saw it, once other branches have changed it since: a command that is sent again carries the same key, so
   * it must say the same (services that know the key refuse another content).
   */
  readonly given?: { readonly body: unknown };
  /** The output that went into the data. */
  readonly output?: unknown;
  readonly cause?: Cause;
  /** What its action needs is away. */
  readonly held?: HeldBack;
  /** What a `wait` waits for. */
  readonly awaits?: string;
  /** Of an approval that waits: who may decide. */
  readonly asks?: ApprovalNode["role"];
  readonly undo?: Undo;
  /** Of its action and its compensation, in order: the last twenty of each. */
  readonly attempts: readonly SagaAttempt[];
}

/** An attempt that is held back: what it needs is away, which spends no attempt for a while (`Persistence.holdMs`). */
export interface HeldBack {
  readonly since: number;
  /** From then on its attempts count. */
  readonly until: number;
  /** How often it was tried since. */
  readonly tries: number;
  /** That time has come. */
  readonly over?: true;
}

/** The compensation of a step. `passed`: it has none, and was passed over. The other fields as in `Visit`. */
export interface Undo {
  readonly state: "working" | "retrying" | "done" | "stuck" | "skipped" | "passed";
  readonly attempt: number;
  readonly at: number;
  readonly endedAt?: number;
  readonly dueAt?: number;
  readonly sentAt?: number;
  readonly cause?: Cause;
  readonly allowed?: number;
  readonly held?: HeldBack;
  readonly given?: { readonly body: unknown };
}

export type SagaSide = "action" | "compensation";

/** One try, as a person reads it; request and answer are cut to size. */
export interface SagaAttempt {
  readonly side: SagaSide;
  readonly number: number;
  readonly at: number;
  readonly endedAt?: number;
  readonly request?: string;
  readonly answer?: string;
  readonly cause?: Cause;
  /** How often it was sent again, because the worker that had it in hand was gone. */
  readonly resent?: number;
  /** How often it was held back, as what it needs was away, and tried again. */
  readonly held?: number;
}

export interface SagaNote {
  /** When it came, the last time. */
  readonly at: number;
  readonly node?: string;
  /** Who; absent: nobody, it came by itself. */
  readonly by?: string;
  /**
   * By a person: `retry`, `skip`, `complete`, `approve`, `reject`, `cancel`, `undo`. By itself: `no-compensation` (passed over), `late-answer`,
   * `second-answer`.
   */
  readonly what: string;
  readonly words?: string;
  /** How often, of what comes by itself; absent: once. Beyond `noteTimesMax` it is no longer counted. */
  readonly times?: number;
}

/** What happens to a saga. */
export type SagaEvent =
  /**
   * Time has passed: what is due by `now` is done. `busy`: commands (by `commandKey`) that are under way here and will tell by themselves.
   * Others whose lease ran out were lost with their worker: they are among the commands again, same key, same attempt.
   */
  | { readonly is: "due"; readonly busy?: ReadonlySet<string> }
  /**
   * A command's message is safe at its broker, its sub-saga is begun: nobody has it in hand any more, and its answer is waited for until its
   * `timeoutMs` is over. One that is not told so is sent again when its lease runs out. Commands whose outcome is known at once need none.
   */
  | { readonly is: "sent"; readonly node: string; readonly side: SagaSide; readonly attempt: number }
  /** The worker that has a command in hand stops, and does not know what came of it: whoever takes the saga sends it again at once. */
  | { readonly is: "handed-back"; readonly node: string; readonly side: SagaSide; readonly attempt: number }
  | {
      readonly is: "outcome";
      readonly node: string;
      readonly side: SagaSide;
      /** Absent: the answer does not say; it is taken for the last one's. */
      readonly attempt?: number;
      readonly result: CommandResult;
    }
  /** What a `wait` waited for. */
  | { readonly is: "arrival"; readonly node: string; readonly body: unknown }
  | {
      readonly is: "decide";
      readonly node: string;
      readonly approved: boolean;
      readonly by: string;
      readonly words?: string;
    }
  /** Of a node that is stuck or waits for its next attempt: again, now. Its attempts count anew. An approval is asked anew. */
  | { readonly is: "retry"; readonly node: string; readonly by: string }
  /** Of a node that is stuck or waits for its next attempt, of a wait and a timer: on without it; of a compensation: as if it were undone. */
  | { readonly is: "skip"; readonly node: string; readonly by: string; readonly reason: string }
  /** Of a node that is stuck or under way, no approval: it is done, with this output. Of a `pass` node: the saga's whole data from there on. */
  | { readonly is: "complete"; readonly node: string; readonly by: string; readonly result: unknown }
  | { readonly is: "cancel"; readonly by: string; readonly reason: string }
  /** As `cancel`, and one that is complete already is undone, too: the compensation of a sub-saga. Its end is told anew. */
  | { readonly is: "undo"; readonly by: string; readonly reason: string }
  /** What it says at its end was handed on. */
  | { readonly is: "emitted" };

/** What became of a command. `request` and `answerText` are for a person; they are cut to size here. `at`: when it was known. */
export type CommandResult = (
  | { readonly ok: true; readonly answer: unknown }
  | {
      readonly ok: false;
      readonly cause: Cause;
      /** Never again: another try would end the same. */
      readonly final: boolean;
      /** `none`: it surely did nothing. */
      readonly effect: "none" | "maybe";
      readonly retryAfterMs?: number;
      /** What it needs is away: that spends no attempt for a while. */
      readonly away?: true;
    }
) & { readonly request?: string; readonly answerText?: string; readonly at?: number };

/** Something to be done outside. It carries the same key over retries and crashes. */
export interface SagaCommand {
  readonly node: string;
  readonly side: SagaSide;
  readonly attempt: number;
  /** It has failed before. */
  readonly again?: true;
  /** `<saga>.<node>` of an action, `<saga>.<node>.undo` of a compensation. */
  readonly key: string;
  /** What its request is rendered from: the same with every attempt, also when other branches have changed the data since. */
  readonly scope: SagaScope;
}

/** `changed: false`: the event makes no difference, and why; nothing is to be written. */
export type Transition =
  | { readonly changed: true; readonly state: SagaState; readonly commands: readonly SagaCommand[] }
  | {
      readonly changed: false;
      readonly why: "late" | "unknown-node" | "not-now" | "ended" | "nothing-due";
      readonly words: string;
    };
