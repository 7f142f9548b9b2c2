import { isFailure, type Verdict } from "../flow/verdict";
import { computeDependencyDelay, sleep } from "./backoff";
import type { Connections } from "./connections";
import { type ForwardLetter, makeForwarded } from "./forwarded-letter";
import { describeError, type Log } from "./log";
import { toCause } from "./node-failure";
import type { Destination, ForwardStore } from "./stores/forwards";
import type { LeaseStore } from "./stores/leases";
import { TransportError } from "./transport";

const everyMs = 1_000;
/** Longer than a batch takes to be written or given up. */
const leaseMs = 60_000;

export interface ForwardingOptions {
  readonly store: ForwardStore;
  readonly leases: LeaseStore;
  readonly connections: Pick<Connections, "acquire" | "loaded">;
  readonly environment: string;
  readonly log: Log;
}

/**
 * Writes dead letters that are kept also to the place that their flow names: at least once, in the order in which they failed,
 * by one worker at a time. A place that is away is made up for when it is back; no lane waits for it.
 */
export class Forwarding {
  readonly #abort = new AbortController();
  /** By destination: the work that goes on, and when a place that was away is tried again. */
  readonly #working = new Map<string, Promise<void>>();
  readonly #away = new Map<string, { readonly refusals: number; readonly until: number }>();
  #loop: Promise<void> | null = null;

  constructor(readonly options: ForwardingOptions) {}

  start(): void {
    this.#loop = this.#run();
  }

  /** Ends what is being written. Never rejects. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
    await Promise.all(this.#working.values());
  }

  async #run(): Promise<void> {
    const { store, environment, log, connections } = this.options;
    let failing = false;
    while (!this.#abort.signal.aborted) {
      try {
        if (connections.loaded) for (const each of await store.destinations(environment)) this.#begin(each);
        failing = false;
      } catch (error) {
        if (!failing) log.warn(describeError(error), "dead letters to be written elsewhere cannot be read yet");
        failing = true;
      }
      await sleep(everyMs, this.#abort.signal);
    }
  }

  #begin(destination: Destination): void {
    const name = nameOf(destination);
    const away = this.#away.get(name);
    if (this.#working.has(name) || (away && away.until > performance.now())) return;
    const work = this.#work(destination)
      .then((well) => {
        if (well) this.#away.delete(name);
        else {
          const refusals = (away?.refusals ?? 0) + 1;
          this.#away.set(name, { refusals, until: performance.now() + computeDependencyDelay(refusals, undefined) });
        }
      })
      .catch((error: unknown) => {
        this.options.log.warn(describeError(error), "dead letters could not be written elsewhere");
      })
      .finally(() => this.#working.delete(name));
    this.#working.set(name, work);
  }

  /** Writes all that is due, as long as it goes well. */
  async #work(destination: Destination): Promise<boolean> {
    const { leases, environment, store } = this.options;
    const key = { environment, flowId: destination.flowId, node: `forward:${nameOf(destination)}`, generation: 1 };
    const lease = await leases.acquire(key, leaseMs);
    if (!lease) return true;
    try {
      while (!this.#abort.signal.aborted && (await leases.renew(key, lease.epoch, 0n, leaseMs))) {
        const letters = await store.read(environment, destination);
        if (letters.length === 0) return true;
        if (!(await this.#write(destination, letters))) return false;
      }
      return true;
    } finally {
      await leases.release(key, lease.epoch, 0n);
    }
  }

  async #write(destination: Destination, letters: readonly ForwardLetter[]): Promise<boolean> {
    const { store } = this.options;
    const verdicts = await this.#send(destination, letters);
    const written = letters.filter((_, index) => !isFailure(verdicts[index]!));
    if (written.length > 0) await store.markForwarded(written);
    let well = true;
    for (const [index, letter] of letters.entries()) {
      const verdict = verdicts[index]!;
      if (!isFailure(verdict)) continue;
      const { message } = verdict.cause;
      if (verdict.verdict === "reject") await store.refuse(letter, message);
      else {
        // Said once, at the first of those that wait.
        if (well) await store.noteCause(letter, message);
        well = false;
      }
    }
    return well;
  }

  /** Never rejects: a connection that is not there is as good as a place that is away. */
  async #send({ connection, to }: Destination, letters: readonly ForwardLetter[]): Promise<Verdict[]> {
    try {
      const held = this.options.connections.acquire(connection);
      try {
        const { transport } = held;
        if (!transport.forward) {
          const message = `Dead letters cannot be written to a connection of the kind ${transport.kind}, which the flow names.`;
          throw new TransportError({ code: "connection-wrong-kind", message });
        }
        return await transport.forward(to, letters.map(makeForwarded), this.#abort.signal);
      } finally {
        held.release();
      }
    } catch (error) {
      return letters.map(() => ({ verdict: "retry", of: "dependency", cause: toCause(error) }));
    }
  }
}

function nameOf({ flowId, connection, to }: Destination): string {
  return `${flowId}/${connection}/${to}`;
}
