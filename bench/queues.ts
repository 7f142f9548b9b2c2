import { Queue } from "bullmq";
import { Redis } from "ioredis";

/** BullMQ queues of the benchmark, seen from outside. */
export class Queues {
  readonly #redis: Redis;
  readonly #queues = new Map<string, Queue>();

  constructor(redisUrl: string) {
    this.#redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  }

  /** Jobs that wait in it. A queue that was asked for is one that is cleared. */
  count(name: string): Promise<number> {
    let queue = this.#queues.get(name);
    if (!queue) {
      queue = new Queue(name, { connection: this.#redis });
      this.#queues.set(name, queue);
    }
    return queue.getJobCountByTypes("waiting");
  }

  /** Removes them with their jobs. */
  async clear(): Promise<void> {
    const queues = [...this.#queues.values()];
    this.#queues.clear();
    for (const queue of queues) {
      await queue.obliterate({ force: true });
      await queue.close();
    }
  }

  async close(): Promise<void> {
    await this.clear();
    this.#redis.disconnect();
  }
}
