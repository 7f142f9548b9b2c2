import { type Job, type Processor, Queue, QueueEvents, Worker } from "bullmq";
import { Redis, type RedisOptions } from "ioredis";
import type { QueueKeeping } from "../../../flow/connections/queue-keeping";
import type { TransportOptions } from "../../transport";
import { askEveryMs, watchSilence } from "../redis/silence";
import { tlsOptions } from "../tls";
import { within } from "../within";
import { type QueueBackend, workerOptions } from "./backend";
import { RawJob } from "./raw-job";
import { KeptCommands } from "./redis-commands";
import { readKeeping } from "./redis-keeping";

const readyTimeoutMs = 2_000;
const commandTimeoutMs = 8_000;
/** Looking for queues walks through all keys: after so long it answers with what it found. */
const scanTimeoutMs = 1_500;

class RawQueue extends Queue {
  protected override get Job(): typeof Job {
    return RawJob as unknown as typeof Job;
  }
}

class RawWorker extends Worker {
  protected override get Job(): typeof Job {
    return RawJob as unknown as typeof Job;
  }
}

/** BullMQ on Redis. */
export class RedisBackend implements QueueBackend {
  readonly address: string;
  readonly #url: string;
  /** Options for the clients of Redis; none without TLS. */
  readonly #tls: Pick<RedisOptions, "tls">;
  readonly #prefix: string;
  readonly #log: TransportOptions["log"];
  /** For questions and adding: fails soon when Redis is away, as the engine tries again and says so. */
  #client: Redis | undefined;
  /** For workers: waits for Redis however long it is away. */
  #workerClient: Redis | undefined;
  #commands: KeptCommands | undefined;
  readonly #queues = new Map<string, Queue>();
  readonly #listeners = new Set<(lost: unknown | undefined) => void>();
  readonly #pings = new Map<Redis, number>();
  #lastError: unknown;
  #closed = false;

  /** `certificate`: PEM of who signed the server's, where the system does not know it. */
  constructor(url: string, prefix: string, log: TransportOptions["log"], certificate?: string) {
    const { hostname, port, pathname, protocol } = new URL(url);
    this.address = `${hostname}:${port || "6379"}${pathname.length > 1 ? pathname : ""}`;
    this.#url = url;
    const isTls = protocol === "rediss:";
    this.#tls = isTls ? { tls: tlsOptions(certificate, hostname.replace(/^\[|\]$/g, "")) } : {};
    this.#prefix = prefix;
    this.#log = log;
  }

  async describe(): Promise<string> {
    await this.ready();
    const info = await this.#asking().info("server");
    return `Redis ${/redis_version:(\d+\.\d+)/.exec(info)?.[1] ?? ""}`.trim();
  }

  async keeping(): Promise<QueueKeeping | undefined> {
    await this.ready();
    return readKeeping(this.#asking());
  }

  commands(): KeptCommands {
    this.#commands ??= new KeptCommands(this.address, async () => {
      await this.ready();
      return this.#asking();
    });
    return this.#commands;
  }

  async ready(): Promise<void> {
    const client = this.#asking();
    if (client.status === "ready") return;
    const arrived = new Promise<void>((resolve) => client.once("ready", () => resolve()));
    try {
      await within(arrived, readyTimeoutMs);
    } catch (error) {
      throw this.#lastError ?? error;
    }
  }

  queue(name: string): Queue {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = new RawQueue(name, { connection: this.#asking(), prefix: this.#prefix, skipMetasUpdate: true });
      queue.on("error", () => {});
      this.#queues.set(name, queue);
    }
    return queue;
  }

  forget(name: string): void {
    const queue = this.#queues.get(name);
    this.#queues.delete(name);
    queue?.close().catch(() => {});
  }

  worker(name: string, processor: Processor, options: { readonly concurrency: number }): Worker {
    const connection = this.#working();
    return new RawWorker(name, processor, { ...workerOptions, ...options, connection, prefix: this.#prefix });
  }

  events(name: string): QueueEvents {
    const connection = {
      url: this.#url,
      ...this.#tls,
      maxRetriesPerRequest: null,
      connectTimeout: 3_000,
      keepAlive: 10_000,
      retryStrategy: (times: number) => Math.min(100 * times, 2_000),
    };
    return new QueueEvents(name, { connection, prefix: this.#prefix });
  }

  async names(prefix: string, limit: number): Promise<{ names: string[]; more: boolean }> {
    const client = this.#asking();
    const start = `${this.#prefix}:`;
    const escaped = `${start}${prefix}`.replace(/[\\*?[\]]/g, "\\$&");
    const until = Date.now() + scanTimeoutMs;
    const names = new Set<string>();
    let cursor = "0";
    do {
      const [next, keys] = await client.scan(cursor, "MATCH", `${escaped}*:meta`, "COUNT", 5_000);
      cursor = next;
      for (const key of keys) names.add(key.slice(start.length, -":meta".length));
    } while (cursor !== "0" && Date.now() < until);
    const sorted = [...names].sort();
    return { names: sorted.slice(0, limit), more: sorted.length > limit || cursor !== "0" };
  }

  waiting(): number | undefined {
    return this.#workerClient && this.#pings.get(this.#workerClient);
  }

  onConnection(listener: (lost: unknown | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const name of [...this.#queues.keys()]) this.forget(name);
    this.#client?.disconnect();
    this.#workerClient?.disconnect();
    this.#client = undefined;
    this.#workerClient = undefined;
  }

  #asking(): Redis {
    this.#client ??= this.#connect({
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      commandTimeout: commandTimeoutMs,
    });
    return this.#client;
  }

  #working(): Redis {
    if (this.#workerClient === undefined) {
      const client = this.#connect({ maxRetriesPerRequest: null });
      client.on("ready", () => this.#tell(undefined));
      client.on("close", () => this.#tell(this.#lastError ?? new Error("closed")));
      this.#workerClient = client;
    }
    return this.#workerClient;
  }

  #connect(options: RedisOptions): Redis {
    const client = new Redis(this.#url, {
      ...options,
      ...this.#tls,
      connectTimeout: 3_000,
      keepAlive: 10_000,
      retryStrategy: (times) => Math.min(100 * times, 2_000),
    });
    // Without a listener, an error would be thrown.
    client.on("error", (error) => {
      this.#lastError = error;
    });
    let wasReady = false;
    client.on("ready", () => {
      wasReady = true;
      this.#lastError = undefined;
    });
    const asking = setInterval(watchSilence(client, this.#pings), askEveryMs);
    client.on("end", () => {
      clearInterval(asking);
      this.#pings.delete(client);
    });
    client.on("close", () => {
      // Each try that fails closes too: only the first is news.
      if (wasReady && !this.#closed) this.#log("warn", "redis connection closed", { address: this.address });
      wasReady = false;
    });
    return client;
  }

  #tell(lost: unknown | undefined): void {
    for (const listener of this.#listeners) listener(lost);
  }
}
