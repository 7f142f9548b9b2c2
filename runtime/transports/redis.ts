import { bytesCodec } from "../../flow/codecs/bytes";
import type { Place } from "../../flow/connection-ports";
import type { RedisKeeping } from "../../flow/connections/redis-keeping";
import type { RedisStreamPort } from "../../flow/connections/redis-stream-port";
import type { PlainMessage, SeenMessage } from "../../flow/control";
import type { Verdict } from "../../flow/verdict";
import {
  type ForwardedLetter,
  type OpenTransport,
  retryOf,
  type Transport,
  TransportError,
  type TransportOptions,
} from "../transport";
import { fromPlain, toSeen } from "./plain";
import { readKeeping } from "./queue/redis-keeping";
import { causeOf } from "./redis/causes";
import { EntryParts, readTime, writeFields } from "./redis/layout";
import type { Entry } from "./redis/pending";
import { listStreams, readLength } from "./redis/places";
import { RedisRequestReply } from "./redis/request-reply";
import { type RedisClient, RedisServer } from "./redis/server";
import { StreamWriter } from "./redis/sink";
import { StreamSource } from "./redis/source";
import { within } from "./within";

const askTimeoutMs = 5_000;

/** Redis Streams, on one server, a cluster, or behind sentinels: everything below `redis/` serves this. */
export const openRedis: OpenTransport<"redis"> = (options) => new RedisTransport(options);

interface Opened {
  readonly server: RedisServer;
  readonly writer: StreamWriter;
  readonly requestReply: RedisRequestReply;
}

class RedisTransport implements Transport<"redis"> {
  readonly kind = "redis";
  readonly port: RedisStreamPort;
  readonly #options: TransportOptions;
  #opened: Opened | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.port = {
      consume: async (consume, handlers) => {
        const { server, requestReply } = this.#open();
        const { reply } = requestReply.replies;
        return Object.assign(new StreamSource(server, consume, handlers, options.log), { reply });
      },
      request: async (request, signal) => {
        try {
          return await this.#open().requestReply.request(request, signal);
        } catch (error) {
          return retryOf(error);
        }
      },
      add: async (entries, add, signal) => {
        try {
          return await this.#open().writer.add(entries, add, signal);
        } catch (error) {
          const verdict = retryOf(error);
          return entries.map(() => verdict);
        }
      },
    };
  }

  test(): Promise<string> {
    return this.#ask(async (client, server) => {
      const info = String(await client.info("server"));
      const version = /(?:valkey|redis)_version:(\d+\.\d+)/.exec(info)?.[1] ?? "";
      const { names, more } = await listStreams(client, "", 1_000);
      const what = server.isCluster ? "Redis Cluster" : "Redis";
      return `${what} ${version}, ${names.length}${more ? "+" : ""} stream${names.length === 1 ? "" : "s"}`;
    });
  }

  /** Without the walk over all keys that counting streams takes. */
  reach(): Promise<unknown> {
    return this.#ask((client) => client.ping());
  }

  places(prefix: string, limit: number): Promise<{ places: Place[]; more: boolean }> {
    return this.#ask(async (client) => {
      const { names, more } = await listStreams(client, prefix, limit);
      return { places: await describeAll(client, names), more };
    });
  }

  async describe(names: readonly string[]): Promise<Place[]> {
    if (names.length === 0) return [];
    return this.#ask((client) => describeAll(client, names));
  }

  keeping(): Promise<RedisKeeping | undefined> {
    return this.#ask((client) => readKeeping(client));
  }

  forward(stream: string, letters: readonly ForwardedLetter[], signal: AbortSignal): Promise<Verdict[]> {
    const entries = letters.map(({ message: { key, value, headers } }) => ({ stream, key, value, headers }));
    return this.port.add(entries, { partitions: 1, layout: "message" }, signal);
  }

  newest(place: string, limit: number, maxBytes: number): Promise<SeenMessage[]> {
    return this.#ask(async (client) => {
      const entries = (await client.callBuffer("XREVRANGE", place, "+", "-", "COUNT", limit)) as Entry[];
      return entries.map(([id, fields]) => {
        const position = id.toString("latin1");
        const at = { lane: place, position };
        const meta = { ...at, source: "", timestamp: readTime(position), attempt: 1 };
        const { key, headers, value } = new EntryParts(fields, "message", meta, bytesCodec);
        return toSeen({ key, headers, value, timestamp: meta.timestamp }, at, maxBytes);
      });
    });
  }

  send(place: string, message: PlainMessage): Promise<{ lane: string; position: string }> {
    return this.#ask(async (client) => {
      const fields = writeFields({ stream: place, ...fromPlain(message) }, "message");
      return { lane: place, position: String(await client.call("XADD", place, "*", ...fields)) };
    }, place);
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.requestReply.close();
    await opened?.server.close();
  }

  async #ask<T>(question: (client: RedisClient, server: RedisServer) => Promise<T>, stream?: string): Promise<T> {
    const { server } = this.#open();
    try {
      return await within(question(await server.ready(), server), askTimeoutMs);
    } catch (error) {
      if (error instanceof TransportError) throw error;
      throw new TransportError(causeOf(error, server.address, stream), { cause: error });
    }
  }

  /** @throws TransportError when the address cannot be read. */
  #open(): Opened {
    if (this.#opened === undefined) {
      const server = new RedisServer(this.#options);
      const writer = new StreamWriter(server);
      this.#opened = { server, writer, requestReply: new RedisRequestReply(server, writer, this.#options) };
    }
    return this.#opened;
  }
}

async function describeAll(client: RedisClient, names: readonly string[]): Promise<Place[]> {
  const places = await Promise.all(
    names.map(async (name): Promise<Place[]> => {
      const messages = await readLength(client, name);
      return messages === undefined ? [] : [{ name, type: "stream", messages }];
    }),
  );
  return places.flat();
}
