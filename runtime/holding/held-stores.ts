import type { HeldSearch } from "../../flow/held-search";
import type { Arrival, DueOptions, HeldChange, HeldScope, HeldStore } from "../../flow/holding";
import type { Connections } from "../connections";
import { RedisHeldStore } from "../stores/held-redis";
import { type Transport, TransportError } from "../transport";

type Use = <Result>(work: (store: HeldStore) => Promise<Result>) => Promise<Result>;

/** Where flows hold, in this worker: in Postgres, or in the Redis of the connection that a flow's settings name. */
export class HeldStores {
  readonly #redis = new WeakMap<Transport, HeldStore>();
  /** Connections in which something may be held. */
  readonly #inUse = new Set<string>();

  constructor(
    readonly postgres: HeldStore,
    readonly connections: Connections,
  ) {}

  /** A store that is always where `connection` says just then; `undefined`: Postgres. */
  follow(connection: () => string | undefined): HeldStore {
    return new FollowingStore((work) => this.#use(connection(), work));
  }

  /** In every store of this worker. @throws what the first that could not be reached says, when the others are through */
  async forgetExpired(now: number): Promise<number> {
    const counts = await Promise.allSettled(
      [undefined, ...this.#inUse].map((connection) => this.#use(connection, (store) => store.forgetExpired(now))),
    );
    const failed = counts.find((count) => count.status === "rejected");
    if (failed) throw failed.reason;
    return counts.reduce((sum, count) => sum + (count.status === "fulfilled" ? count.value : 0), 0);
  }

  async #use<Result>(connection: string | undefined, work: (store: HeldStore) => Promise<Result>): Promise<Result> {
    if (connection === undefined) return work(this.postgres);
    if (this.connections.fingerprint(connection) === undefined) this.#inUse.delete(connection);
    else this.#inUse.add(connection);
    const { transport, release } = this.connections.acquire(connection);
    try {
      return await work(this.#redisOf(connection, transport));
    } finally {
      release();
    }
  }

  /** @throws TransportError where there is no Redis */
  #redisOf(name: string, transport: Transport): HeldStore {
    let store = this.#redis.get(transport);
    if (!store) {
      if (!transport.redis) {
        const message = `A flow holds in Postgres or in Redis; the connection ${name} is of the kind ${transport.kind}.`;
        throw new TransportError({ code: "connection-wrong-kind", message });
      }
      store = new RedisHeldStore(transport.redis());
      this.#redis.set(transport, store);
    }
    return store;
  }
}

class FollowingStore implements HeldStore {
  constructor(readonly use: Use) {}

  write(changes: readonly HeldChange[]) {
    return this.use((store) => store.write(changes));
  }
  read(ids: readonly string[]) {
    return this.use((store) => store.read(ids));
  }
  takeDue(scope: HeldScope, options: DueOptions) {
    return this.use((store) => store.takeDue(scope, options));
  }
  setDue(entries: Parameters<HeldStore["setDue"]>[0]) {
    return this.use((store) => store.setDue(entries));
  }
  findAwaiting(scope: HeldScope, addresses: readonly string[]) {
    return this.use((store) => store.findAwaiting(scope, addresses));
  }
  keepArrivals(arrivals: readonly Arrival[]) {
    return this.use((store) => store.keepArrivals(arrivals));
  }
  findArrivals(scope: HeldScope, addresses: readonly string[]) {
    return this.use((store) => store.findArrivals(scope, addresses));
  }
  removeArrivals(ids: readonly string[]) {
    return this.use((store) => store.removeArrivals(ids));
  }
  forgetExpired(now: number) {
    return this.use((store) => store.forgetExpired(now));
  }
  list(search: HeldSearch) {
    return this.use((store) => store.list(search));
  }
  count(scope: HeldScope) {
    return this.use((store) => store.count(scope));
  }
  countStanding(scope: HeldScope) {
    return this.use((store) => store.countStanding(scope));
  }
}
