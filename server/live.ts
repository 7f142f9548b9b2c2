import "server-only";
import { type DeploymentLive, defaultProject } from "@/flow/control";
import { database, readClock } from "./database";
import { mergeReports, type Report } from "./merge-live";
import { RateMeter } from "./rates";
import { findFlowNames } from "./use-cases/find-flow";
import { countOpen } from "./use-cases/flow-views";
import { maskLive } from "./use-cases/mask-seen";
import { maskRuns } from "./use-cases/masking";
import type { Viewer } from "./use-cases/masks";
import { runSummaryFields, summarizeRun } from "./use-cases/runs";
import { readNotices, viewWorker } from "./use-cases/workers";
import type { LiveEvent, LiveView, RunSummary, WorkerView } from "./views";

/** A worker writes its counts once a second: so what a tab shows is never older than two. */
const intervalMs = 500;
/** What stays the same is told all the same, so often. */
const toldEveryMs = 2_000;
/** The poller goes on a little after the last reader: a page that reloads finds rates, and `status` has them when asked twice. */
const lingerMs = 15_000;
/** Runs are written in bulk, a moment after they began: looked for this far back. */
const runWindowMs = 20_000;
const runsPerEvent = 50;

/** What one look at the database found. */
interface Snapshot {
  at: number;
  flows: LiveView[];
  workers: WorkerView[];
  /** Runs that were not there at the look before, the newest first. */
  newRuns: RunSummary[];
}

/** Reads live counts, workers and new runs twice a second, for all tabs together. Sleeps when nobody reads. */
export class LiveBoard {
  readonly #environment: string;
  readonly #meter = new RateMeter();
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();
  /** Runs that were told already, by id, with their start. */
  #seenRuns = new Map<string, number>();
  #firstLook = true;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<Snapshot> | undefined;
  #latest: Snapshot | undefined;
  #told = { text: "", at: 0 };
  #lastReadAt = 0;

  constructor(environment: string) {
    this.#environment = environment;
  }

  /** The state now, about a second old at most. */
  async read(): Promise<Snapshot> {
    this.#wake();
    if (this.#latest && Date.now() - this.#latest.at < intervalMs) return this.#latest;
    return this.#look();
  }

  /** Events for one tab, until its signal ends. A slow reader gets the newest state, not every one. */
  async *watch(viewer: Viewer, flows: readonly string[] | undefined, signal: AbortSignal): AsyncGenerator<LiveEvent> {
    const wanted = (flow: string) => flows === undefined || flows.includes(flow);
    let pending: Snapshot | undefined;
    let pendingRuns: RunSummary[] = [];
    let wake = () => {};
    const listener = (snapshot: Snapshot) => {
      pending = snapshot;
      pendingRuns = [...snapshot.newRuns, ...pendingRuns].slice(0, runsPerEvent);
      wake();
    };
    const stop = () => wake();
    signal.addEventListener("abort", stop);
    this.#listeners.add(listener);
    this.#wake();
    if (this.#latest && Date.now() - this.#latest.at < 2 * intervalMs) pending = { ...this.#latest, newRuns: [] };
    let told = "";
    try {
      while (!signal.aborted) {
        const snapshot = pending;
        const runs = pendingRuns.filter((run) => wanted(run.flow));
        pending = undefined;
        pendingRuns = [];
        if (snapshot) {
          const { at, workers } = snapshot;
          const views = snapshot.flows.filter((view) => wanted(view.flow));
          yield { type: "live", flows: await maskLive(viewer, views), workers, at };
          if (runs.length > 0) yield { type: "runs", runs: await maskRuns(viewer, runs) };
          const { kafka, queueBackend } = readNotices(workers);
          if (told !== `${kafka} ${queueBackend}`) yield { type: "notice", kafka, queueBackend };
          told = `${kafka} ${queueBackend}`;
        }
        if (pending === undefined && !signal.aborted) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      this.#listeners.delete(listener);
      signal.removeEventListener("abort", stop);
    }
  }

  #wake(): void {
    this.#lastReadAt = Date.now();
    if (this.#timer) return;
    this.#timer = setInterval(() => this.#tick(), intervalMs);
    this.#timer.unref();
    this.#tick();
  }

  #tick(): void {
    if (this.#listeners.size > 0) this.#lastReadAt = Date.now();
    if (Date.now() - this.#lastReadAt > lingerMs) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#firstLook = true;
      return;
    }
    // A database that is away for a while is met again by a later look; readers keep what they have.
    this.#look().catch(() => {});
  }

  #look(): Promise<Snapshot> {
    this.#looking ??= this.#readDatabase().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #readDatabase(): Promise<Snapshot> {
    const { prisma } = database();
    const environment = this.#environment;
    const [deployments, counts, workerRows, now, open, newRuns] = await Promise.all([
      prisma.deployment.findMany({
        where: { project: defaultProject, environment },
        select: {
          id: true,
          flowId: true,
          version: true,
          revision: true,
          desired: true,
          label: true,
          flow: { select: { name: true } },
        },
      }),
      prisma.liveCount.findMany(),
      prisma.worker.findMany({ where: { environment }, orderBy: { startedAt: "asc" } }),
      readClock(prisma),
      countOpen(prisma, environment),
      this.#readNewRuns(),
    ]);
    const at = Date.now();
    const workers = workerRows.map((row) => viewWorker(row, now));
    const living = new Map(workers.filter((worker) => worker.alive).map((worker) => [worker.id, worker]));
    const labels = [...living.values()].map((worker) => worker.label);
    const alive = counts.filter((count) => living.has(count.workerId));
    const here = new Set(workers.map((worker) => worker.id));
    const gone = counts.filter((count) => here.has(count.workerId) && !living.has(count.workerId));
    for (const count of alive) {
      this.#meter.add(nameSource(count), count.updatedAt.getTime(), count.live as unknown as DeploymentLive);
    }
    this.#meter.keepOnly(new Set(alive.map(nameSource)));
    const flows = deployments.map((deployment) => {
      const own = alive.filter((count) => count.deploymentId === deployment.id);
      const reports = own.map((count): Report => {
        const { id: worker, pid, host, label } = living.get(count.workerId)!;
        return { worker, pid, host, label, updatedAt: count.updatedAt, live: count.live as unknown as DeploymentLive };
      });
      return mergeReports(
        {
          flow: deployment.flow.name,
          desired: deployment.desired === "running" ? "running" : "stopped",
          version: deployment.version,
          revision: deployment.revision,
          label: deployment.label,
        },
        reports,
        {
          rates: this.#meter.read(own.map(nameSource)),
          livingWorkers: labels,
          deadLetters: open.get(deployment.flowId) ?? 0,
          gone: gone
            .filter((count) => count.deploymentId === deployment.id)
            .map((count) => count.live as unknown as DeploymentLive),
        },
      );
    });
    this.#latest = { at, flows, workers, newRuns };
    if (this.#isNews(this.#latest)) for (const listener of this.#listeners) listener(this.#latest);
    return this.#latest;
  }

  /** Most looks fall between two writes of the workers: a page is not drawn again for what it shows already. */
  #isNews({ at, flows, workers, newRuns }: Snapshot): boolean {
    const text = JSON.stringify([flows, workers]);
    if (text === this.#told.text && newRuns.length === 0 && at - this.#told.at < toldEveryMs) return false;
    this.#told = { text, at };
    return true;
  }

  async #readNewRuns(): Promise<RunSummary[]> {
    const { prisma } = database();
    const since = Date.now() - runWindowMs;
    const rows = await prisma.run.findMany({
      where: { project: defaultProject, environment: this.#environment, startedAt: { gt: new Date(since) } },
      select: runSummaryFields,
      orderBy: [{ startedAt: "desc" }, { id: "desc" }],
      take: 500,
    });
    const fresh = rows.filter((row) => !this.#seenRuns.has(row.id));
    this.#seenRuns = new Map([...this.#seenRuns].filter(([, startedAt]) => startedAt > since));
    for (const row of rows) this.#seenRuns.set(row.id, row.startedAt.getTime());
    // What was there before anybody looked is in the lists already.
    const told = this.#firstLook ? [] : fresh.slice(0, runsPerEvent);
    this.#firstLook = false;
    if (told.length === 0) return [];
    const names = await findFlowNames(prisma);
    return told.map((row) => summarizeRun(row, names));
  }
}

function nameSource(count: { workerId: string; deploymentId: string }): string {
  return `${count.workerId} ${count.deploymentId}`;
}

const held = globalThis as typeof globalThis & { millraceLive?: Map<string, LiveBoard> };

/** The one board of an environment in this process. */
export function liveBoard(environment: string): LiveBoard {
  held.millraceLive ??= new Map();
  const existing = held.millraceLive.get(environment);
  if (existing) return existing;
  const board = new LiveBoard(environment);
  held.millraceLive.set(environment, board);
  return board;
}
