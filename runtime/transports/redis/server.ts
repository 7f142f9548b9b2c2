import type { Socket } from "node:net";
import { Cluster, Redis, type RedisOptions } from "ioredis";
import { TransportError, type TransportOptions } from "../../transport";
import { readCertificate, type TlsOptions, tlsOptions } from "../tls";
import { within } from "../within";
import { nameAddress, type RedisAddress, readAddress } from "./address";
import { NoPrimaryError } from "./causes";
import { FailoverWatch } from "./failover";
import { askEveryMs, watchSilence } from "./silence";

export type RedisClient = Redis | Cluster;

const readyTimeoutMs = 2_000;
const commandTimeoutMs = 8_000;
/** A sentinel that is silent is not waited for: the next one may answer. */
const sentinelTimeoutMs = 1_500;

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
  /** Connections to the primary that sentinels told of. */
  readonly #found = new Set<Redis>();
  #failovers: FailoverWatch | undefined;
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
    this.address =
      config.mode === "sentinel" ? `${this.#primary} behind sentinels ${nameAddress(at)}` : nameAddress(at);
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
      ...(tls ? { tls: this.#tlsOptions() } : {}),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...options,
    };
    if (config.mode === "cluster") {
      const cluster = new Cluster([...hosts], {
        enableOfflineQueue: false,
        clusterRetryStrategy: (times) => Math.min(100 * times, 2_000),
        redisOptions: usual,
        // Looked up by the client itself, a name would not be there any more when the certificate is held against it.
        ...(tls ? { dnsLookup: (host, found) => found(null, host) } : {}),
      });
      cluster.on("+node", (node: Redis) => this.#watch(node));
      return this.#listen(cluster);
    }
    const client = config.mode === "sentinel" ? this.#findPrimary(usual) : new Redis({ ...usual, ...hosts[0], db });
    this.#watch(client);
    return this.#listen(client);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#failovers?.stop();
    this.#commands?.disconnect();
    this.#commands = undefined;
  }

  /** A connection to whatever server the sentinels call the primary, now and whenever it is lost. */
  #findPrimary(usual: RedisOptions): Redis {
    const { tls, hosts, db } = this.#at;
    const { sentinelPassword } = this.#options.secrets;
    const client = new Redis({
      ...usual,
      db,
      sentinels: [...hosts],
      name: this.#primary,
      ...(sentinelPassword ? { sentinelPassword } : {}),
      ...(tls ? { sentinelTLS: this.#tlsOptions() } : {}),
      enableTLSForSentinelMode: tls,
      sentinelCommandTimeout: sentinelTimeoutMs,
      sentinelRetryStrategy: (times) => Math.min(100 * times, 2_000),
    });
    this.#found.add(client);
    client.on("end", () => this.#found.delete(client));
    if (!this.#closed) this.#failovers ??= this.#watchFailovers();
    return client;
  }

  #watchFailovers(): FailoverWatch {
    const { sentinelPassword: password } = this.#options.secrets;
    const options: RedisOptions = {
      protocol: 2,
      enableReadyCheck: false,
      connectTimeout: 3_000,
      commandTimeout: sentinelTimeoutMs,
      keepAlive: 10_000,
      ...(password ? { password } : {}),
      ...(this.#at.tls ? { tls: this.#tlsOptions() } : {}),
    };
    return new FailoverWatch(this.#at.hosts, options, this.#primary, (host, port) => {
      this.#options.log("info", "the sentinels have made another redis the primary", { address: this.address });
      for (const client of this.#found) {
        const { remoteAddress, remotePort } = (client.stream ?? {}) as Partial<Socket>;
        const isThere = remotePort === port && remoteAddress?.replace(/^::ffff:/, "") === host;
        // One that is being connected must not be disturbed: the client would give it up for good.
        if (!isThere && client.status === "ready") client.disconnect(true);
      }
    });
  }

  /** Why no sentinel told of the primary: the client says that the connection was closed, whoever listens to them why. */
  #explain(error: Error, isUnknown: boolean): NoPrimaryError {
    const options = isUnknown ? undefined : { cause: this.#failovers?.trouble ?? error };
    return new NoPrimaryError(this.#primary, nameAddress({ hosts: this.#at.hosts, db: 0 }), options);
  }

  get #primary(): string {
    return String(this.#options.config.primary ?? "mymaster");
  }

  #tlsOptions(): TlsOptions {
    const { config } = this.#options;
    // Of a cluster, or behind sentinels, each server is known by its own name.
    const isOne = config.mode !== "cluster" && config.mode !== "sentinel";
    return tlsOptions(readCertificate(config), isOne ? this.#at.hosts[0]?.host : undefined);
  }

  #watch(client: Redis): void {
    const asking = setInterval(watchSilence(client, this.#pings), askEveryMs);
    client.on("end", () => {
      clearInterval(asking);
      this.#pings.delete(client);
    });
  }

  #listen<Client extends RedisClient>(client: Client): Client {
    let isUnknown = false;
    // Without a listener, an error would be thrown.
    client.on("error", (error: Error & { lastNodeError?: unknown }) => {
      const isOfSentinels = error.message.startsWith("All sentinels are unreachable");
      this.#errors.set(client, isOfSentinels ? this.#explain(error, isUnknown) : (error.lastNodeError ?? error));
      isUnknown = false;
    });
    // Told of each, before it is told that none of them helped.
    client.on("sentinelError", ({ message }: Error) => {
      isUnknown ||= /No such master|invalid reply: null/.test(message);
    });
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
