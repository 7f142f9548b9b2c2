import { type Channel, Connection, type ConnectionOptions } from "rabbitmq-client";
import { tlsOptions } from "../tls";
import { within } from "../within";
import type { RabbitAddress } from "./address";
import { keepBytes, readFrameMax } from "./client-parts";

const connectTimeoutMs = 5_000;
const channelTimeoutMs = 5_000;
const closeTimeoutMs = 2_000;
/** What every broker takes, and what RabbitMQ offers. */
const leastFrameBytes = 4_096;
const frameBytes = 131_072;
/** What may be written in one go: the socket asks to wait when it has more. */
const togetherBytes = 1024 * 1024;
/** Seconds. A connection on which nothing was heard for twice as long is broken. */
const heartbeatSeconds = 5;

/**
 * One connection to the broker, made when it is asked for and made anew after it was lost. rabbitmq-client would try again by itself, but it
 * tells only of the first failure: here each attempt is a new one, and what keeps it from succeeding is known (a wrong password, a host
 * that is gone) to whoever asks.
 */
export class RabbitLink {
  readonly #address: RabbitAddress;
  readonly #name: string;
  /** Queues that are exclusive to this connection and in somebody's use. */
  readonly owned = new Set<string>();
  #connection: Connection | undefined;
  #opening: Promise<Connection> | undefined;
  #blocked: string | undefined;
  #lost: unknown;
  #isClosed = false;

  constructor(address: RabbitAddress, name: string) {
    this.#address = address;
    this.#name = name;
  }

  get address(): RabbitAddress {
    return this.#address;
  }

  /** Why the broker takes no messages at the moment: its memory or its disk is short. */
  get blocked(): string | undefined {
    return this.#blocked;
  }

  /** Bytes of the largest frame, as agreed with the broker. */
  get frameMax(): number {
    return this.#connection ? readFrameMax(this.#connection) : leastFrameBytes;
  }

  /** Why the connection was lost the last time. */
  get lost(): unknown {
    return this.#lost;
  }

  /** A channel of its own. @throws what keeps the broker from answering. */
  async channel(): Promise<Channel> {
    const connection = await this.connect();
    const channel = await within(connection.acquire({ emitErrorsFromChannel: true }), channelTimeoutMs);
    // Told again by the promise of whoever asked; without a listener it would end the process.
    channel.on("error", () => {});
    return keepBytes(channel);
  }

  /** Connects, if that is not done. @throws what keeps the broker from answering. */
  connect(): Promise<Connection> {
    if (this.#isClosed) return Promise.reject(new Error("The connection is closed."));
    if (this.#connection) return Promise.resolve(this.#connection);
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** Closes it with all of its channels; nothing can be asked of it afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const connection = this.#connection ?? (await this.#opening?.catch(() => undefined));
    this.#connection = undefined;
    if (!connection) return;
    await within(connection.close(), closeTimeoutMs).catch(() => {});
    connection.unsafeDestroy();
  }

  #open(): Promise<Connection> {
    const { hostname, port, vhost, username, password, tls, certificate } = this.#address;
    const connection = new Connection({
      hostname,
      port,
      vhost,
      username,
      password,
      ...(tls ? { tls: tlsOptions(certificate, hostname) } : {}),
      connectionName: this.#name,
      connectionTimeout: connectTimeoutMs,
      heartbeat: heartbeatSeconds,
      noDelay: true,
      frameMax: frameBytes,
      // A socket takes a stream's options too, which its type does not say; host and port are those above.
      socket: { writableHighWaterMark: togetherBytes } as unknown as ConnectionOptions["socket"],
    });
    connection.on("connection.blocked", (reason) => {
      if (this.#connection === connection) this.#blocked = reason;
    });
    connection.on("connection.unblocked", () => {
      if (this.#connection === connection) this.#blocked = undefined;
    });
    return new Promise((resolve, reject) => {
      connection.on("connection", () => {
        this.#connection = connection;
        this.#blocked = undefined;
        // Before its first channel is opened.
        readFrameMax(connection);
        resolve(connection);
      });
      connection.on("error", (error) => {
        // It is over: ended before it tries again by itself.
        connection.unsafeDestroy();
        this.#lost = error;
        if (this.#connection === connection) {
          this.#connection = undefined;
          this.#blocked = undefined;
        }
        reject(error);
      });
    });
  }
}
