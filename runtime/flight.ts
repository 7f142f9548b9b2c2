import { randomUUID } from "node:crypto";
import type { Header, Message } from "../flow/message";
import type { Cause, StepResult, Verdict } from "../flow/verdict";
import type { Pipeline, RunningStage } from "./pipeline";

/** One message at one node, and how it came there: enough to name it again and to draw its way. */
export interface Item {
  readonly message: Message;
  /** Index of the source message that it was made from. */
  readonly origin: number;
  readonly parent: Item | null;
  /** Which of several deliveries of its parent; -1 for the only one. */
  readonly branch: number;
}

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
  readonly items: readonly Item[];
  results: (StepResult | Verdict)[];
  /** Relative to the flight's start. */
  readonly startMs: number;
  durationMs: number;
  /** By index of the item; only for those that failed. */
  tries: Map<number, Tries> | null;
}

/** The place that a dead letter is known by. */
export interface Place {
  readonly source: string;
  readonly lane: string;
  readonly position: string;
  readonly part: string;
}

/** A dead letter that is on its way again. */
export interface Resent {
  readonly id: string;
  readonly place: Place;
  readonly attempts: number;
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

/** A batch of source messages on its way through one version of a flow. */
export class Flight {
  readonly startedAt = Date.now();
  readonly #startedAt = performance.now();
  readonly inboxes: (Item[] | undefined)[];
  readonly work: (StageWork | undefined)[];
  readonly marks: Uint8Array;
  /** Stages that are trying some messages again. */
  holding = 0;
  isCut = false;
  #controller: AbortController | null = null;
  #runIds: Map<number, string> | null = null;

  /** `origins` are the messages as they came, `entered` the same with their trace. */
  constructor(
    readonly pipeline: Pipeline,
    readonly source: string,
    readonly origins: readonly Message[],
    readonly entered: readonly Message[],
    entries: readonly number[],
    readonly resent?: Resent,
  ) {
    this.inboxes = new Array(pipeline.stages.length);
    this.work = new Array(pipeline.stages.length);
    this.marks = new Uint8Array(origins.length);
    const branches = entries.length > 1;
    for (let branch = 0; branch < entries.length; branch++) {
      this.inboxes[entries[branch]!] = entered.map((message, origin) => ({
        message,
        origin,
        parent: null,
        branch: branches ? branch : -1,
      }));
    }
  }

  /** Milliseconds since it started. */
  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** Made when first asked for: synchronous steps have no use for it. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.isCut) this.#controller.abort();
    return this.#controller.signal;
  }

  /** Ends it before its messages are safe; they are not settled and come again. */
  cut(): void {
    this.isCut = true;
    this.#controller?.abort();
  }

  put(stage: number, item: Item): void {
    const inbox = this.inboxes[stage];
    if (inbox) inbox.push(item);
    else this.inboxes[stage] = [item];
  }

  /** The node's messages in the order of their source messages, whichever way they came. */
  takeInbox(stage: RunningStage): Item[] | undefined {
    const items = this.inboxes[stage.index];
    this.inboxes[stage.index] = undefined;
    if (items && stage.upstream.length > 1) items.sort((left, right) => left.origin - right.origin);
    return items;
  }

  runIdOf(origin: number): string {
    this.#runIds ??= new Map();
    let id = this.#runIds.get(origin);
    if (!id) {
      id = randomUUID();
      this.#runIds.set(origin, id);
    }
    return id;
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

/** The way through splits and fan-outs, `.1.0`: the same again when the same message is worked again. */
function writePart(item: Item): string {
  let part = "";
  for (let at: Item | null = item; at; at = at.parent) if (at.branch >= 0) part = `.${at.branch}${part}`;
  return part;
}
