import type { Arrival, HeldChange, HeldRow, HeldScope, HeldStore } from "../../flow/holding";
import { Grouped } from "./grouped";

/**
 * The store as sagas use it: each asks for itself, and many go in one statement. A saga's change is compared and set by itself: one that
 * comes too late (`conflict`) takes none of the others with it.
 */
export class GroupWriter {
  readonly #changes: Grouped<HeldChange, "written" | "conflict">;
  readonly #reads: Grouped<string, HeldRow | null>;
  readonly #dues: Grouped<DueEntry, undefined>;
  readonly #awaiting: Grouped<string, readonly string[]>;
  readonly #arrivals: Grouped<readonly string[], readonly Arrival[]>;
  readonly #kept: Grouped<Arrival, undefined>;
  readonly #removed: Grouped<string, undefined>;

  constructor(store: HeldStore, scope: HeldScope) {
    this.#changes = new Grouped((changes) => store.write(changes), {
      nameOf: (change) => ("write" in change ? change.write.id : change.remove.id),
      bytesOf: (change) => ("write" in change ? change.write.content.length : 0),
    });
    this.#reads = new Grouped((ids) => store.read(ids));
    this.#dues = new Grouped(
      async (entries) => {
        await store.setDue(entries);
        return entries.map(() => undefined);
      },
      { nameOf: ({ id }) => id },
    );
    this.#awaiting = new Grouped(async (addresses) => {
      const found = await store.findAwaiting(scope, [...new Set(addresses)]);
      return addresses.map((address) => found.filter((one) => one.address === address).map(({ id }) => id));
    });
    this.#arrivals = new Grouped(async (asked) => {
      const found = await store.findArrivals(scope, [...new Set(asked.flat())]);
      return asked.map((addresses) => found.filter(({ address }) => addresses.includes(address)));
    });
    this.#kept = new Grouped(
      async (arrivals) => {
        await store.keepArrivals(arrivals);
        return arrivals.map(() => undefined);
      },
      { nameOf: ({ id }) => id, bytesOf: ({ content }) => content.length },
    );
    this.#removed = new Grouped(async (ids) => {
      await store.removeArrivals(ids);
      return ids.map(() => undefined);
    });
  }

  /** @throws as the store does; the change may have been made all the same. */
  write(change: HeldChange): Promise<"written" | "conflict"> {
    return this.#changes.ask(change);
  }

  read(id: string): Promise<HeldRow | null> {
    return this.#reads.ask(id);
  }

  setDue(entry: DueEntry): Promise<undefined> {
    return this.#dues.ask(entry);
  }

  /** Ids of the rows that await this address. */
  findAwaiting(address: string): Promise<readonly string[]> {
    return this.#awaiting.ask(address);
  }

  findArrivals(addresses: readonly string[]): Promise<readonly Arrival[]> {
    return this.#arrivals.ask(addresses);
  }

  keepArrival(arrival: Arrival): Promise<undefined> {
    return this.#kept.ask(arrival);
  }

  removeArrival(id: string): Promise<undefined> {
    return this.#removed.ask(id);
  }
}

export interface DueEntry {
  readonly id: string;
  readonly revision: number;
  readonly dueAt: number | null;
}
