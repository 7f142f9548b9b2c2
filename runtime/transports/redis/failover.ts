import { Redis, type RedisOptions } from "ioredis";
import { sleep } from "../../backoff";

const retryMs = 1_000;

/**
 * Hears from the sentinels that another server is the primary now. The old one may go on answering for some ten seconds until they have made it
 * a replica, and what it takes meanwhile is lost: whoever is connected to it should leave at once. One sentinel is listened to at a time.
 */
export class FailoverWatch {
  /** Why the last sentinel that was asked could not be; its clients say only that none could. */
  trouble: unknown;
  readonly #stopping = new AbortController();
  #listening: Redis | undefined;
  #primary = "";

  constructor(
    readonly sentinels: readonly { readonly host: string; readonly port: number }[],
    /** Of a connection to one of them. */
    readonly options: RedisOptions,
    readonly name: string,
    readonly switched: (host: string, port: number) => void,
  ) {
    void this.#run();
  }

  stop(): void {
    this.#stopping.abort();
    this.#listening?.disconnect();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let at = 0; !signal.aborted; at = (at + 1) % this.sentinels.length) {
      // The next one is asked: this one is away, or does not know the primary.
      await this.#listen(this.sentinels[at]!).catch(() => {});
      if (!signal.aborted) await sleep(retryMs, signal);
    }
  }

  /** Until the connection ends. @throws when it cannot be listened to. */
  async #listen(sentinel: { readonly host: string; readonly port: number }): Promise<void> {
    const client = new Redis({ ...this.options, ...sentinel, lazyConnect: true, retryStrategy: null });
    this.#listening = client;
    const ended = new Promise<void>((resolve) => client.once("end", resolve));
    client.on("error", (error) => {
      this.trouble = error;
    });
    client.on("message", (_channel, message: string) => {
      const [name, , , host, port] = message.split(" ");
      if (name === this.name) this.#tell(host!, port!);
    });
    try {
      await client.connect();
      const told = (await client.call("SENTINEL", "get-master-addr-by-name", this.name)) as [string, string] | null;
      this.trouble = undefined;
      if (told === null) return;
      // It may have changed while nobody listened.
      this.#tell(...told);
      await client.subscribe("+switch-master");
      await ended;
    } finally {
      client.disconnect();
    }
  }

  #tell(host: string, port: string): void {
    const before = this.#primary;
    this.#primary = `${host}:${port}`;
    if (before !== "" && before !== this.#primary) this.switched(host, Number(port));
  }
}
