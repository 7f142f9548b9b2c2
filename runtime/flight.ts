import { randomUUID } from "node:crypto";
import type { Transaction } from "../flow/behaviour";
import type { Header, Message } from "../flow/message";
import type { TraceContext } from "../flow/trace-context";
import type { Cause, StepResult, Verdict } from "../flow/verdict";
import { EnteredItems, type Item, type Items, listItems, RoutedItems, writePart } from "./items";
import type { Parking } from "./parking";
import type { Pipeline, RunningStage } from "./pipeline";
import { type EnteredTraces, makeRunTrace } from "./trace";

/** The tries of a message that failed at least once. */
export interface Tries {
  /** The first of those that failed; a message that was held for hours does not fill the memory with them. */
  readonly failed: { readonly startMs: number; readonly durationMs: number; readonly cause: Cause }[];
  /** All that failed before the last. */
  count: number;
  last: { readonly startMs: number; readonly durationMs: number };
}

/** What a node made of the flight's messages, kept until the flight ends: runs are drawn from it only when one is wanted. */
export interface StageWork {
  readonly items: Items;
  results: (StepResult | Verdict)[];
  /** Relative to the flight's start. */
  readonly startMs: number;
  durationMs: number;
  /** When each item was worked, by index, where they are worked one by one. */
  spans: { readonly startMs: number; readonly durationMs: number }[] | null;
  /** By index of the item; only for those that failed. */
  tries: Map<number, Tries> | null;
  /** Attempts that failed, by index of the item; only for those that failed. */
  attempts: Map<number, number> | null;
  /** Parked items, by index. */
  parked: Map<number, ParkedItem> | null;
  /** They are in the store. */
  isParkedKept: boolean;
}

export interface ParkedItem {
  /** `null` = after those of its key before it. */
  readonly dueAt: number | null;
  readonly place: Place;
  readonly orderKey: string;
}

export function startStageWork(flight: Flight, items: Items): StageWork {
  const startMs = flight.elapsedMs;
  const none = { spans: null, tries: null, attempts: null, parked: null, isParkedKept: false };
  return { items, results: [], startMs, durationMs: 0, ...none };
}

/** The place that a dead letter is known by. */
export interface Place {
  readonly source: string;
  readonly lane: string;
  readonly position: string;
  readonly part: string;
}

/** A message that is on its way again. */
export interface Resent {
  /** `letter`: a person sends it again. `parked`: its attempts go on counting. `held`: it leaves the node that held it. */
  readonly as: "letter" | "parked" | "held";
  readonly id: string;
  readonly place: Place;
  readonly attempts: number;
  /** By which port of which node it goes on; of a held one. */
  readonly exit?: { readonly node: string; readonly port: string };
  /** As the message came from its source, where that is known. */
  readonly original?: {
    readonly key: Uint8Array | null;
    readonly value: Uint8Array | null;
    readonly headers: readonly Header[];
  };
}

/** How a source message ended, as bits: several of its parts may have ended differently. */
export const worked = 1;
export const tookErrorPort = 2;
export const becameDead = 4;
export const becameParked = 8;

/** How far a flight has come with a stage: the next of its lane may enter, or may leave. */
export const hasEntered = 1;
export const hasLeft = 2;

/** A batch of source messages on its way through one version of a flow. */
export class Flight {
  readonly startedAt = Date.now();
  readonly #startedAt = performance.now();
  readonly #inboxes: (Items | undefined)[];
  readonly work: (StageWork | undefined)[];
  readonly marks: Uint8Array;
  /** What of it is being tried again, or held. */
  #holds = 0;
  #heldSince = 0;
  isCut = false;
  /** Its lane ends: what was begun may end, and nothing more is begun. */
  isWinding = false;
  /** Why some of its messages failed, or were held, the last time. */
  lastFailure: (Cause & { at: number }) | null = null;
  /** Ids of its messages that were parked. */
  parkedIds: string[] | null = null;
  /** What is written and the lane's position become visible together. */
  transaction: Transaction | undefined;
  readonly entered: readonly Message[];
  /** The stage at which a parked message enters again. */
  readonly resumedAt: number;
  #controller: AbortController | null = null;
  #runs: Map<number, { readonly id: string; readonly trace: TraceContext }> | null = null;
  /** Neighbours in its lane, as long as they are on their way. */
  #before: Flight | null = null;
  #after: Flight | null = null;
  #hasEnded = false;
  /** Where its messages may wait long. What was held is nobody's lane: it waits where it is. */
  readonly parking: Parking | undefined;
  readonly #passed: Uint8Array;
  #waiting: { readonly stage: number; readonly what: number; readonly go: () => void }[] = [];

  /** `origins` are the messages as they came, `traces` the same with their trace. */
  constructor(
    readonly pipeline: Pipeline,
    readonly source: string,
    readonly origins: readonly Message[],
    readonly traces: EnteredTraces,
    entries: readonly number[],
    readonly resent?: Resent,
  ) {
    const { entered } = traces;
    this.entered = entered;
    this.#passed = new Uint8Array(pipeline.stages.length);
    this.#inboxes = new Array(pipeline.stages.length);
    this.work = new Array(pipeline.stages.length);
    this.marks = new Uint8Array(origins.length);
    this.resumedAt = resent?.as === "parked" ? (entries[0] ?? -1) : -1;
    this.parking = resent?.as === "held" ? undefined : pipeline.parking;
    const branches = entries.length > 1;
    for (let branch = 0; branch < entries.length; branch++) {
      this.#inboxes[entries[branch]!] = new EnteredItems(entered, branches ? branch : -1);
    }
  }

  /** Milliseconds since it started. */
  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  get isHeld(): boolean {
    return this.#holds > 0;
  }

  /** How long some of it has been held, and nothing of that ended. */
  get heldForMs(): number {
    return this.#holds > 0 ? performance.now() - this.#heldSince : 0;
  }

  hold(): void {
    if (this.#holds++ === 0) this.#heldSince = performance.now();
  }

  release(): void {
    this.#holds--;
    this.#heldSince = performance.now();
  }

  /** Made when first asked for: synchronous steps have no use for it. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.isCut) this.#controller.abort();
    return this.#controller.signal;
  }

  /** Ends it before its messages are safe, and those behind it in its lane: they are not settled and come again. */
  cut(): void {
    if (this.isCut || this.#hasEnded) return;
    this.isCut = true;
    this.#controller?.abort();
    this.#after?.cut();
  }

  /** Goes behind another flight of its lane: at each stage it waits until that one lets it. */
  follow(before: Flight): void {
    if (before.#hasEnded) return;
    this.#before = before;
    before.#after = this;
    if (before.isCut) this.cut();
  }

  /** Resolves when the flight before it has come so far with a stage; `undefined` when it need not wait. */
  waitFor(stage: RunningStage, what: number): Promise<void> | undefined {
    const before = this.#before;
    if (!before) return undefined;
    // Another version: it waits for all of it, whatever its stages are.
    const index = before.pipeline === this.pipeline ? stage.index : -1;
    if (index >= 0 && (before.#passed[index]! & what) === what) return undefined;
    return new Promise((go) => before.#waiting.push({ stage: index, what, go }));
  }

  /** Tells the flight behind it how far it has come. */
  pass(stage: RunningStage, what: number): void {
    this.#passed[stage.index]! |= what;
    if (this.#waiting.length > 0) this.#wake();
  }

  /** It is over: nothing waits for it any more. */
  end(): void {
    this.#hasEnded = true;
    if (this.#after) this.#after.#before = null;
    this.#after = null;
    this.#wake();
  }

  #wake(): void {
    const still = this.#waiting.filter(({ stage, what, go }) => {
      const passed = this.#hasEnded || (stage >= 0 && (this.#passed[stage]! & what) === what);
      if (passed) go();
      return !passed;
    });
    this.#waiting = still;
  }

  /** Where its messages stand: the first stage that took some and has not let them go. */
  get station(): { readonly stage: RunningStage; readonly forMs: number } | undefined {
    const stage = this.pipeline.stages.find(({ index }) => this.work[index] && !(this.#passed[index]! & hasLeft));
    return stage && { stage, forMs: this.elapsedMs - this.work[stage.index]!.startMs };
  }

  put(stage: number, item: Item): void {
    const inbox = this.#inboxes[stage];
    if (inbox instanceof RoutedItems) inbox.push(item);
    // A source may lead to a node that others lead to as well.
    else this.#inboxes[stage] = new RoutedItems([...(inbox ? listItems(inbox) : []), item]);
  }

  /** The node's messages in the order of their source messages, whichever way they came; `undefined` when none did. */
  takeInbox(stage: RunningStage): Items | undefined {
    const items = this.#inboxes[stage.index];
    this.#inboxes[stage.index] = undefined;
    if (!items || items.messages.length === 0) return undefined;
    if (items instanceof EnteredItems || stage.upstream.length < 2) return items;
    return new RoutedItems(listItems(items).sort((left, right) => left.origin - right.origin));
  }

  /** Takes those that its source gave up out of what enters. */
  leaveOutGivenUp(): void {
    for (const [index, inbox] of this.#inboxes.entries()) {
      if (!inbox) continue;
      const taken = listItems(inbox).filter(({ message }) => message.givenUp === undefined);
      this.#inboxes[index] = new RoutedItems(taken);
    }
  }

  runIdOf(origin: number): string {
    return this.#runOf(origin).id;
  }

  /** The trace of a message's run: the one that it carries, else one of its own, made when first asked for. */
  traceOf(origin: number): TraceContext {
    return this.#runOf(origin).trace;
  }

  #runOf(origin: number) {
    this.#runs ??= new Map();
    let run = this.#runs.get(origin);
    if (!run) {
      run = { id: randomUUID(), trace: makeRunTrace(this.traces, origin) };
      this.#runs.set(origin, run);
    }
    return run;
  }

  placeOf(item: Item): Place {
    const base = this.resent?.place;
    const meta = this.origins[item.origin]!.meta;
    return {
      source: base?.source ?? meta.source,
      lane: base?.lane ?? meta.lane,
      position: base?.position ?? meta.position,
      part: (base?.part ?? "0") + writePart(item),
    };
  }
}
