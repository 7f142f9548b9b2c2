import { sleep, waitAtMost } from "./backoff";
import { describeError, type Log } from "./log";
import type { HostLease } from "./source-host";
import type { LeaseKey, LeaseStore } from "./stores/leases";

const leaseTtlMs = 6_000;
const renewMs = 1_000;
/** When it could not be renewed for this long the work ends: before another worker may take over. */
const giveUpAfterMs = 4_500;

export interface LeaseKeeperOptions {
  readonly store: LeaseStore;
  readonly key: LeaseKey;
  readonly log: Log;
  /** The lease is ours: begin. */
  gained(lease: HostLease): void;
  /** It is not ours any more: end at once. */
  lost(): Promise<void>;
}

interface Held {
  readonly epoch: bigint;
  renewedAt: number;
}

/** Holds what must run once over all workers, or waits for its turn. */
export class LeaseKeeper {
  readonly #abort = new AbortController();
  #loop: Promise<void> | null = null;
  #held: Held | null = null;
  #counter = 0n;

  constructor(readonly options: LeaseKeeperOptions) {}

  start(): void {
    this.#loop = this.#run();
  }

  /** Frees the lease. The work has ended before. Never rejects. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
    const held = this.#held;
    this.#held = null;
    if (!held) return;
    const { store, key, log } = this.options;
    await store.release(key, held.epoch, this.#counter).catch((error: unknown) => {
      log.warn({ node: key.node, ...describeError(error) }, "lease could not be freed; it runs out by itself");
    });
  }

  async #run(): Promise<void> {
    const { log, key } = this.options;
    let failing = false;
    while (!this.#abort.signal.aborted) {
      try {
        if (this.#held) await this.#renew(this.#held);
        else await this.#acquire();
        failing = false;
      } catch (error) {
        if (!failing) log.warn({ node: key.node, ...describeError(error) }, "lease cannot be reached");
        failing = true;
        if (this.#held && performance.now() - this.#held.renewedAt > giveUpAfterMs)
          await this.#lose("not renewed in time");
      }
      await sleep(renewMs, this.#abort.signal);
    }
  }

  async #acquire(): Promise<void> {
    const askedAt = performance.now();
    const taken = await this.options.store.acquire(this.options.key, leaseTtlMs);
    // An answer that took too long tells of a lease that may be another's by now; ours runs out, and is asked for anew.
    if (!taken || performance.now() - askedAt > giveUpAfterMs) return;
    this.#held = { epoch: taken.epoch, renewedAt: askedAt };
    this.#counter = taken.counter;
    const settled = (position: string) => {
      this.#counter = BigInt(position);
    };
    if (!this.#abort.signal.aborted) this.options.gained({ counter: taken.counter, settled });
  }

  async #renew(held: Held): Promise<void> {
    const { store, key } = this.options;
    const askedAt = performance.now();
    // A query that hangs is as good as one that fails: the time that counts runs on.
    const leftMs = Math.max(0, giveUpAfterMs - (askedAt - held.renewedAt));
    const renewed = await waitAtMost(store.renew(key, held.epoch, this.#counter, leaseTtlMs), leftMs);
    if (renewed === true) held.renewedAt = askedAt;
    else await this.#lose(renewed === false ? "another worker took over" : "not renewed in time");
  }

  async #lose(why: string): Promise<void> {
    this.#held = null;
    this.options.log.warn({ node: this.options.key.node, why }, "lease lost");
    await this.options.lost();
  }
}
