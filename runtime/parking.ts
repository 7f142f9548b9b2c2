import { createHash } from "node:crypto";
import type { Message } from "../flow/message";
import type { Cause } from "../flow/verdict";
import type { DeadLetter } from "./dead-letter";

/** So many messages of a flow may be parked by a worker; past that its lanes wait. */
export const maxParked = 10_000;

/** A message that waits in the store for a later try, or behind one of its key that does. */
export interface ParkedMessage extends DeadLetter {
  readonly id: string;
  /** Equal for the messages whose order is kept. */
  readonly orderKey: string;
  /** `null`: as soon as those before it have ended. */
  readonly dueAt: number | null;
}

export interface ParkedCount {
  readonly node: string;
  readonly source: string;
  readonly lane: string;
  readonly orderKey: string;
  readonly count: number;
}

/** Where parked messages are kept. All reject when the store cannot be reached. */
export interface ParkingStore {
  /** Keeps messages, each by its place; answers the ids of those that were not there yet. A message that is parked again takes its new due time. */
  park(messages: readonly ParkedMessage[]): Promise<Set<string>>;
  /** What is parked of a lane. */
  count(environment: string, flowId: string, source: string, lane: string): Promise<ParkedCount[]>;
}

interface Entry {
  stored: number;
  /** On their way into the store. */
  pending: number;
}

/** Names a lane of a source. */
export const nameLane = (source: string, lane: string) => `${source}\n${lane}`;

/**
 * Which keys of which lanes have to wait at which node: a message that failed and waits long, and all later ones of its key, stand in
 * the store while its lane goes on. The keys belong to the lane and are read again by whoever has it next.
 */
export class Parking {
  /** By node, then by lane and key. */
  readonly #entries = new Map<string, Map<string, Entry>>();
  /** Ids of rows whose flight has not ended: nothing of them is tried before what came before them is safe. */
  readonly unready = new Set<string>();
  /** Ids of rows that are to be handed back: whoever has their lane by then may try them. */
  readonly free = new Set<string>();
  readonly lanes = new Map<string, { readonly source: string; readonly lane: string; readonly isKnown: boolean }>();
  #total = 0;

  constructor(
    readonly store: ParkingStore,
    readonly environment: string,
    readonly flowId: string,
  ) {}

  get isFull(): boolean {
    return this.#total >= maxParked;
  }

  /** Messages that wait at a node, stored: one whose flight has not ended yet is still on its way into the store. */
  countOf(node: string): number {
    let count = 0;
    for (const { stored } of this.#entries.get(node)?.values() ?? []) count += stored;
    return count;
  }

  /** Must any message wait at this node? */
  holds(node: string): boolean {
    return this.#entries.has(node);
  }

  /** Must this message wait at this node, behind one of its key? */
  isHeld(node: string, message: Message): boolean {
    const orderKey = nameOrder(message);
    return orderKey !== null && this.#find(node, message.meta.source, message.meta.lane, orderKey) !== undefined;
  }

  /** From now on later messages of its key wait. Follow it with `keep`, or `letGo`. */
  hold(node: string, { source, lane }: { readonly source: string; readonly lane: string }, orderKey: string): void {
    this.#touch(node, source, lane, orderKey).pending++;
    this.#total++;
  }

  /** What was held is not stored after all: it comes again from its source. */
  letGo(node: string, { source, lane }: { readonly source: string; readonly lane: string }, orderKey: string): void {
    const entry = this.#find(node, source, lane, orderKey);
    if (!entry || entry.pending === 0) return;
    entry.pending--;
    this.#forget(node, source, lane, orderKey, entry);
  }

  /** Stores what was held. Rejects when the store cannot be reached: call again. */
  async keep(messages: readonly ParkedMessage[]): Promise<void> {
    for (const { id } of messages) this.unready.add(id);
    const added = await this.store.park(messages);
    for (const { node, source, lane, orderKey, id } of messages) {
      const entry = this.#touch(node, source, lane, orderKey);
      entry.pending--;
      if (added.has(id)) entry.stored++;
      else this.#forget(node, source, lane, orderKey, entry);
    }
  }

  /** The flight of these messages has ended. */
  release(ids: Iterable<string>): void {
    for (const id of ids) {
      this.unready.delete(id);
      this.free.add(id);
    }
  }

  /** A parked message has ended. */
  remove(message: {
    readonly node: string;
    readonly source: string;
    readonly lane: string;
    readonly orderKey: string;
  }): void {
    const { node, source, lane, orderKey } = message;
    const entry = this.#find(node, source, lane, orderKey);
    if (!entry || entry.stored === 0) return;
    entry.stored--;
    this.#forget(node, source, lane, orderKey, entry);
  }

  /** Takes over a lane with what is parked of it. Rejects when the store cannot be reached. */
  async open(source: string, lane: string): Promise<void> {
    this.#replace(source, lane, await this.store.count(this.environment, this.flowId, source, lane));
    this.lanes.set(nameLane(source, lane), { source, lane, isKnown: true });
  }

  /** Takes over a lane without knowing what is parked of it; `refresh` makes up for it. */
  assume(source: string, lane: string): void {
    this.lanes.set(nameLane(source, lane), { source, lane, isKnown: false });
  }

  /** There may be messages to try. */
  get mayHold(): boolean {
    return this.#total > 0 || [...this.lanes.values()].some(({ isKnown }) => !isKnown);
  }

  /** Gives a lane up. */
  close(source: string, lane: string): void {
    this.lanes.delete(nameLane(source, lane));
    this.#clear(source, lane);
  }

  /** Reads again what is parked: another worker may have ended messages of a lane that is this one's now. */
  async refresh(): Promise<void> {
    for (const { source, lane } of [...this.lanes.values()]) {
      const isQuiet = () => this.#ofLane(source, lane).every(([, , { pending }]) => pending === 0);
      if (!isQuiet()) continue;
      const before = this.#total;
      const counts = await this.store.count(this.environment, this.flowId, source, lane);
      if (!isQuiet() || this.#total !== before || !this.lanes.has(nameLane(source, lane))) continue;
      this.#replace(source, lane, counts);
      this.lanes.set(nameLane(source, lane), { source, lane, isKnown: true });
    }
  }

  #replace(source: string, lane: string, counts: readonly ParkedCount[]): void {
    this.#clear(source, lane);
    for (const { node, orderKey, count } of counts) {
      this.#touch(node, source, lane, orderKey).stored = count;
      this.#total += count;
    }
  }

  #find(node: string, source: string, lane: string, orderKey: string): Entry | undefined {
    return this.#entries.get(node)?.get(`${nameLane(source, lane)}\n${orderKey}`);
  }

  #touch(node: string, source: string, lane: string, orderKey: string): Entry {
    let ofNode = this.#entries.get(node);
    if (!ofNode) {
      ofNode = new Map();
      this.#entries.set(node, ofNode);
    }
    const name = `${nameLane(source, lane)}\n${orderKey}`;
    let entry = ofNode.get(name);
    if (!entry) {
      entry = { stored: 0, pending: 0 };
      ofNode.set(name, entry);
    }
    return entry;
  }

  /** One fewer waits; the last one frees the key. */
  #forget(node: string, source: string, lane: string, orderKey: string, entry: Entry): void {
    this.#total--;
    if (entry.stored + entry.pending > 0) return;
    const ofNode = this.#entries.get(node);
    ofNode?.delete(`${nameLane(source, lane)}\n${orderKey}`);
    if (ofNode?.size === 0) this.#entries.delete(node);
  }

  #ofLane(source: string, lane: string): [string, string, Entry][] {
    const prefix = `${nameLane(source, lane)}\n`;
    return [...this.#entries].flatMap(([node, ofNode]) =>
      [...ofNode].flatMap(([name, entry]): [string, string, Entry][] =>
        name.startsWith(prefix) ? [[node, name, entry]] : [],
      ),
    );
  }

  #clear(source: string, lane: string): void {
    for (const [node, name, { stored, pending }] of this.#ofLane(source, lane)) {
      this.#total -= stored + pending;
      this.#entries.get(node)?.delete(name);
      if (this.#entries.get(node)?.size === 0) this.#entries.delete(node);
    }
  }
}

/** What a message is ordered by: its key; `null` when nothing is promised of its order. */
export function nameOrder({ key }: Message): string | null {
  if (key === null) return null;
  if (key.length <= 100) return `k${Buffer.from(key).toString("base64url")}`;
  return `h${createHash("sha256").update(key).digest("base64url")}`;
}

/** What a message behind a parked one of its key is told. */
export const waitsBehind: Cause = {
  code: "waits-behind",
  message: "A message of the same key waits for a later try; this one comes after it.",
};
