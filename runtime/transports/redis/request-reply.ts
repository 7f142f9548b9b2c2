import { randomUUID } from "node:crypto";
import { bytesCodec } from "../../../flow/codecs/bytes";
import type { StreamTrim } from "../../../flow/connections/redis-stream-port";
import {
  type BrokerRequest,
  type RequestEnd,
  readCorrelationId,
  readReply,
  requestHeaders,
} from "../../../flow/request-reply";
import type { Verdict } from "../../../flow/verdict";
import { computeDependencyDelay, sleep } from "../../backoff";
import type { TransportOptions } from "../../transport";
import { AddressReplies, type ReplyRecord } from "../address-replies";
import { PendingRequests } from "../pending-requests";
import { causeOf } from "./causes";
import { EntryParts, readTime } from "./layout";
import type { Entry } from "./pending";
import type { RedisClient, RedisServer } from "./server";
import type { StreamWriter } from "./sink";

/** The stream of a worker that is gone is gone so long after its last word. */
const keptSeconds = 3_600;
const keepEveryMs = 60_000;
const blockMs = 1_000;
const readAtOnce = 200;
const maxEntries = 100_000;

/**
 * Requests over streams, whose answers come on a stream of this worker alone, and answers to those of others. What was read is trimmed, and
 * the stream expires when its worker is gone.
 */
export class RedisRequestReply {
  readonly #pending: PendingRequests;
  readonly #replyTo = `millrace.replies.${randomUUID()}`;
  readonly #over = new AbortController();
  #reading: { readonly client: RedisClient; readonly ready: Promise<void> } | undefined;
  #from = "0-0";
  #keptAt = 0;

  /** Answers to the messages of others. */
  readonly replies = new AddressReplies(async ({ to }, record, signal) => {
    const trim = { maxLength: maxEntries };
    const verdict = await this.#add(to, record, signal, trim);
    // An answer to a worker that is long gone makes its stream anew.
    if (verdict.verdict === "done") await this.server.commands.expire(to, keptSeconds, "NX").catch(() => {});
    return verdict;
  });

  constructor(
    readonly server: RedisServer,
    readonly writer: StreamWriter,
    options: Pick<TransportOptions, "name" | "log">,
  ) {
    this.#pending = new PendingRequests(options);
  }

  /** Never rejects. */
  request(request: BrokerRequest, signal: AbortSignal): Promise<RequestEnd> {
    return this.#pending.request(request, signal, async (sending) => {
      try {
        await this.#read();
      } catch (error) {
        return { verdict: "retry", of: "dependency", cause: causeOf(error, this.server.address) };
      }
      const { key, value } = request.message;
      return this.#add(request.to, { key, value, headers: requestHeaders(request, this.#replyTo) }, sending);
    });
  }

  async close(): Promise<void> {
    this.#over.abort();
    const reading = this.#reading;
    this.#reading = undefined;
    if (!reading) return;
    reading.client.disconnect();
    await this.server.commands.unlink(this.#replyTo).catch(() => {});
  }

  async #add(stream: string, record: ReplyRecord, signal: AbortSignal, trim?: StreamTrim): Promise<Verdict> {
    const options = { partitions: 1, layout: "message", ...(trim ? { trim } : {}) } as const;
    return (await this.writer.add([{ stream, ...record }], options, signal))[0]!;
  }

  /** Resolves when answers are read. */
  #read(): Promise<void> {
    if (!this.#reading) {
      // Of its own: it waits for entries, and holds up whatever else is asked over the same connection.
      const client = this.server.connect();
      const ready = this.server.ready(client).then(() => this.#keep(client));
      const reading = { client, ready };
      this.#reading = reading;
      ready.then(
        () => void this.#run(client),
        () => {
          if (this.#reading === reading) this.#reading = undefined;
          client.disconnect();
        },
      );
    }
    return this.#reading.ready;
  }

  async #run(client: RedisClient): Promise<void> {
    const { signal } = this.#over;
    for (let refusals = 0; !signal.aborted; ) {
      try {
        await this.server.ready(client);
        await this.#keep(client);
        await this.#readOnce(client);
        refusals = 0;
      } catch {
        if (!signal.aborted) await sleep(computeDependencyDelay(++refusals, undefined), signal);
      }
    }
  }

  /** It is there before its first answer, so that it can expire. */
  async #keep(client: RedisClient): Promise<void> {
    if (performance.now() - this.#keptAt < keepEveryMs && this.#keptAt > 0) return;
    await client.xgroup("CREATE", this.#replyTo, "worker", "$", "MKSTREAM").catch((error: Error) => {
      if (!error.message.startsWith("BUSYGROUP")) throw error;
    });
    await client.expire(this.#replyTo, keptSeconds);
    this.#keptAt = performance.now();
  }

  async #readOnce(client: RedisClient): Promise<void> {
    const args = ["BLOCK", blockMs, "COUNT", readAtOnce, "STREAMS", this.#replyTo, this.#from] as const;
    const read = (await client.callBuffer("XREAD", ...args)) as [name: Buffer, entries: Entry[]][] | null;
    const entries = read?.[0]?.[1] ?? [];
    for (const [id, fields] of entries) {
      const position = id.toString("latin1");
      const meta = { source: "", lane: this.#replyTo, position, timestamp: readTime(position), attempt: 1 };
      const { headers, value } = new EntryParts(fields, "message", meta, bytesCodec);
      this.#from = position;
      this.#pending.settle(readCorrelationId(headers), () => readReply(headers, value), false);
    }
    if (entries.length > 0) await client.xtrim(this.#replyTo, "MINID", this.#from);
  }
}
