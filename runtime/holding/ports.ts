import type { ConnectionKindName, ConnectionPorts } from "../../flow/connection-ports";
import type { FlowDocument } from "../../flow/document";
import type {
  AnswerRequest,
  ArriveRequest,
  HeldRow,
  HeldScope,
  HeldStatus,
  HeldStore,
  HoldingPort,
  StartRequest,
} from "../../flow/holding";
import type { Message } from "../../flow/message";
import type { Plan } from "../../flow/plan";
import type { SagaEvent } from "../../flow/saga/state";
import type { Verdict } from "../../flow/verdict";
import type { Place } from "../flight";
import type { Log } from "../log";
import type { NodeCounters } from "../node-counters";

/**
 * How the parts of holding meet, in a worker, for one flow: the holder (`holder.ts`) owns its rows in the store, takes what is due and lets
 * messages leave; the keeper (`runtime/saga/executor.ts`) carries out its sagas.
 */

/** Where a message came in: the node in the drawing, and the version through which it came. */
export interface HoldingPlace {
  readonly node: string;
  readonly version: number;
}

/** Keeps the sagas of one flow going, in this worker. */
export interface SagaKeeper {
  /** How many more rows it may be given. */
  readonly room: number;
  /**
   * Gets sagas that are due, each lent for `leaseMs` (`HeldStore.takeDue`). It works them (`SagaEvent` `due`), writes what comes of it, and
   * carries out the commands. What is neither written nor in hand any more is due again when the lease runs out. Never throws.
   */
  take(rows: readonly HeldRow[]): void;
  /** What it has in hand, by the revision that it knows: its commands are under way. The holder keeps these leases going until they are gone from here. */
  inHand(): Iterable<{ readonly id: string; readonly revision: number }>;
  /** As in `HoldingPort`. After `stop` what still comes is written and left to the next worker. */
  start(at: HoldingPlace, messages: readonly StartRequest[]): Promise<Verdict[]>;
  answer(at: HoldingPlace, messages: readonly AnswerRequest[]): Promise<Verdict[]>;
  arrive(at: HoldingPlace, messages: readonly ArriveRequest[]): Promise<Verdict[]>;
  /** What a saga of this flow waits for has happened elsewhere, maybe: it looks. Said in vain it makes no difference. Never throws. */
  look(id: string): void;
  /** What a person does to a saga of this flow. Never rejects. */
  act(id: string, event: SagaEvent): Promise<ActAnswer>;
  /**
   * Begins nothing more, lets commands under way end for `patienceMs`, writes what came of them, and hands the rest back: their rows are due
   * now (`HeldStore.setDue`). Never rejects.
   */
  stop(patienceMs: number): Promise<void>;
}

export type ActAnswer =
  | { readonly done: true; readonly status: HeldStatus }
  | {
      readonly done: false;
      /** As `Transition.why`; `unknown-saga`: there is none of that id in this flow; `store-unreachable`; `busy`: others changed it again and again. */
      readonly why:
        | "late"
        | "unknown-node"
        | "not-now"
        | "ended"
        | "nothing-due"
        | "unknown-saga"
        | "store-unreachable"
        | "busy";
      readonly words: string;
    };

/** Makes the keeper of a flow. */
export type OpenKeeper = (house: KeeperHouse) => SagaKeeper;

/** What a keeper gets from the worker. */
export interface KeeperHouse {
  readonly scope: HeldScope;
  readonly store: HeldStore;
  readonly flow: string;
  /** Stays through a rename. */
  readonly groupName: string;
  readonly log: Log;
  /** Lets a message leave through a version's pipeline: see `Emit`. */
  readonly emit: Emit;
  readonly versionOf: VersionOf;
  /** Something of this flow is due at that time (absent: now): the holder looks then, at the latest. */
  wake(at?: number): void;
  readonly neighbours: Neighbours;
  now(): number;
}

/**
 * Lets what was held leave by a port of its node: it goes through the pipeline of the version, behind that port (`Plan.exits`), with its
 * retries, error ports and dead letters. `true`: everything that came of it is safe. `false`: it was cut before; ask again later, in another
 * worker when this one stops. Waits when too much is on its way. Never rejects.
 */
export type Emit = (leave: Leave) => Promise<boolean>;

export interface Leave {
  readonly node: string;
  readonly port: string;
  readonly version: number;
  /** Key, headers, body and codec count; its `meta` is made of `place`. */
  readonly message: Message;
  /**
   * By which it is known behind the port: equal for the same, so that what is emitted twice is recognised. Of a saga: its start as source,
   * lane `saga`, its id as position, part `0`. Node and port are added to the part here.
   */
  readonly place: Place;
  /** As the message came from its source, when a step had changed it. */
  readonly original?: Pick<Message, "key" | "value" | "headers">;
  /** A person has sent it again. */
  readonly resent?: boolean;
}

/**
 * A version of the flow, opened: the one that runs, or an older one on which sagas began. Stays open as long as somebody has it; ask for it
 * anew for each piece of work, that costs nothing while it is open. Rejects with an error for a person when the version cannot be opened now.
 */
export type VersionOf = (version: number) => Promise<HeldVersion>;

export interface HeldVersion {
  readonly version: number;
  /** The same object as long as the version is open: what is made of it (`SagaEvaluation`) can be kept by it, in a WeakMap. */
  readonly document: FlowDocument;
  readonly plan: Plan;
  /** Of any node in the drawing, also those inside of a saga. */
  countersOf(node: string): NodeCounters | undefined;
  /** @throws TransportError when it does not exist or is of another kind. */
  connection<Kind extends ConnectionKindName>(kind: Kind, name: string): ConnectionPorts[Kind];
  /** Done with it. Once. */
  release(): void;
}

/** The other flows of the environment, as they are wanted and as they run in this worker. */
export interface Neighbours {
  /** By name or by id; `undefined`: it is not deployed. */
  find(flow: { readonly name: string } | { readonly flowId: string }): Neighbour | undefined;
}

export interface Neighbour {
  readonly flowId: string;
  readonly flow: string;
  /** That is wanted now. */
  readonly version: number;
  readonly isRunning: boolean;
  /** Its stored document at a version, parsed; the same object for the same version. Rejects when it cannot be read. */
  document(version: number): Promise<FlowDocument>;
  /** Its holder in this worker looks for what is due; nothing happens when it does not run here: another worker's does so by itself. */
  wake(): void;
  /** Its keeper, when it runs in this worker. */
  readonly keeper: SagaKeeper | null;
}

/** Makes what a node that holds is given (`NodeContext.holding`). */
export type HoldingOf = (at: HoldingPlace) => HoldingPort;
