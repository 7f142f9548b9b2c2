import type { RigWorker } from "../system/rig";
import type { House } from "./house";
import type { Random } from "./random";

/** The workers of a cell: started, killed and stopped by it. Knows which ends were meant. */
export class Crew {
  readonly #workers: RigWorker[] = [];
  readonly #left: RigWorker[] = [];
  #kills = 0;

  constructor(
    readonly house: House,
    readonly env: Record<string, string> = {},
  ) {}

  get size(): number {
    return this.#workers.length;
  }

  join(env: Record<string, string> = {}): RigWorker {
    const worker = this.house.rig.startWorker({ ...this.house.workerEnv, ...this.env, ...env });
    this.#workers.push(worker);
    return worker;
  }

  pick(random: Random): RigWorker {
    return random.pick(this.#workers);
  }

  /** As a crash; it is started again by its supervisor. */
  kill(worker: RigWorker): void {
    this.#kills++;
    worker.kill("SIGKILL");
  }

  /** Ends it in good order; it does not come back. */
  async leave(worker: RigWorker): Promise<void> {
    this.#workers.splice(this.#workers.indexOf(worker), 1);
    this.#left.push(worker);
    await worker.end();
  }

  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }

  /** Highest resident memory of any of them, in MiB. */
  get peakMemory(): number {
    return Math.max(0, ...this.#all.map((worker) => worker.peakMemory()));
  }

  /** How often one ended that nobody killed. */
  get crashes(): number {
    return this.#all.reduce((sum, worker) => sum + worker.restarts(), 0) - this.#kills;
  }

  get log(): string {
    return this.#all.map((worker) => worker.log()).join("\n");
  }

  get #all(): RigWorker[] {
    return [...this.#workers, ...this.#left];
  }
}
