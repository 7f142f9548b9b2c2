import type { JobType } from "bullmq";
import { jsonCodec } from "../../flow/codecs/json";
import type { Place, QueuePort } from "../../flow/connection-ports";
import type { QueueKeeping } from "../../flow/connections/queue-keeping";
import type { SeenMessage } from "../../flow/control";
import { Message } from "../../flow/message";
import type { Verdict } from "../../flow/verdict";
import {
  type ForwardedLetter,
  type OpenTransport,
  type RedisCommands,
  retryOf,
  type Transport,
  TransportError,
  type TransportOptions,
} from "../transport";
import { fromPlain, toSeen } from "./plain";
import { causeOf, type QueueBackend } from "./queue/backend";
import { readMetadata, writeData, writeMetadata } from "./queue/job-data";
import { JobResults } from "./queue/job-results";
import { PostgresBackend } from "./queue/postgres";
import { RawData, type RawJob } from "./queue/raw-job";
import { RedisBackend } from "./queue/redis";
import { requestByJob } from "./queue/request-reply";
import { addJobs } from "./queue/sink";
import { QueueSource } from "./queue/source";
import { readCertificate } from "./tls";
import { within } from "./within";

const askTimeoutMs = 5_000;
const closeTimeoutMs = 5_000;
const states: JobType[] = ["wait", "prioritized", "delayed", "active", "completed", "failed"];
const counted: JobType[] = ["wait", "prioritized", "delayed", "active", "completed", "failed", "waiting-children"];

/** BullMQ on Redis, or on Postgres where no Redis is: everything below `queue/` serves this. */
export const openQueue: OpenTransport<"queue"> = (options) => new QueueTransport(options);

class QueueTransport implements Transport<"queue"> {
  readonly kind = "queue";
  readonly port: QueuePort;
  readonly #options: TransportOptions;
  #opened: { backend: QueueBackend; kind: string; results: JobResults } | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.port = {
      consume: async (consume, handlers) => {
        const { backend, kind } = this.#open();
        return new QueueSource(backend, kind, consume, handlers, options.log);
      },
      add: async (queue, jobs, signal) => {
        try {
          const { backend, kind } = this.#open();
          return await addJobs(backend, kind, queue, jobs, signal);
        } catch (error) {
          const verdict = retryOf(error);
          return jobs.map(() => verdict);
        }
      },
      request: async (request, signal) => {
        try {
          return await requestByJob(this.#open(), request, signal);
        } catch (error) {
          return retryOf(error);
        }
      },
      readResult: async (queue, jobId) => this.#open().results.read(queue, jobId),
      awaitResult: async (queue, jobId, signal) => this.#open().results.await(queue, jobId, signal),
    };
  }

  test(): Promise<string> {
    return this.#ask(async (backend) => {
      const server = await backend.describe();
      const { names, more } = await backend.names("", 1_000);
      return `${server}, ${names.length}${more ? "+" : ""} queue${names.length === 1 ? "" : "s"}`;
    });
  }

  /** Without the walk over all keys that counting queues takes. */
  reach(): Promise<unknown> {
    return this.#ask((backend) => backend.describe());
  }

  places(prefix: string, limit: number): Promise<{ places: Place[]; more: boolean }> {
    return this.#ask(async (backend) => {
      const { names, more } = await backend.names(prefix, limit);
      return { places: await Promise.all(names.map((name) => describePlace(backend, name))), more };
    });
  }

  async describe(names: readonly string[]): Promise<Place[]> {
    if (names.length === 0) return [];
    return this.#ask(async (backend) => {
      const places = await Promise.all(
        names.map(async (name) => {
          if (name === "" || name.includes(":")) return [];
          const place = await describePlace(backend, name);
          if (Object.values(place.counts ?? {}).some((count) => count > 0)) return [place];
          const known = await backend.names(name, 100);
          return known.names.includes(name) ? [place] : [];
        }),
      );
      return places.flat();
    });
  }

  keeping(): Promise<QueueKeeping | undefined> {
    return this.#ask((backend) => backend.keeping());
  }

  redis(): RedisCommands {
    const { backend } = this.#open();
    if (backend instanceof RedisBackend) return backend.commands();
    const message = `There is no Redis behind the connection ${this.#options.name}: give it an address, or start the worker with REDIS_URL.`;
    throw new TransportError({ code: "connection-incomplete", message });
  }

  /** A job that the queue still has of the same failure is not made again. */
  forward(queue: string, letters: readonly ForwardedLetter[], signal: AbortSignal): Promise<Verdict[]> {
    const jobs = letters.map(({ id, message }) => ({ name: "dead-letter", message, jobId: id }));
    return this.port.add(queue, jobs, signal);
  }

  newest(place: string, limit: number, maxBytes: number): Promise<SeenMessage[]> {
    return this.#ask(async (backend) => {
      const jobs = (await backend.queue(place).getJobs(states, 0, limit - 1, false)) as unknown as (
        | RawJob
        | undefined
      )[];
      return jobs
        .filter((job) => job !== undefined)
        .sort((a, b) => b.timestamp - a.timestamp || Number(b.id) - Number(a.id))
        .slice(0, limit)
        .map((job) => {
          const { key, headers } = readMetadata(job.opts.telemetry?.metadata);
          const value = job.raw === "null" ? null : new TextEncoder().encode(job.raw);
          return toSeen(
            { key, headers, value, timestamp: job.timestamp },
            { lane: place, position: job.id ?? "" },
            maxBytes,
          );
        });
    });
  }

  send(place: string, message: Parameters<Transport["send"]>[1]): Promise<{ lane: string; position: string }> {
    return this.#ask(async (backend) => {
      const { key, value, headers } = fromPlain(message);
      const metadata = writeMetadata({ key, headers });
      const data =
        message.encoding === "base64" && message.value !== null
          ? JSON.stringify({ base64: message.value })
          : readTyped(value);
      const job = await backend
        .queue(place)
        .add("message", new RawData(data), metadata === undefined ? {} : { telemetry: { metadata } });
      return { lane: place, position: job.id ?? "" };
    });
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened === undefined) return;
    await within(opened.results.close(), closeTimeoutMs).catch(() => {});
    await within(opened.backend.close(), closeTimeoutMs).catch(() => {});
  }

  async #ask<T>(question: (backend: QueueBackend) => Promise<T>): Promise<T> {
    const { backend, kind } = this.#open();
    try {
      await backend.ready();
      return await within(question(backend), askTimeoutMs);
    } catch (error) {
      throw new TransportError(causeOf(error, kind, backend.address), { cause: error });
    }
  }

  /** @throws TransportError when the address cannot be read. */
  #open(): { backend: QueueBackend; kind: string; results: JobResults } {
    if (this.#opened === undefined) {
      const { backend, kind } = openBackend(this.#options);
      this.#opened = { backend, kind, results: new JobResults(backend) };
    }
    return this.#opened;
  }
}

function openBackend({ name, config, secrets, environment, log }: TransportOptions): {
  backend: QueueBackend;
  kind: string;
} {
  const text = (field: string) => (typeof config[field] === "string" ? (config[field] as string).trim() : "");
  const address = secrets.url || text("url") || environment.redisUrl;
  if (address === undefined || address === "") {
    return { backend: new PostgresBackend(environment.databaseUrl, log), kind: "Postgres" };
  }
  let url: URL;
  try {
    url = new URL(address);
    if (url.protocol !== "redis:" && url.protocol !== "rediss:") throw new Error("not a redis address");
  } catch {
    const message = `The address of the connection ${name} cannot be read: it looks like redis://host:6379/0.`;
    throw new TransportError({ code: "connection-incomplete", message });
  }
  if (secrets.password) url.password = encodeURIComponent(secrets.password);
  const certificate = readCertificate(config);
  return { backend: new RedisBackend(url.toString(), text("prefix") || "bull", log, certificate), kind: "Redis" };
}

async function describePlace(backend: QueueBackend, name: string): Promise<Place> {
  const counts = await backend.queue(name).getJobCounts(...counted);
  const messages = (counts.wait ?? 0) + (counts.prioritized ?? 0) + (counts.delayed ?? 0);
  return { name, type: "queue", messages, counts };
}

/** What a person typed, as a job's data: the JSON that it is, else a JSON string. */
function readTyped(value: Uint8Array | null): string {
  if (value === null) return "null";
  const meta = { source: "", lane: "", position: "", timestamp: 0, attempt: 1 };
  try {
    return writeData(new Message({ key: null, headers: [], value, meta, codec: jsonCodec }));
  } catch {
    return JSON.stringify(new TextDecoder().decode(value));
  }
}
