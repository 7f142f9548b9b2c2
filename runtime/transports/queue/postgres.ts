import {
  createPostgresBackend,
  type Job,
  type Processor,
  type Queue,
  type QueueEvents,
  runMigrations,
  type Worker,
  withBackend,
} from "bullmq";
import { Pool } from "pg";
import type { QueueKeeping } from "../../../flow/connections/queue-keeping";
import { sleep } from "../../backoff";
import type { TransportOptions } from "../../transport";
import { within } from "../within";
import { type QueueBackend, workerOptions } from "./backend";
import { RawJob } from "./raw-job";

const schema = "bullmq";
const readyTimeoutMs = 3_000;
const askAgainMs = 500;
/** A query without an answer for so long has failed, and its connection is given up: longer than any of BullMQ's. */
const queryTimeoutMs = 8_000;
/** Each worker keeps one connection to listen on. */
const poolSize = 20;

const classes = withBackend(createPostgresBackend);

class RawQueue extends classes.Queue {
  protected override get Job(): typeof Job {
    return RawJob as unknown as typeof Job;
  }
}

class RawWorker extends classes.Worker {
  protected override get Job(): typeof Job {
    return RawJob as unknown as typeof Job;
  }
}

/**
 * BullMQ on Postgres, in a schema of its own: for trying things out where no Redis is. It keeps a job's data as `jsonb`, so
 * what Redis keeps byte for byte changes here: spaces go, integers beyond 2^53 are rounded by BullMQ's client, and a
 * tombstone (`null`) comes back as `{}`.
 */
export class PostgresBackend implements QueueBackend {
  readonly address: string;
  readonly #url: string;
  readonly #log: TransportOptions["log"];
  #pool: Pool | undefined;
  #migrated: Promise<unknown> | undefined;
  #lost = false;
  readonly #queues = new Map<string, Queue>();
  readonly #listeners = new Set<(lost: unknown | undefined) => void>();

  constructor(url: string, log: TransportOptions["log"]) {
    const { hostname, port, pathname } = new URL(url);
    this.address = `${hostname}:${port || "5432"}${pathname}`;
    this.#url = url;
    this.#log = log;
  }

  async describe(): Promise<string> {
    await this.ready();
    return "BullMQ on Postgres";
  }

  async keeping(): Promise<QueueKeeping> {
    return { server: "postgres" };
  }

  async ready(): Promise<void> {
    this.#migrated ??= this.#migrate();
    try {
      await within(this.#migrated, readyTimeoutMs);
    } catch (error) {
      this.#migrated = undefined;
      throw error;
    }
  }

  queue(name: string): Queue {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = new RawQueue(name, { connection: this.#connect(), skipMetasUpdate: true }) as unknown as Queue;
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
    const worker = new RawWorker(name, processor, { ...workerOptions, ...options, connection: this.#connect() });
    return worker as unknown as Worker;
  }

  events(name: string): QueueEvents {
    return new classes.QueueEvents(name, { connection: this.#connect() }) as unknown as QueueEvents;
  }

  async names(prefix: string, limit: number): Promise<{ names: string[]; more: boolean }> {
    const { rows } = await this.#connect().query<{ queue: string }>(
      `select queue from (select queue from ${schema}.meta union select queue from ${schema}.job) known
       where starts_with(queue, $1) order by queue limit $2`,
      [prefix, limit + 1],
    );
    return { names: rows.slice(0, limit).map((row) => row.queue), more: rows.length > limit };
  }

  suspect(error: unknown): void {
    if (this.#pool !== undefined) void this.#watch(this.#pool, error);
  }

  onConnection(listener: (lost: unknown | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    for (const name of [...this.#queues.keys()]) this.forget(name);
    const pool = this.#pool;
    this.#pool = undefined;
    this.#migrated = undefined;
    await pool?.end();
  }

  async #migrate(): Promise<void> {
    const client = await this.#connect().connect();
    try {
      await runMigrations(client, schema);
    } finally {
      client.release();
    }
  }

  #connect(): Pool {
    if (this.#pool === undefined) {
      this.#pool = new Pool({
        connectionString: this.#url,
        max: poolSize,
        options: `-c search_path=${schema}`,
        connectionTimeoutMillis: 3_000,
        keepAlive: true,
        query_timeout: queryTimeoutMs,
      });
      const pool = this.#pool;
      pool.on("error", (error) => void this.#watch(pool, error));
    }
    return this.#pool;
  }

  /** A connection was lost: tells so, and asks until there is one again. */
  async #watch(pool: Pool, error: unknown): Promise<void> {
    if (this.#lost || this.#pool !== pool) return;
    this.#lost = true;
    this.#log("warn", "queue connection to postgres closed", { address: this.address });
    for (const listener of this.#listeners) listener(error);
    while (this.#pool === pool) {
      await sleep(askAgainMs);
      const answers = await pool.query("select 1").then(
        () => true,
        () => false,
      );
      if (!answers) continue;
      for (const listener of this.#listeners) listener(undefined);
      break;
    }
    this.#lost = false;
  }
}
