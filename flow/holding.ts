import type { HeldCount, HeldPage, HeldSearch } from "./held-search";
import type { Message } from "./message";
import type { Verdict } from "./verdict";

/**
 * What a flow holds back between two segments: a delayed message, one that waits for another, a saga. One store port (Postgres in
 * `runtime/stores/held.ts`), one row each, changed by compare-and-set on its revision. Due timers and pending commands are part of the row
 * and written in the same transition: whatever wakes a worker may be lost, `takeDue` finds them again.
 */
export interface HeldStore {
  /**
   * Carries out each change if its row is still at the revision that it was made of; all changes of a call in one transaction.
   * Answers in their order: a conflict changes nothing, and its maker reads again. Of several changes of one row those count that follow
   * one from the other, the rest are conflicts. @throws when the store cannot be reached; it may have written all the same
   */
  write(changes: readonly HeldChange[]): Promise<("written" | "conflict")[]>;
  /** By id, in their order; `null` for one that is not there. @throws when the store cannot be reached */
  read(ids: readonly string[]): Promise<(HeldRow | null)[]>;
  /**
   * Takes rows whose time has come, oldest first, and lends them: each becomes due again after `leaseMs`, so that no other worker takes it
   * meanwhile, and whoever is killed with it loses it. The revision stays. @throws when the store cannot be reached
   */
  takeDue(scope: HeldScope, options: DueOptions): Promise<HeldRow[]>;
  /** How many that have not ended stand at each node (`HeldRow.steps`). @throws when the store cannot be reached */
  countStanding(scope: HeldScope): Promise<StandingCount[]>;
  /** Says when rows are due, those that are still at that revision: a lease that goes on, or ends. @throws when the store cannot be reached */
  setDue(
    entries: readonly { readonly id: string; readonly revision: number; readonly dueAt: number | null }[],
  ): Promise<void>;
  /** Ids of the rows of a flow that await one of these addresses (`addressOf`). @throws when the store cannot be reached */
  findAwaiting(
    scope: HeldScope,
    addresses: readonly string[],
  ): Promise<{ readonly address: string; readonly id: string }[]>;
  /**
   * Keeps what came for an address that nothing awaits yet. One with the same id is kept once: that is the mark by which a message that is
   * delivered again is known. @throws when the store cannot be reached
   */
  keepArrivals(arrivals: readonly Arrival[]): Promise<void>;
  /** What was kept for these addresses and is not forgotten yet, oldest first. @throws when the store cannot be reached */
  findArrivals(scope: HeldScope, addresses: readonly string[]): Promise<Arrival[]>;
  removeArrivals(ids: readonly string[]): Promise<void>;
  /**
   * Forgets rows and arrivals past their `expiresAt`, but no row that is due at some time; answers how many.
   * @throws when the store cannot be reached
   */
  forgetExpired(now: number): Promise<number>;
  /** A page of what is held, what began last first. @throws when the store cannot be reached */
  list(search: HeldSearch): Promise<HeldPage>;
  /** How many rows a flow has, also ended ones, by node, version, status and where they stand. @throws when the store cannot be reached */
  count(scope: HeldScope): Promise<HeldCount[]>;
}

/** A flow in an environment: who holds. */
export interface HeldScope {
  readonly environment: string;
  readonly flowId: string;
}

export interface DueOptions {
  readonly kind: HeldKind;
  readonly now: number;
  readonly limit: number;
  readonly leaseMs: number;
}

/** How many stand at a node, and how many of them are stuck, there or elsewhere. */
export interface StandingCount {
  readonly node: string;
  readonly count: number;
  readonly stuck: number;
}

/** `message`: goes on when its time comes. `saga`: see `flow/saga/state.ts`. */
export type HeldKind = "message" | "saga";

/** Where what is held stands, as a person searches for it. `held`: a message. The rest are a saga's (`flow/saga/state.ts`). */
export type HeldStatus =
  | "held"
  | "running"
  | "waiting"
  | "asking"
  | "stuck"
  | "compensating"
  | "completed"
  | "compensated";

/** One thing that is held. Times are milliseconds since the epoch. */
export interface HeldRow extends HeldScope {
  /** A UUID made of environment, flow, node and key (`prisma/held-id.ts`): equal for the same. */
  readonly id: string;
  /** The node that holds: a delay, a wait, a saga's start. */
  readonly node: string;
  readonly kind: HeldKind;
  /** Of a saga its business key, of a message its place. A store may keep the beginning and a digest of a long one. */
  readonly key: string;
  /** Version of the flow on which it began, and ends. */
  readonly version: number;
  /** 1 when it is new; one more with each change. */
  readonly revision: number;
  readonly status: HeldStatus;
  /** Nodes where it stands, for a person who searches; of a message its node. */
  readonly steps: readonly string[];
  /** When something is to be done for it; `null`: only when something comes. */
  readonly dueAt: number | null;
  /** Addresses for which it waits (`addressOf`), found again whatever their length. */
  readonly awaits: readonly string[];
  /** What it holds, in its kind's own coding. */
  readonly content: Uint8Array;
  readonly error: { readonly node: string; readonly code: string; readonly message: string } | null;
  readonly traceId: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly endedAt: number | null;
  /** When an ended one is forgotten. */
  readonly expiresAt: number | null;
}

/** A row as it is to become, made of the one at `revision - 1` (a new one has revision 1); or the end of a row at that revision. */
export type HeldChange =
  | { readonly write: HeldRow }
  | { readonly remove: { readonly id: string; readonly revision: number } };

/** What came for an address before anything awaited it. */
export interface Arrival extends HeldScope {
  /** A UUID made of the address and the place of its message (`prisma/held-id.ts`): the same again when that is delivered again. */
  readonly id: string;
  readonly address: string;
  readonly content: Uint8Array;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** What a row awaits: something that comes in at `node` with that value. */
export function addressOf(node: string, value: string): string {
  return `${node} ${value}`;
}

/**
 * What the worker gives to nodes that hold (`NodeContext.holding`). Each answers one verdict a message, in their order; `done` is told only
 * when the store has it. Never rejects: a store that is away is `retry` of the dependency.
 */
export interface HoldingPort {
  /** Holds messages at this node until their time, then lets them leave by its port. */
  hold(messages: readonly HoldRequest[]): Promise<Verdict[]>;
  /** Lets messages that wait at this node for a value leave by its port `out`; what comes too early is kept for a while. */
  release(messages: readonly ReleaseRequest[]): Promise<Verdict[]>;
  /** Starts sagas at this node. A second start with the same key is the same saga, and done. */
  start(messages: readonly StartRequest[]): Promise<Verdict[]>;
  /** Hands the answers to commands that this saga step has sent to their sagas. */
  answer(messages: readonly AnswerRequest[]): Promise<Verdict[]>;
  /** Hands events to the sagas that wait for them at this node. */
  arrive(messages: readonly ArriveRequest[]): Promise<Verdict[]>;
}

interface Placed {
  readonly message: Message;
  /** The way through splits and several wires (`BatchContext.partOf`): with the message's place it tells it from all others. */
  readonly part: string;
  /** As it came from its source, when a step had changed it (`BatchContext.originalOf`): it can be sent again from there. */
  readonly original?: Pick<Message, "key" | "value" | "headers"> | undefined;
}

export interface HoldRequest extends Placed {
  /** Milliseconds since the epoch; `null`: only when `awaits` comes. */
  readonly dueAt: number | null;
  /** By which port it leaves when its time has come. */
  readonly port: string;
  /** It leaves by `out` as soon as this comes in at the node (`release`). */
  readonly awaits?: string;
  /** Field of its body that takes the body of what came. */
  readonly into?: readonly string[];
}

export interface ReleaseRequest extends Placed {
  readonly value: string;
  /** How long it is kept when nothing awaits it yet. */
  readonly keepMs: number;
}

export interface StartRequest extends Placed {
  readonly key: string;
  /** The saga's data. */
  readonly data: unknown;
}

export interface AnswerRequest extends Placed {
  /** As the command carried it. `null`: the message has none. */
  readonly correlationId: string | null;
}

export interface ArriveRequest extends Placed {
  readonly value: string;
  readonly keepMs: number;
}
