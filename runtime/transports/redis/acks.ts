import { sleep } from "../../backoff";
import type { RedisServer } from "./server";

const retryMs = 500;
const chunkSize = 1_000;

/** Acknowledges entries of one stream, many at once and one request after another, again and again while the server is away. */
export class Acks {
  #waiting: string[] = [];
  #working: Promise<void> | null = null;
  #ended = false;

  constructor(
    readonly server: RedisServer,
    readonly stream: string,
    readonly group: string,
  ) {}

  /** Settled, and not known to be acknowledged. */
  get open(): readonly string[] {
    return this.#waiting;
  }

  add(ids: readonly string[]): void {
    for (const id of ids) this.#waiting.push(id);
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
  }

  /** Resolves when all are acknowledged, or it is given up. */
  async end(patienceMs: number): Promise<void> {
    const giveUp = setTimeout(() => {
      this.#ended = true;
    }, patienceMs);
    await this.#working;
    clearTimeout(giveUp);
  }

  async #work(): Promise<void> {
    // What is settled in one turn of the loop goes together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0 && !this.#ended) {
      const chunk = this.#waiting.slice(0, chunkSize);
      try {
        const client = await this.server.ready();
        await client.call("XACK", this.stream, this.group, ...chunk);
        this.#waiting.splice(0, chunk.length);
      } catch {
        // The reader of the stream tells that the server is away.
        await sleep(retryMs);
      }
    }
  }
}
