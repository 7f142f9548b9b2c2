import { decodeHeldMessage, openHeldMessage } from "../../flow/held-message";
import type { HeldRow, HeldStore } from "../../flow/holding";
import { describeError, type Log } from "../log";
import type { Leave } from "./ports";

/** Held messages that this worker has taken, at once. */
const maxInHand = 500;
/** What was cut, or could not leave, is tried again after this long. */
const againMs = 1_000;
/** What cannot be read is looked at again after this long: a newer worker may be able to. */
const unreadableMs = 60_000;

/** For this long what was taken belongs to this worker; it is lent again and again while it is in hand. */
export const leaseMs = 10_000;

export interface HeldMessagesOptions {
  readonly store: HeldStore;
  readonly log: Log;
  /** See `Leaving.emit`. */
  emit(leave: Leave): Promise<boolean>;
  /** Something has ended, and is to be written. */
  wake(): void;
  now(): number;
}

/** The messages of a flow that were held, whose time has come, and that this worker lets leave. */
export class HeldMessages {
  readonly #inHand = new Map<string, HeldRow>();
  readonly #ended = new Map<string, HeldRow>();
  /** To be given back, with the time at which they are due. */
  readonly #back = new Map<string, { readonly row: HeldRow; readonly dueAt: number }>();
  readonly #works = new Set<Promise<void>>();
  #isStopped = false;

  constructor(readonly options: HeldMessagesOptions) {}

  get room(): number {
    return this.#isStopped ? 0 : maxInHand - this.#inHand.size;
  }

  inHand(): Iterable<HeldRow> {
    return this.#inHand.values();
  }

  get hasEnds(): boolean {
    return this.#ended.size + this.#back.size > 0;
  }

  /** Lets messages leave that were lent to this worker. Rejects when the store cannot be reached: they come again when their lease is over. */
  async take(rows: readonly HeldRow[]): Promise<void> {
    // What ran out here while the store was away is in hand all the same.
    const taken = rows.filter(({ id }) => !this.#inHand.has(id));
    const waiting = taken.filter(({ awaits }) => awaits.length > 0);
    const late = await this.#endWaits(waiting);
    for (const row of taken) if (row.awaits.length === 0) this.leave(row);
    for (const row of late) this.leave(row);
  }

  /** Lets a message leave whose row this worker has just written, with a lease. */
  leave(row: HeldRow): void {
    this.#inHand.set(row.id, row);
    const work = this.#letLeave(row).finally(() => this.#works.delete(work));
    this.#works.add(work);
  }

  /** Removes what has left, and gives back what has not. Rejects when the store cannot be reached: nothing is forgotten. */
  async writeEnds(): Promise<void> {
    const { store } = this.options;
    const ended = [...this.#ended.values()];
    if (ended.length > 0) await store.write(ended.map(({ id, revision }) => ({ remove: { id, revision } })));
    for (const { id } of ended) {
      this.#ended.delete(id);
      this.#inHand.delete(id);
    }
    const back = [...this.#back.values()];
    if (back.length > 0) await store.setDue(back.map(({ row: { id, revision }, dueAt }) => ({ id, revision, dueAt })));
    for (const { row } of back) {
      this.#back.delete(row.id);
      this.#inHand.delete(row.id);
    }
  }

  /** Takes nothing more; resolves when nothing of it is on its way. What did not leave is due at once, for whoever comes next. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const [id, { row }] of this.#back) this.#back.set(id, { row, dueAt: this.options.now() });
    await Promise.all(this.#works);
  }

  /** It came too late for them, whatever it was: from now on nothing lets them go by another port. Those that it has let go just now are left out. */
  async #endWaits(rows: readonly HeldRow[]): Promise<HeldRow[]> {
    if (rows.length === 0) return [];
    const now = this.options.now();
    const next = rows.map((row): HeldRow => {
      return { ...row, revision: row.revision + 1, awaits: [], dueAt: now + leaseMs, updatedAt: now };
    });
    const answers = await this.options.store.write(next.map((write) => ({ write })));
    return next.filter((_, index) => answers[index] === "written");
  }

  /** Never rejects. */
  async #letLeave(row: HeldRow): Promise<void> {
    const { log, now } = this.options;
    const { node, version } = row;
    let afterMs = againMs;
    try {
      const held = decodeHeldMessage(row.content);
      const { port, place, resent, original } = held;
      const message = openHeldMessage(held);
      const leave = { node, port, version, message, place, resent, ...(original ? { original } : {}) };
      if (await this.options.emit(leave)) {
        this.#ended.set(row.id, row);
        return;
      }
    } catch (error) {
      log.error({ node, held: row.id, ...describeError(error) }, "held message cannot be read; it stays held");
      afterMs = unreadableMs;
    } finally {
      if (!this.#ended.has(row.id)) this.#back.set(row.id, { row, dueAt: now() + (this.#isStopped ? 0 : afterMs) });
      this.options.wake();
    }
  }
}
