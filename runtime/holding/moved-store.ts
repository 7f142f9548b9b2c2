import type { HeldCount, HeldSearch } from "../../flow/held-search";
import type {
  Arrival,
  DueOptions,
  HeldChange,
  HeldKind,
  HeldRow,
  HeldScope,
  HeldStore,
  StandingCount,
} from "../../flow/holding";
import { describeError, type Log } from "../log";

/** A place where nothing was left is looked at again after this long: a worker may still hold there by the version before. */
const lookAgainMs = 30_000;

/** Where a flow held before. */
export interface OldPlace {
  readonly store: HeldStore;
  /** Is its connection still there? */
  exists(): boolean;
}

class Leftover {
  isFailing = false;
  #stands = true;
  /** By kind: was something due there, and when is it looked again. */
  readonly #seen = new Map<HeldKind, { readonly hasDue: boolean; readonly lookAt: number }>();

  constructor(readonly place: OldPlace) {}

  get store(): HeldStore {
    return this.place.store;
  }

  /** Nothing was there when it was looked last. */
  get isEmpty(): boolean {
    if (!this.place.exists()) return true;
    return !this.#stands && kinds.every((kind) => this.#seen.get(kind)?.hasDue === false);
  }

  isToLook(kind: HeldKind, now: number): boolean {
    return this.place.exists() && now >= (this.#seen.get(kind)?.lookAt ?? 0);
  }

  looked(kind: HeldKind, now: number, hasDue: boolean, stands: boolean): void {
    this.#stands = stands;
    this.#seen.set(kind, { hasDue, lookAt: now + lookAgainMs });
  }
}

const kinds: readonly HeldKind[] = ["message", "saga"];

/**
 * Holds in one place, and works what is left in others until nothing is: a flow that was deployed to hold elsewhere leaves nothing behind.
 * What is new is written here; a row that rests elsewhere is changed where it is. As long as something may be left in a place that is away,
 * whatever might be there waits.
 */
export class MovedStore implements HeldStore {
  #left: readonly Leftover[] = [];

  constructor(
    readonly here: HeldStore,
    readonly options: { readonly log: Log; now?(): number },
  ) {}

  /** Where else something may be left. */
  leave(places: readonly OldPlace[]): void {
    this.#left = places.map((place) => new Leftover(place));
  }

  get #others(): HeldStore[] {
    return this.#left.filter(({ isEmpty }) => !isEmpty).map(({ store }) => store);
  }

  async write(changes: readonly HeldChange[]): Promise<("written" | "conflict")[]> {
    const others = this.#others;
    if (others.length === 0) return this.here.write(changes);
    const isKnown = await this.#findElsewhere(changes, others);
    const mine = changes.filter((change) => !isKnown(change));
    const answers = new Map<HeldChange, "written" | "conflict">(changes.map((change) => [change, "conflict"]));
    // One row rests in one place: elsewhere its change is a conflict.
    for (const store of [this.here, ...others]) {
      const open = mine.filter(
        (change) => answers.get(change) === "conflict" && (store === this.here || !isNew(change)),
      );
      if (open.length === 0) continue;
      const told = await store.write(open);
      open.forEach((change, index) => {
        answers.set(change, told[index]!);
      });
    }
    return changes.map((change) => answers.get(change)!);
  }

  /** What is to begin here, and has begun in another place. */
  async #findElsewhere(changes: readonly HeldChange[], others: readonly HeldStore[]) {
    const ids = [
      ...new Set(changes.flatMap((change) => ("write" in change && isNew(change) ? [change.write.id] : []))),
    ];
    const found = new Set<string>();
    if (ids.length > 0) for (const store of others) for (const row of await store.read(ids)) if (row) found.add(row.id);
    return (change: HeldChange) => "write" in change && isNew(change) && found.has(change.write.id);
  }

  async read(ids: readonly string[]): Promise<(HeldRow | null)[]> {
    let rows = await this.here.read(ids);
    for (const store of this.#others) {
      const missing = ids.filter((_, index) => rows[index] === null);
      if (missing.length === 0) break;
      const found = new Map((await store.read(missing)).map((row, index) => [missing[index]!, row]));
      rows = rows.map((row, index) => row ?? found.get(ids[index]!) ?? null);
    }
    return rows;
  }

  async takeDue(scope: HeldScope, options: DueOptions): Promise<HeldRow[]> {
    const rows = await this.here.takeDue(scope, options);
    for (const each of this.#left) {
      const limit = options.limit - rows.length;
      if (limit > 0) rows.push(...(await this.#takeLeft(each, scope, { ...options, limit })));
    }
    return rows;
  }

  /** Never rejects: what is here goes on without it. */
  async #takeLeft(left: Leftover, scope: HeldScope, options: DueOptions): Promise<HeldRow[]> {
    const now = this.options.now?.() ?? Date.now();
    const { store } = left;
    const isLook = left.isToLook(options.kind, now);
    if (left.isEmpty && !isLook) return [];
    try {
      const rows = await store.takeDue(scope, options);
      if (isLook) left.looked(options.kind, now, rows.length > 0, (await store.countStanding(scope)).length > 0);
      left.isFailing = false;
      return rows;
    } catch (error) {
      if (!left.isFailing)
        this.options.log.warn(describeError(error), "what the flow held before, in another place, cannot be read yet");
      left.isFailing = true;
      return [];
    }
  }

  async setDue(entries: Parameters<HeldStore["setDue"]>[0]): Promise<void> {
    await this.here.setDue(entries);
    // A lease that cannot be told there runs out by itself.
    for (const store of this.#others) await store.setDue(entries).catch(() => {});
  }

  async findAwaiting(scope: HeldScope, addresses: readonly string[]) {
    return (await this.#ask((store) => store.findAwaiting(scope, addresses), this.#others)).flat();
  }

  keepArrivals(arrivals: readonly Arrival[]): Promise<void> {
    return this.here.keepArrivals(arrivals);
  }

  /** What came too early, before the flow moved, is still where it was kept. */
  async findArrivals(scope: HeldScope, addresses: readonly string[]): Promise<Arrival[]> {
    const found = await this.#ask((store) => store.findArrivals(scope, addresses));
    return found.flat().sort((one, other) => one.createdAt - other.createdAt);
  }

  async removeArrivals(ids: readonly string[]): Promise<void> {
    await this.#ask((store) => store.removeArrivals(ids));
  }

  async forgetExpired(now: number): Promise<number> {
    return (await this.#ask((store) => store.forgetExpired(now))).reduce((sum, count) => sum + count, 0);
  }

  /** Of what is held here; who looks for all asks each place. */
  list(search: HeldSearch) {
    return this.here.list(search);
  }

  async count(scope: HeldScope): Promise<HeldCount[]> {
    return (await this.#ask((store) => store.count(scope), this.#others)).flat();
  }

  async countStanding(scope: HeldScope): Promise<StandingCount[]> {
    const counts = new Map((await this.here.countStanding(scope)).map((each) => [each.node, each]));
    for (const store of this.#others) {
      for (const { node, count, stuck } of await store.countStanding(scope).catch(() => [])) {
        const own = counts.get(node);
        counts.set(node, { node, count: (own?.count ?? 0) + count, stuck: (own?.stuck ?? 0) + stuck });
      }
    }
    return [...counts.values()];
  }

  #ask<Answer>(
    question: (store: HeldStore) => Promise<Answer>,
    others: readonly HeldStore[] = this.#left.filter(({ place }) => place.exists()).map(({ store }) => store),
  ): Promise<Answer[]> {
    return Promise.all([this.here, ...others].map(question));
  }
}

function isNew(change: HeldChange): boolean {
  return "write" in change && change.write.revision === 1;
}
