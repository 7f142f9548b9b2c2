import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { JobEnd, QueueJob, QueuePort } from "../../flow/connection-ports";
import { MemoryHeldStore } from "../../flow/testing/held-store";
import { done } from "../../flow/verdict";
import { sagaLeaseMs } from "./saga-row";
import { end, fakeTimers, idOf, makeFlow, pass, rowOf, settle, stateOf, step, TestWorker } from "./testing/worker";

beforeEach(fakeTimers);
afterEach(() => {
  vi.useRealTimers();
});

/** A queue in memory, whose words may get lost. */
class MemoryQueue {
  readonly jobs = new Map<string, { job: QueueJob; end?: JobEnd; added: number }>();
  isDeaf = false;
  readonly #waiting = new Map<string, ((end: JobEnd) => void)[]>();

  readonly port: QueuePort = {
    consume: () => Promise.reject(new Error("not asked here")),
    request: () => Promise.reject(new Error("not asked here")),
    add: async (_queue, jobs) => {
      for (const job of jobs) {
        const known = this.jobs.get(job.jobId!);
        if (known && job.again && known.end?.is === "failed") delete known.end;
        this.jobs.set(job.jobId!, known ? { ...known, added: known.added + 1 } : { job, added: 1 });
      }
      return jobs.map(() => done);
    },
    readResult: async (_queue, id) => {
      const job = this.jobs.get(id);
      return job ? (job.end ?? { is: "unfinished" }) : { is: "gone" };
    },
    awaitResult: (_queue, id, signal) =>
      new Promise((resolve) => {
        const job = this.jobs.get(id);
        if (!job) return resolve({ is: "gone" });
        if (job.end) return resolve(job.end);
        this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), resolve]);
        signal.addEventListener("abort", () => resolve(null));
      }),
  };

  end(id: string, end: JobEnd): void {
    this.jobs.get(id)!.end = end;
    if (!this.isDeaf) for (const tell of this.#waiting.get(id) ?? []) tell(end);
  }

  lose(id: string): void {
    this.jobs.delete(id);
    for (const tell of this.#waiting.get(id) ?? []) tell({ is: "gone" });
    this.#waiting.delete(id);
  }
}

const byQueue = { call: "queue", connection: "queue", queue: "stock", jobName: "reserve", timeoutMs: 600_000 };
const flow = makeFlow([step("reserve", { action: byQueue, into: "reserved" }), end]);

describe("a step by queue", () => {
  it("adds a job that its command names, and takes its result for the answer", async () => {
    const queue = new MemoryQueue();
    const worker = new TestWorker({ flow, ports: { queue: queue.port } });
    await worker.start("o-1");
    await settle(40);
    const jobId = `${idOf("o-1")}.reserve`;
    const { job } = queue.jobs.get(jobId)!;
    expect(job).toMatchObject({ name: "reserve", keepResultMs: 86_400_000 });
    expect(job.message.body).toEqual({ order: "o-1" });
    expect(job.message.header("idempotency-key")).toBe(`${idOf("o-1")}.reserve`);
    expect([...worker.executor.inHand()]).toEqual([]);
    queue.end(jobId, { is: "completed", result: { shelf: 7 } });
    await settle(40);
    expect(rowOf(worker.store, idOf("o-1")).status).toBe("completed");
    expect(stateOf(worker.store, idOf("o-1"))).toMatchObject({ body: { reserved: { shelf: 7 } }, notes: [] });
  });

  it("has the same job worked again when it failed, and says why", async () => {
    const queue = new MemoryQueue();
    const worker = new TestWorker({ flow, ports: { queue: queue.port } });
    await worker.start("o-1");
    await settle(40);
    const id = `${idOf("o-1")}.reserve`;
    queue.end(id, { is: "failed", reason: "no shelf" });
    await pass(1_000, worker);
    expect(queue.jobs.get(id)!.added).toBe(2);
    expect(queue.jobs.get(id)!.end).toBeUndefined();
    const [visit] = stateOf(worker.store, idOf("o-1")).visits;
    expect(visit).toMatchObject({ attempt: 2, effect: "maybe", cause: { code: "job-failed" } });
    expect(visit!.attempts[0]!.cause!.message).toContain("no shelf");
    queue.end(id, { is: "completed", result: null });
    await settle(40);
    expect(rowOf(worker.store, idOf("o-1")).status).toBe("completed");
  });

  it("finds a result whose word was lost, also after its worker was killed", async () => {
    const queue = new MemoryQueue();
    queue.isDeaf = true;
    const store = new MemoryHeldStore();
    const first = new TestWorker({ flow, store, ports: { queue: queue.port } });
    const second = new TestWorker({ flow, store, ports: { queue: queue.port } });
    await first.start("o-1");
    await settle(40);
    first.isGone = true;
    queue.end(`${idOf("o-1")}.reserve`, { is: "completed", result: null });
    await pass(16_000, second);
    expect(rowOf(store, idOf("o-1")).status).toBe("completed");
    expect(queue.jobs.get(`${idOf("o-1")}.reserve`)!.added).toBe(1);
  });

  it("adds the same job again when its broker has lost it", async () => {
    const queue = new MemoryQueue();
    const worker = new TestWorker({ flow, ports: { queue: queue.port } });
    await worker.start("o-1");
    await settle(40);
    const jobId = `${idOf("o-1")}.reserve`;
    queue.lose(jobId);
    await pass(6_000, worker);
    queue.end(jobId, { is: "completed", result: null });
    await settle(40);
    expect(rowOf(worker.store, idOf("o-1")).status).toBe("completed");
  });

  it("is added once more, as the same job, when its worker was killed before it wrote that", async () => {
    const queue = new MemoryQueue();
    const store = new MemoryHeldStore();
    const first: TestWorker = new TestWorker({
      flow,
      store,
      ports: {
        queue: {
          ...queue.port,
          add: async (...args) => {
            const added = await queue.port.add(...args);
            first.isGone = true;
            return added;
          },
        },
      },
    });
    const second = new TestWorker({ flow, store, ports: { queue: queue.port } });
    await first.start("o-1");
    await pass(sagaLeaseMs + 1_000, second);
    const jobId = `${idOf("o-1")}.reserve`;
    expect(queue.jobs.get(jobId)!.added).toBe(2);
    queue.end(jobId, { is: "completed", result: null });
    await settle(40);
    expect(rowOf(store, idOf("o-1")).status).toBe("completed");
  });

  it("takes a result of more than 1 MiB for a failure", async () => {
    const queue = new MemoryQueue();
    const worker = new TestWorker({ flow, ports: { queue: queue.port } });
    await worker.start("o-1");
    await settle(40);
    queue.end(`${idOf("o-1")}.reserve`, { is: "completed", result: "x".repeat(2_000_000) });
    await settle(40);
    expect(rowOf(worker.store, idOf("o-1"))).toMatchObject({
      status: "compensated",
      error: { code: "message-too-large" },
    });
  });
});
