import type { Processor, Queue, QueueEvents, Worker } from "bullmq";
import type { QueueKeeping } from "../../../flow/connections/queue-keeping";
import type { Cause } from "../../../flow/verdict";
import { describeTlsFailure } from "../tls";

/** Where BullMQ keeps its queues: Redis, or Postgres for trying things out. */
export interface QueueBackend {
  /** `Redis 7.0`, for `test`. */
  describe(): Promise<string>;
  /** What it keeps when it is killed; `undefined` when it does not say. */
  keeping(): Promise<QueueKeeping | undefined>;
  /** Host, port and database, without credentials. */
  readonly address: string;
  /** Resolves when it answers. @throws what keeps it from doing so, after a short while. */
  ready(): Promise<void>;
  /** A queue to read from and add to; cached. */
  queue(name: string): Queue;
  /** Forgets a queue whose connection failed for good, so that the next call makes it anew. */
  forget(name: string): void;
  worker(name: string, processor: Processor, options: { readonly concurrency: number }): Worker;
  /** Tells of what happens in a queue, on a connection of its own; whoever asks for it closes it. */
  events(name: string): QueueEvents;
  /** Names of queues that begin with `prefix`. */
  names(prefix: string, limit: number): Promise<{ names: string[]; more: boolean }>;
  /** A worker met an error of its connection: finds out whether it is lost, where it does not know by itself. */
  suspect?(error: unknown): void;
  /** Since when the server owes the workers an answer. */
  waiting?(): number | undefined;
  /** Tells when the workers' connection is lost and found. Answers how to stop listening. */
  onConnection(listener: (lost: unknown | undefined) => void): () => void;
  close(): Promise<void>;
}

/** Kills never fail a good job: a job may stall as often as its worker dies. Recovered within half a minute. */
export const workerOptions = {
  maxStalledCount: 1_000_000_000,
  lockDuration: 20_000,
  stalledInterval: 5_000,
  runRetryDelay: 1_000,
  drainDelay: 5,
} as const;

/** An error of Redis or Postgres as a cause in words, without credentials or data. */
export function causeOf(error: unknown, kind: string, address: string): Cause {
  const { message = "", code = "" } = (error ?? {}) as { message?: string; code?: string };
  const text = `${code} ${message}`;
  if (/NOAUTH|WRONGPASS|invalid username|28P01|28000|no password/i.test(text)) {
    return { code: "broker-refused", message: `${kind} at ${address} refused the password.` };
  }
  if (/^\s*OOM|command not allowed when used memory/i.test(text)) {
    return { code: "broker-refused", message: `${kind} at ${address} is full (maxmemory) and takes no more jobs.` };
  }
  const why = /ECONNREFUSED/.test(text)
    ? "the connection was refused."
    : /ENOTFOUND|EAI_AGAIN/.test(text)
      ? "the host name is not known."
      : /timed? ?out|ETIMEDOUT|max retries/i.test(text)
        ? "it did not answer in time."
        : /LOADING/.test(text)
          ? "it is still loading its data."
          : (describeTlsFailure(text) ?? "the connection broke.");
  return { code: "broker-unreachable", message: `${kind} at ${address} cannot be reached: ${why}` };
}

/** Is it the connection, which tells of itself, or something in the queue? */
export function isConnectionError(error: unknown): boolean {
  const { message = "", code = "" } = (error ?? {}) as { message?: string; code?: string };
  return /ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|timed? ?out|closed|terminated|LOADING|max retries|writeable/i.test(
    `${code} ${message}`,
  );
}
