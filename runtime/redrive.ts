import type { OpenSource, Outcome, SourceBehaviour, SourceContext, SourceHandlers } from "../flow/behaviour";
import { codecOf } from "../flow/codecs";
import { type ReadableLetter, readForTarget } from "../flow/letter-scope";
import { Message, setHeader } from "../flow/message";
import { deadLetterHeader } from "./dead-letter";
import type { Flight, Resent } from "./flight";
import { describeError, type Log } from "./log";
import { Nap } from "./nap";
import type { Pipeline } from "./pipeline";

/** A dead letter as it is stored, to be sent to its target. */
export interface StoredLetter extends ReadableLetter {
  readonly id: string;
  readonly part: string;
  readonly target: "node" | "source";
}

/** Letters that are asked to be sent again, those whose worker is gone, and those of this worker that it does not have in hand. */
export interface Claim {
  readonly environment: string;
  readonly flowId: string;
  readonly limit: number;
  readonly staleAfterMs: number;
  readonly inHand: readonly string[];
}

export interface Claimed {
  readonly letters: readonly StoredLetter[];
  /** When the rate of a redrive lets more of it go. */
  readonly againInMs?: number;
}

export interface RedriveStore {
  claim(claim: Claim): Promise<Claimed>;
  /** `failedElsewhere`: those of them that are a dead letter again, at another node. */
  markSent(ids: readonly string[], failedElsewhere: readonly string[]): Promise<void>;
  handBack(ids: readonly string[]): Promise<void>;
  refuse(ids: readonly string[], reason: string): Promise<void>;
}

export const redriveLane = "redrive";
const pollMs = 1_000;
const claimAtOnce = 50;
const maxInHand = 100;
/** A claim of a worker without a heartbeat for this long is taken over. */
export const staleAfterMs = 15_000;

export interface RedriveOptions {
  readonly store: RedriveStore;
  readonly environment: string;
  readonly flowId: string;
  readonly log: Log;
  /** The version that is current. */
  pipeline(): Pipeline;
}

/**
 * The source of dead letters that a person sends again: they go through the same delivery as any message, enter at the node where
 * they failed (or behind their source), and keep their identity, so that one that fails again is the same dead letter.
 */
export class Redrive implements OpenSource {
  readonly #inHand = new Map<string, StoredLetter>();
  readonly #sent = new Map<string, Outcome>();
  readonly #back = new Set<string>();
  /** By id: the node that the version does not have. */
  readonly #refused = new Map<string, string>();
  #handlers: SourceHandlers | null = null;
  #stopped = false;
  #loop: Promise<void> | null = null;
  readonly #epoch = 1;
  /** When the rate of a redrive lets more go: the store is not asked before. */
  #claimAt: number | null = null;
  readonly #nap = new Nap();

  constructor(readonly options: RedriveOptions) {}

  /** As a source's behaviour, so that a host runs it like any other. */
  get behaviour(): SourceBehaviour<never> {
    return {
      role: "source",
      settles: "individual",
      identity: () => redriveLane,
      open: async (_config: never, _context: SourceContext, handlers: SourceHandlers) => {
        this.#handlers = handlers;
        handlers.assigned(redriveLane, this.#epoch);
        this.#loop = this.#run();
        return this;
      },
    };
  }

  /** Looks at once: letters may have been asked for. */
  wake(): void {
    this.#nap.wake();
  }

  /** Sends a claimed letter on its way. */
  begin(messages: readonly Message[]): Flight {
    const message = messages[0]!;
    const letter = this.#inHand.get(message.meta.position)!;
    const { id, attempts, target, lane, position, part } = letter;
    const place = { source: letter.source, lane, position, part };
    const source = target === "source";
    const pipeline = this.options.pipeline();
    const node = source ? place.source : letter.node;
    // A version may have taken over since it was claimed; and what a saga says has no source.
    const isKnown = source ? pipeline.isSource(node) : pipeline.has(node);
    if (!isKnown) this.#refused.set(id, node);
    // An edit for the source is what came from there, for whatever fails behind it.
    const original = source && letter.edited?.target === target ? readForTarget(letter, target) : letter.original;
    // Sent from its source it is whole again: what it was a part of counts anew.
    const resent: Resent = {
      as: "letter",
      id,
      place: source ? { ...place, part: "0" } : place,
      attempts,
      ...(original ? { original } : {}),
    };
    return pipeline.beginAgain(isKnown ? node : null, message, resent);
  }

  settle(_lane: string, _epoch: number, position: string, outcome: Outcome): void {
    this.#inHand.delete(position);
    if (!this.#refused.has(position)) this.#sent.set(position, outcome);
    this.wake();
  }

  release(_lane: string, _epoch: number, position: string): void {
    this.#inHand.delete(position);
    this.#back.add(position);
  }

  async progress() {
    return [];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.wake();
    await this.#loop;
    // Claimed while its lane was ending already, and never begun.
    for (const id of this.#inHand.keys()) this.#back.add(id);
    await this.#writeEnds().catch((error: unknown) => {
      // Their claims run out and another worker takes them over.
      this.options.log.warn(describeError(error), "redriven dead letters could not be marked");
    });
  }

  async #run(): Promise<void> {
    let failing = false;
    while (!this.#stopped) {
      try {
        await this.#writeEnds();
        const claimed = await this.#claim();
        failing = false;
        if (claimed === claimAtOnce) continue;
      } catch (error) {
        if (!failing) this.options.log.warn(describeError(error), "dead letters cannot be read yet");
        failing = true;
      }
      await this.#nap.wait(this.#claimAt === null ? pollMs : Math.min(pollMs, this.#claimAt - performance.now()));
    }
  }

  async #claim(): Promise<number> {
    const { store, environment, flowId } = this.options;
    const limit = Math.min(claimAtOnce, maxInHand - this.#inHand.size);
    if (limit <= 0 || performance.now() < (this.#claimAt ?? 0)) return 0;
    // Those that ended a moment ago stay claimed in the store until their end is written: they are not to be claimed a second time.
    const inHand = [...this.#inHand.keys(), ...this.#sent.keys(), ...this.#back, ...this.#refused.keys()];
    const { letters, againInMs } = await store.claim({ environment, flowId, limit, staleAfterMs, inHand });
    this.#claimAt = againInMs === undefined || letters.length === limit ? null : performance.now() + againInMs;
    for (const letter of letters) {
      this.#inHand.set(letter.id, letter);
      await this.#handlers!.deliver(redriveLane, this.#epoch, [makeMessage(letter)]);
    }
    return letters.length;
  }

  async #writeEnds(): Promise<void> {
    const { store } = this.options;
    const sent = [...this.#sent.keys()];
    const failed = sent.filter((id) => this.#sent.get(id) === "dead");
    if (sent.length > 0) await store.markSent(sent, failed);
    for (const id of sent) this.#sent.delete(id);
    const back = [...this.#back];
    if (back.length > 0) await store.handBack(back);
    for (const id of back) this.#back.delete(id);
    for (const [id, node] of this.#refused) {
      await store.refuse([id], `The version that runs has no node "${node}", so it was not sent.`);
      this.#refused.delete(id);
    }
  }
}

function makeMessage(letter: StoredLetter): Message {
  const bytes = readForTarget(letter, letter.target);
  const { lane, position } = letter;
  const part = letter.target === "source" ? "0" : letter.part;
  return new Message({
    key: bytes.key,
    value: bytes.value,
    headers: setHeader(bytes.headers, deadLetterHeader, letter.id),
    codec: codecOf(letter.codec),
    meta: {
      source: letter.source,
      lane: redriveLane,
      position: letter.id,
      timestamp: letter.timestamp,
      attempt: letter.attempts + 1,
      origin: { lane, position, part, resent: true },
    },
  });
}
