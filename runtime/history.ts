import { type DeploymentLive, historySteps } from "../flow/control";
import { sleep } from "./backoff";
import { describeError, type Log } from "./log";

/** What a node did since it was looked at last. */
export interface NodeDelta {
  readonly deploymentId: string;
  readonly node: string;
  readonly version: number;
  readonly messages: number;
  readonly failed: number;
  readonly retried: number;
  readonly dead: number;
  /** Over the last seconds; absent where nothing was measured. */
  readonly p50Ms?: number;
  readonly p95Ms?: number;
}

export interface HistoryStore {
  /** Adds to the steps of now; the steps' lengths are in seconds. */
  add(deltas: readonly NodeDelta[], stepsSeconds: readonly number[]): Promise<void>;
  /** Removes steps that are older than they are kept. */
  forget(steps: readonly { readonly seconds: number; readonly keptSeconds: number }[]): Promise<void>;
}

/** What is measured of a deployment. */
export interface Remembered {
  readonly id: string;
  live(): DeploymentLive;
}

type Counts = Pick<NodeDelta, "messages" | "failed" | "retried" | "dead">;

/** Close to the window that latencies are over, so that none is missed. */
const lookEveryMs = 10_000;
const forgetEveryMs = 600_000;

/** Keeps what nodes did in steps of time. It is a comfort: while the database is away, what happens is added to the step in which it is back. */
export class History {
  readonly #abort = new AbortController();
  readonly #told = new Map<string, Counts>();
  #loop: Promise<void> | null = null;

  constructor(
    readonly store: HistoryStore,
    readonly deployments: () => Iterable<Remembered>,
    readonly log: Log,
  ) {}

  start(): void {
    this.#loop = this.#run();
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
    await this.look();
  }

  /** Writes what was done since the last look. Never rejects. */
  async look(): Promise<void> {
    const deltas: NodeDelta[] = [];
    const counted = new Map<string, Counts>();
    for (const deployment of this.deployments()) {
      const { version, nodes } = deployment.live();
      for (const [node, live] of Object.entries(nodes)) {
        const id = `${deployment.id} ${version} ${node}`;
        const now = countsOf(live);
        const delta = subtract(now, this.#told.get(id));
        counted.set(id, now);
        if (Object.values(delta).every((count) => count === 0)) continue;
        deltas.push({
          deploymentId: deployment.id,
          node,
          version,
          ...delta,
          ...(live.p50 === undefined ? {} : { p50Ms: live.p50 }),
          ...(live.p95 === undefined ? {} : { p95Ms: live.p95 }),
        });
      }
    }
    try {
      if (deltas.length > 0) {
        const stepsSeconds = historySteps.map(({ seconds }) => seconds);
        await this.store.add(deltas, stepsSeconds);
      }
      this.#told.clear();
      for (const [id, counts] of counted) this.#told.set(id, counts);
    } catch (error) {
      this.log.warn(describeError(error), "history could not be written");
    }
  }

  async #run(): Promise<void> {
    let forgotAt = Number.NEGATIVE_INFINITY;
    while (!this.#abort.signal.aborted) {
      await sleep(lookEveryMs, this.#abort.signal);
      if (this.#abort.signal.aborted) return;
      await this.look();
      if (performance.now() - forgotAt < forgetEveryMs) continue;
      forgotAt = performance.now();
      await this.store
        .forget(historySteps)
        .catch((error: unknown) => this.log.warn(describeError(error), "old history could not be removed"));
    }
  }
}

/** A source takes nothing in: what it brought leaves it. */
function countsOf({ in: taken, ports, failed, retried, dead }: DeploymentLive["nodes"][string]): Counts {
  const brought = Object.values(ports).reduce((sum, count) => sum + count, 0);
  return { messages: taken > 0 ? taken : brought, failed, retried, dead };
}

/** Counters that are smaller than before began anew: a version was opened again. */
function subtract(now: Counts, before: Counts | undefined): Counts {
  if (!before || now.messages < before.messages) return now;
  const since = (name: keyof Counts) => Math.max(0, now[name] - before[name]);
  return { messages: since("messages"), failed: since("failed"), retried: since("retried"), dead: since("dead") };
}
