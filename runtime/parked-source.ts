import type { OpenSource, Outcome, SourceBehaviour, SourceContext, SourceHandlers } from "../flow/behaviour";
import { codecOf } from "../flow/codecs";
import { type Header, headerText, Message } from "../flow/message";
import type { Cause } from "../flow/verdict";
import { sleep } from "./backoff";
import { type DeadLetter, deadLetterHeader, makeFingerprint } from "./dead-letter";
import type { DeadLetterStore } from "./delivery";
import type { Flight, Place } from "./flight";
import { describeError, type Log } from "./log";
import { Nap } from "./nap";
import type { Parking } from "./parking";
import type { Pipeline } from "./pipeline";

/** A parked message whose time has come. */
export interface DueMessage {
  readonly id: string;
  readonly node: string;
  readonly place: Place;
  readonly orderKey: string;
  readonly attempts: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
  readonly codec: string;
  readonly timestamp: number;
  /** Of its last try. */
  readonly cause: Cause;
  readonly runId: string | null;
  readonly traceId: string | null;
  /** A person asked to try it no more. */
  readonly giveUp: boolean;
  readonly original?: {
    readonly key: Uint8Array | null;
    readonly value: Uint8Array | null;
    readonly headers: readonly Header[];
  };
}

/** All reject when the store cannot be reached. */
export interface DueStore {
  /** Claims what is given up, and the first message of each key that is due, of these lanes. */
  claim(claim: {
    readonly environment: string;
    readonly flowId: string;
    readonly lanes: readonly { readonly source: string; readonly lane: string }[];
    readonly limit: number;
    readonly inHand: readonly string[];
  }): Promise<DueMessage[]>;
  /** Forgets messages that have ended; answers which. One that is parked again stays. */
  remove(ids: readonly string[]): Promise<string[]>;
  handBack(ids: readonly string[]): Promise<void>;
}

export const parkedLane = "parked";
const pollMs = 500;
const refreshEveryMs = 10_000;
const maxInHand = 200;

export interface ParkedSourceOptions {
  readonly store: DueStore;
  readonly letters: DeadLetterStore;
  readonly parking: Parking;
  readonly log: Log;
  /** The version that is current. */
  pipeline(): Pipeline;
}

/**
 * The source of parked messages whose time has come: they enter again at the node where they failed, one of a key at a time, and go
 * through the same delivery as any message.
 */
export class ParkedSource implements OpenSource {
  readonly #inHand = new Map<string, DueMessage>();
  readonly #ended = new Map<string, DueMessage>();
  /** On their way to the dead letters: a person asked for it, or their node is not drawn any more. */
  readonly #givenUp = new Map<string, DueMessage>();
  readonly #back = new Set<string>();
  #handlers: SourceHandlers | null = null;
  readonly #nap = new Nap();
  #isStopped = false;
  #loop: Promise<void> | null = null;
  #refreshedAt = performance.now();
  readonly #epoch = 1;

  constructor(readonly options: ParkedSourceOptions) {}

  /** As a source's behaviour, so that a host runs it like any other. */
  get behaviour(): SourceBehaviour<never> {
    return {
      role: "source",
      settles: "individual",
      identity: () => parkedLane,
      open: async (_config: never, _context: SourceContext, handlers: SourceHandlers) => {
        this.#handlers = handlers;
        handlers.assigned(parkedLane, this.#epoch);
        this.#loop = this.#run();
        return this;
      },
    };
  }

  /** Sends a due message on its way, as it was when it was parked. */
  begin(messages: readonly Message[]): Flight {
    const due = this.#inHand.get(messages[0]!.meta.position)!;
    const { id, node, place, attempts, original } = due;
    const pipeline = this.options.pipeline();
    if (!pipeline.has(node)) this.#givenUp.set(id, due);
    const resent = { as: "parked", id, place, attempts, ...(original ? { original } : {}) } as const;
    return pipeline.beginAgain(node, makeMessage(due), resent);
  }

  settle(_lane: string, _epoch: number, position: string, _outcome: Outcome): void {
    const due = this.#inHand.get(position);
    this.#inHand.delete(position);
    if (due && !this.#givenUp.has(position)) this.#ended.set(position, due);
    this.#nap.wake();
  }

  release(_lane: string, _epoch: number, position: string): void {
    this.#inHand.delete(position);
    this.#back.add(position);
  }

  async progress() {
    return [];
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#nap.wake();
    await this.#loop;
    for (const id of this.#inHand.keys()) this.#back.add(id);
    await this.#writeEnds().catch((error: unknown) => {
      // They come again when this worker is seen to be gone.
      this.options.log.warn(describeError(error), "parked messages could not be marked");
    });
  }

  async #run(): Promise<void> {
    let isFailing = false;
    while (!this.#isStopped) {
      try {
        await this.#writeEnds();
        await this.#claim();
        await this.#refresh();
        isFailing = false;
      } catch (error) {
        if (!isFailing) this.options.log.warn(describeError(error), "parked messages cannot be read yet");
        isFailing = true;
        await sleep(pollMs);
      }
      await this.#nap.wait(pollMs);
    }
  }

  async #claim(): Promise<void> {
    const { store, parking } = this.options;
    const limit = maxInHand - this.#inHand.size;
    const lanes = [...parking.lanes.values()];
    if (!parking.mayHold || lanes.length === 0 || limit <= 0) return;
    const { environment, flowId } = parking;
    const known = [this.#inHand, this.#ended, this.#givenUp].flatMap((messages) => [...messages.keys()]);
    const inHand = [...known, ...this.#back, ...parking.unready, ...parking.free];
    for (const due of await store.claim({ environment, flowId, lanes, limit, inHand })) {
      if (due.giveUp) {
        this.#givenUp.set(due.id, due);
        continue;
      }
      this.#inHand.set(due.id, due);
      void this.#handlers!.deliver(parkedLane, this.#epoch, [makeTicket(due)]);
    }
    await this.#keepGivenUp();
  }

  /** Kept as dead letters before they are forgotten; once more is the same letter, as its place is the same. */
  async #keepGivenUp(): Promise<void> {
    if (this.#givenUp.size === 0) return;
    const givenUp = [...this.#givenUp.values()];
    const { version, counters } = this.options.pipeline();
    await this.options.letters.keep(givenUp.map((due) => makeLetter(due, version)));
    for (const due of givenUp) {
      this.#givenUp.delete(due.id);
      this.#ended.set(due.id, due);
      const ofNode = counters.get(due.node);
      if (ofNode) ofNode.dead++;
    }
    this.#nap.wake();
  }

  async #writeEnds(): Promise<void> {
    const { store, parking } = this.options;
    await this.#keepGivenUp();
    if (this.#ended.size > 0) {
      const ended = new Map(this.#ended);
      const removed = await store.remove([...ended.keys()]);
      for (const id of ended.keys()) this.#ended.delete(id);
      for (const id of removed) {
        const { node, place, orderKey } = ended.get(id)!;
        parking.remove({ node, ...place, orderKey });
      }
    }
    const back = [...this.#back, ...parking.free];
    if (back.length > 0) {
      await store.handBack(back);
      for (const id of back) {
        this.#back.delete(id);
        parking.free.delete(id);
      }
    }
  }

  async #refresh(): Promise<void> {
    const { parking } = this.options;
    if (!parking.mayHold || performance.now() - this.#refreshedAt < refreshEveryMs) return;
    this.#refreshedAt = performance.now();
    await parking.refresh();
  }
}

function makeLetter(due: DueMessage, { environment, flowId, flow, version }: Pipeline["version"]): DeadLetter {
  const { node, place, cause, key, value, headers, codec, timestamp, attempts, runId, traceId, original } = due;
  return {
    environment,
    flowId,
    flow,
    version,
    node,
    ...place,
    cause,
    fingerprint: makeFingerprint(node, cause),
    key,
    value,
    headers,
    codec,
    timestamp,
    ...(original ? { original } : {}),
    attempts,
    runId,
    traceId,
  };
}

function makeMessage({ key, value, headers, codec, place, timestamp, attempts }: DueMessage): Message {
  const { source, lane, position, part } = place;
  const origin = { lane, position, part, resent: headerText(headers, deadLetterHeader) !== undefined };
  const meta = { source, lane, position, timestamp, attempt: attempts + 1, origin };
  return new Message({ key, value, headers, codec: codecOf(codec), meta });
}

/** What stands in the lane of due messages: known by its id, as several of a split share their position. */
function makeTicket(due: DueMessage): Message {
  const message = makeMessage(due);
  return message.with({ meta: { ...message.meta, lane: parkedLane, position: due.id } });
}
