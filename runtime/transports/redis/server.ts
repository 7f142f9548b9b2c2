import { Cluster, Redis, type RedisOptions } from "ioredis";
import { TransportError, type TransportOptions } from "../../transport";
import { within } from "../within";
import { nameAddress, type RedisAddress, readAddress } from "./address";
import { askEveryMs, watchSilence } from "./silence";

export type RedisClient = Redis | Cluster;

const readyTimeoutMs = 2_000;
const commandTimeoutMs = 8_000;

/** A server, a cluster or a primary behind sentinels, and the connections to it. Each command fails soon when it is away. */
export class RedisServer {
  /** Without credentials. */
  readonly address: string;
  readonly isCluster: boolean;
  readonly #at: RedisAddress;
  readonly #options: TransportOptions;
  readonly #pings = new Map<Redis, number>();
  /** Those who wait for a connection wait together. */
  readonly #arriving = new WeakMap<RedisClient, Promise<void>>();
  readonly #errors = new WeakMap<RedisClient, unknown>();
  #commands: RedisClient | undefined;
  #closed = false;

  /** @throws TransportError when the address cannot be read. */
  constructor(options: TransportOptions) {
    const { config, environment, name } = options;
    const text = String(config.url ?? "").trim() || environment.redisUrl;
    if (text === undefined) {
      const message = `There is no Redis behind the connection ${name}: give it an address, or start the worker with REDIS_URL.`;
      throw new TransportError({ code: "connection-incomplete", message });
    }
    const at = readAddress(text, config.mode === "sentinel" ? 26379 : 6379);
    if (at === undefined) {
      const message = `The address of the connection ${name} cannot be read: it looks like redis://host:6379/0.`;
      throw new TransportError({ code: "connection-incomplete", message });
    }
    this.#at = at;
    this.#options = options;
    this.isCluster = config.mode === "cluster";
    this.address = nameAddress(at);
  }

  /** Shared by questions, writes and acknowledgements. */
  get commands(): RedisClient {
    this.#commands ??= this.connect({ commandTimeout: commandTimeoutMs });
    return this.#commands;
  }

  /** The shared connection, once it answers. @throws what keeps it from doing so, after a short while. */
  async ready(client: RedisClient = this.commands): Promise<RedisClient> {
    if (client.status === "ready") return client;
    let arriving = this.#arriving.get(client);
    if (arriving === undefined) {
      arriving = new Promise((resolve) => client.once("ready", () => resolve()));
      this.#arriving.set(client, arriving);
      void arriving.then(() => this.#arriving.delete(client));
    }
    try {
      await within(arriving, readyTimeoutMs);
      return client;
    } catch (error) {
      throw this.#errors.get(client) ?? error;
    }
  }

  /** Since when an answer is owed. */
  get waitingSince(): number | undefined {
    return this.#pings.size === 0 ? undefined : Math.min(...this.#pings.values());
  }

  /** A connection of one's own; whoever asks for it disconnects it. */
  connect(options: RedisOptions = {}): RedisClient {
    const { config, secrets } = this.#options;
    const { tls, username, hosts, db } = this.#at;
    const password = secrets.password || this.#at.password;
    const usual: RedisOptions = {
      protocol: 2,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      connectTimeout: 3_000,
      keepAlive: 10_000,
      retryStrategy: (times) => Math.min(100 * times, 2_000),
      // After a failover the old primary may go on as a replica under its address.
      reconnectOnError: (error) => error.message.startsWith("READONLY"),
      ...(tls ? { tls: {} } : {}),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...options,
    };
    if (config.mode === "cluster") {
      const cluster = new Cluster([...hosts], {
        enableOfflineQueue: false,
        clusterRetryStrategy: (times) => Math.min(100 * times, 2_000),
        redisOptions: usual,
      });
      cluster.on("+node", (node: Redis) => this.#watch(node));
      return this.#listen(cluster);
    }
    const client =
      config.mode === "sentinel"
        ? new Redis({
            ...usual,
            db,
            sentinels: [...hosts],
            name: String(config.primary ?? "mymaster"),
            ...(secrets.sentinelPassword ? { sentinelPassword: secrets.sentinelPassword } : {}),
            enableTLSForSentinelMode: tls,
            sentinelRetryStrategy: (times) => Math.min(100 * times, 2_000),
          })
        : new Redis({ ...usual, ...hosts[0], db });
    this.#watch(client);
    return this.#listen(client);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#commands?.disconnect();
    this.#commands = undefined;
  }

  #watch(client: Redis): void {
    const asking = setInterval(watchSilence(client, this.#pings), askEveryMs);
    client.on("end", () => {
      clearInterval(asking);
      this.#pings.delete(client);
    });
  }

  #listen<Client extends RedisClient>(client: Client): Client {
    // Without a listener, an error would be thrown.
    client.on("error", (error: Error & { lastNodeError?: unknown }) =>
      this.#errors.set(client, error.lastNodeError ?? error),
    );
    let wasReady = false;
    client.on("ready", () => {
      wasReady = true;
      this.#errors.delete(client);
    });
    client.on("close", () => {
      // Each try that fails closes too: only the first is news.
      if (wasReady && !this.#closed && client === this.#commands)
        this.#options.log("warn", "redis connection closed", { address: this.address });
      wasReady = false;
    });
    return client;
  }
}
