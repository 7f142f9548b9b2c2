import { Agent, fetch } from "undici";
import { tlsOptions } from "../tls";
import type { RabbitAddress } from "./address";

const askTimeoutMs = 2_000;

/** A queue as the management API tells of it. */
export interface ManagedQueue {
  readonly name: string;
  readonly type?: string;
  readonly messages?: number;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** Asks the management plugin's HTTP API. `undefined` when nothing of the kind answers: AMQP itself has no lists. */
export class Management {
  readonly #address: RabbitAddress;
  readonly #agent: Agent;

  constructor(address: RabbitAddress) {
    this.#address = address;
    this.#agent = new Agent({ connect: tlsOptions(address.certificate) });
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async version(): Promise<string | undefined> {
    const answer = await this.#ask("overview");
    const version = (answer as { rabbitmq_version?: unknown } | undefined)?.rabbitmq_version;
    return typeof version === "string" ? version : undefined;
  }

  /** Those whose names begin with `prefix`, by name; one more than `limit` when there are more. */
  async queues(prefix: string, limit: number): Promise<ManagedQueue[] | undefined> {
    return this.#list<ManagedQueue>("queues", prefix, limit, "name,type,messages,arguments");
  }

  async exchanges(
    prefix: string,
    limit: number,
  ): Promise<{ readonly name: string; readonly type: string }[] | undefined> {
    return this.#list("exchanges", prefix, limit, "name,type");
  }

  async #list<T extends { readonly name: string }>(what: string, prefix: string, limit: number, columns: string) {
    const filter = prefix === "" ? "" : `&use_regex=true&name=${encodeURIComponent(`^${escapeRegex(prefix)}`)}`;
    const vhost = encodeURIComponent(this.#address.vhost);
    const query = `page=1&page_size=${limit + 1}&sort=name&columns=${columns}${filter}`;
    const answer = (await this.#ask(`${what}/${vhost}?${query}`)) as { items?: unknown } | undefined;
    return Array.isArray(answer?.items) ? (answer.items as T[]) : undefined;
  }

  async #ask(path: string): Promise<unknown> {
    const { management, username, password } = this.#address;
    const credentials = Buffer.from(`${username}:${password}`).toString("base64");
    try {
      const response = await fetch(`${management}/api/${path}`, {
        headers: { authorization: `Basic ${credentials}` },
        signal: AbortSignal.timeout(askTimeoutMs),
        dispatcher: this.#agent,
      });
      return response.ok ? await response.json() : undefined;
    } catch {
      // Nothing answers there, or something else does.
      return undefined;
    }
  }
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
