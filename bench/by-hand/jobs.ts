import type { Job, Queue } from "bullmq";
import type { Hand } from "./hand";

export interface Jobs {
  queue(name: string): Queue;
  /** Works a queue, so many jobs at once. */
  each(queue: string, concurrency: number, work: (job: Job) => Promise<unknown>): Promise<void>;
}

/** BullMQ as anyone would use it; loaded only where a loop needs it. */
export async function openJobs(hand: Hand): Promise<Jobs> {
  const [{ Queue, Worker }, { Redis }] = await Promise.all([import("bullmq"), import("ioredis")]);
  const connection = new Redis(hand.redisUrl, { maxRetriesPerRequest: null });
  hand.onStop(async () => connection.disconnect());
  return {
    queue(name) {
      const queue = new Queue(name, { connection });
      hand.onStop(() => queue.close());
      return queue;
    },
    async each(queue, concurrency, work) {
      const worker = new Worker(queue, work, { connection, concurrency });
      worker.on("error", (error) => {
        throw error;
      });
      hand.onStop(() => worker.close());
      await worker.waitUntilReady();
    },
  };
}
