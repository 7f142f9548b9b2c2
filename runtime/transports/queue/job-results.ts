import type { QueueEvents } from "bullmq";
import { jsonCodec } from "../../../flow/codecs/json";
import type { JobEnd } from "../../../flow/connection-ports";
import { sleep } from "../../backoff";
import { within } from "../within";
import type { QueueBackend } from "./backend";
import type { RawJob } from "./raw-job";

const askTimeoutMs = 5_000;
/** The jobs themselves are asked this often. Their ends are heard of at once; this is for words that were lost. */
const askEveryMs = 5_000;
const askAtOnce = 50;
/** Nobody waits for a job of the queue any more: its events are listened to for a while, as the next comes soon. */
const listenOnMs = 30_000;

/** The ends of jobs, heard of by their queue's events and asked of the jobs themselves. */
export class JobResults {
  readonly #listeners = new Map<string, QueueListener>();

  constructor(readonly backend: QueueBackend) {}

  /** Rejects when the broker cannot be asked. */
  async read(queue: string, jobId: string): Promise<JobEnd | { readonly is: "unfinished" }> {
    await this.backend.ready();
    const job = (await within(this.backend.queue(queue).getJob(jobId), askTimeoutMs)) as RawJob | undefined;
    if (job === undefined) return { is: "gone" };
    if (job.finishedOn === undefined || job.finishedOn === null) return { is: "unfinished" };
    if (job.failedReason) return { is: "failed", reason: job.failedReason };
    return { is: "completed", result: readResult(job) };
  }

  /** Never rejects; `null` when the signal ends the wait. */
  await(queue: string, jobId: string, signal: AbortSignal): Promise<JobEnd | null> {
    if (signal.aborted) return Promise.resolve(null);
    let listener = this.#listeners.get(queue);
    if (!listener) {
      listener = new QueueListener(
        () => this.backend.events(queue),
        (id) => this.read(queue, id),
        () => this.#listeners.delete(queue),
      );
      this.#listeners.set(queue, listener);
    }
    return listener.await(jobId, signal);
  }

  async close(): Promise<void> {
    const listeners = [...this.#listeners.values()];
    this.#listeners.clear();
    await Promise.all(listeners.map((listener) => listener.close()));
  }
}

/** The jobs of one queue that somebody waits for. */
class QueueListener {
  readonly #waiting = new Map<string, ((end: JobEnd | null) => void)[]>();
  readonly #asked = new Set<string>();
  readonly #over = new AbortController();
  readonly #events: QueueEvents;
  #idleSince: number | null = null;

  constructor(
    open: () => QueueEvents,
    readonly ask: (jobId: string) => Promise<JobEnd | { readonly is: "unfinished" }>,
    readonly ended: () => void,
  ) {
    this.#events = open();
    // Without a listener, an error would be thrown; what it keeps from being heard is asked.
    this.#events.on("error", () => {});
    this.#events.on("completed", ({ jobId }) => this.#askOne(jobId));
    this.#events.on("failed", ({ jobId }) => this.#askOne(jobId));
    this.#events.on("removed", ({ jobId }) => this.#askOne(jobId));
    // What ended before it listened was not heard.
    this.#events.waitUntilReady().then(
      () => this.#askAll(),
      () => {},
    );
    void this.#run();
  }

  await(jobId: string, signal: AbortSignal): Promise<JobEnd | null> {
    this.#idleSince = null;
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(jobId) ?? [];
      const finish = (end: JobEnd | null) => {
        signal.removeEventListener("abort", stop);
        resolve(end);
      };
      const stop = () => {
        const rest = (this.#waiting.get(jobId) ?? []).filter((each) => each !== finish);
        if (rest.length > 0) this.#waiting.set(jobId, rest);
        else this.#waiting.delete(jobId);
        resolve(null);
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#waiting.set(jobId, [...waiting, finish]);
      this.#askOne(jobId);
    });
  }

  async close(): Promise<void> {
    this.#over.abort();
    for (const waiting of this.#waiting.values()) for (const finish of waiting) finish(null);
    this.#waiting.clear();
    await this.#events.close().catch(() => {});
  }

  async #run(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      await sleep(askEveryMs, signal);
      if (signal.aborted) return;
      await this.#askAll();
      if (this.#waiting.size > 0) continue;
      this.#idleSince ??= performance.now();
      if (performance.now() - this.#idleSince < listenOnMs) continue;
      this.ended();
      await this.close();
    }
  }

  async #askAll(): Promise<void> {
    const ids = [...this.#waiting.keys()];
    for (let from = 0; from < ids.length && !this.#over.signal.aborted; from += askAtOnce) {
      await Promise.all(ids.slice(from, from + askAtOnce).map((id) => this.#lookAt(id)));
    }
  }

  #askOne(jobId: string): void {
    if (this.#waiting.has(jobId)) void this.#lookAt(jobId);
  }

  async #lookAt(jobId: string): Promise<void> {
    if (this.#asked.has(jobId)) return;
    this.#asked.add(jobId);
    try {
      const end = await this.ask(jobId);
      if (end.is === "unfinished") return;
      for (const finish of this.#waiting.get(jobId) ?? []) finish(end);
      this.#waiting.delete(jobId);
    } catch {
      // The broker is away: it is asked again.
    } finally {
      this.#asked.delete(jobId);
    }
  }
}

/** The digits of long integers are kept. */
function readResult(job: RawJob): unknown {
  if (job.rawResult === undefined) return job.returnvalue ?? null;
  try {
    return jsonCodec.decode(new TextEncoder().encode(job.rawResult));
  } catch {
    return job.returnvalue ?? null;
  }
}
