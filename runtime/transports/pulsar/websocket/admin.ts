import type { PulsarTopic } from "../../../../flow/connections/pulsar-topic";
import { TransportError } from "../../../transport";
import { causeOfError, causeOfStatus } from "../causes";
import type { PulsarAdmin, TopicPolicies } from "../seam";
import { formatTopic, partitionOf, wholeName } from "../topic";

const askTimeoutMs = 8_000;

interface Stats {
  readonly subscriptions?: Readonly<Record<string, { readonly msgBacklog?: number }>>;
}

interface InternalStats {
  readonly numberOfEntries?: number;
  readonly currentLedgerEntries?: number;
  readonly ledgers?: readonly { readonly ledgerId: number; readonly entries: number }[];
}

interface Policies {
  readonly persistence?: { readonly bookkeeperWriteQuorum?: number; readonly bookkeeperAckQuorum?: number } | null;
  readonly retention_policies?: { readonly retentionTimeInMinutes?: number } | null;
  readonly message_ttl_in_seconds?: number | null;
  readonly deduplicationEnabled?: boolean | null;
}

type Quotas = Readonly<
  Record<string, { readonly policy?: string; readonly limitSize?: number; readonly limitTime?: number }>
>;

/** Ids of Pulsar's ends: before the first message, and behind the last. Beyond what a JavaScript number holds. */
const ends = { earliest: "-1", latest: "9223372036854775807" };

/** Pulsar's admin API over HTTP. */
export class WebAdmin implements PulsarAdmin {
  readonly #address: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(address: string, headers: Readonly<Record<string, string>>) {
    this.#address = address;
    this.#headers = headers;
  }

  async version(): Promise<string> {
    return (await this.#ask("GET", "/brokers/version", {})).trim().replaceAll('"', "");
  }

  async partitions(topic: PulsarTopic): Promise<number | undefined> {
    const text = await this.#ask("GET", `${pathOf(topic)}/partitions`, { topic, unless: [404] });
    return text === "" ? undefined : (JSON.parse(text) as { partitions: number }).partitions;
  }

  async topics(tenant: string, namespace: string): Promise<string[]> {
    const path = `/persistent/${encodeURIComponent(tenant)}/${encodeURIComponent(namespace)}`;
    const [all, partitioned] = await Promise.all([
      this.#list(`${path}?includeSystemTopic=false`),
      this.#list(`${path}/partitioned`),
    ]);
    const names = [...partitioned, ...all.map(wholeName)].map((name) => name.slice(name.lastIndexOf("/") + 1));
    return [...new Set(names)].filter((name) => !name.startsWith("__")).sort();
  }

  async namespaces(tenant: string): Promise<string[]> {
    return this.#list(`/namespaces/${encodeURIComponent(tenant)}`);
  }

  async subscriptions(topic: PulsarTopic): Promise<string[]> {
    return JSON.parse(await this.#ask("GET", `${pathOf(topic)}/subscriptions`, { topic })) as string[];
  }

  async createSubscription(topic: PulsarTopic, name: string, from: "earliest" | "latest"): Promise<boolean> {
    const path = `${pathOf(topic)}/subscription/${encodeURIComponent(name)}`;
    const body = `{"ledgerId":${ends[from]},"entryId":${ends[from]},"partitionIndex":-1}`;
    return (await this.#ask("PUT", path, { topic, body, unless: [409] })) !== "409";
  }

  async deleteSubscription(topic: PulsarTopic, name: string): Promise<void> {
    const path = `${pathOf(topic)}/subscription/${encodeURIComponent(name)}`;
    await this.#ask("DELETE", path, { topic, unless: [404] });
  }

  async seek(topic: PulsarTopic, subscription: string, time: number): Promise<void> {
    const path = `${pathOf(topic)}/subscription/${encodeURIComponent(subscription)}/resetcursor/${Math.floor(time)}`;
    await this.#ask("POST", path, { topic });
  }

  async backlogs(topic: PulsarTopic, partitions: number): Promise<Readonly<Record<string, number>>[]> {
    const options = "getPreciseBacklog=true&subscriptionBacklogSize=false&getEarliestTimeInBacklog=false";
    if (partitions === 0) {
      return [readBacklog(JSON.parse(await this.#ask("GET", `${pathOf(topic)}/stats?${options}`, { topic })) as Stats)];
    }
    const text = await this.#ask("GET", `${pathOf(topic)}/partitioned-stats?perPartition=true&${options}`, { topic });
    const stats = (JSON.parse(text) as { partitions?: Readonly<Record<string, Stats>> }).partitions ?? {};
    return Array.from({ length: partitions }, (_, index) =>
      readBacklog(stats[formatTopic(partitionOf(topic, index))] ?? {}),
    );
  }

  async messages(topic: PulsarTopic, partitions: number): Promise<number> {
    const name = partitions === 0 ? "internalStats" : "partitioned-internalStats";
    const stats: unknown = JSON.parse(await this.#ask("GET", `${pathOf(topic)}/${name}`, { topic }));
    const each =
      partitions === 0
        ? [stats as InternalStats]
        : Object.values((stats as { partitions?: Readonly<Record<string, InternalStats>> }).partitions ?? {});
    return each.reduce((sum, { numberOfEntries = 0 }) => sum + numberOfEntries, 0);
  }

  async ledgers(topic: PulsarTopic): Promise<{ ledger: bigint; entries: number }[]> {
    const text = await this.#ask("GET", `${pathOf(topic)}/internalStats`, { topic });
    const { ledgers = [], currentLedgerEntries = 0 } = JSON.parse(text) as InternalStats;
    return ledgers.map(({ ledgerId, entries }, index) => ({
      ledger: BigInt(ledgerId),
      // That of the one being written is not in its line.
      entries: index === ledgers.length - 1 ? Math.max(entries, currentLedgerEntries) : entries,
    }));
  }

  async createTopic(topic: PulsarTopic, partitions: number): Promise<boolean> {
    const answer =
      partitions === 0
        ? await this.#ask("PUT", pathOf(topic), { topic, unless: [409] })
        : await this.#ask("PUT", `${pathOf(topic)}/partitions`, { topic, body: String(partitions), unless: [409] });
    return answer !== "409";
  }

  async policies(topic: PulsarTopic): Promise<TopicPolicies> {
    const namespace = `/namespaces/${encodeURIComponent(topic.tenant)}/${encodeURIComponent(topic.namespace)}`;
    // Each is a right of its own.
    const [policies, quotas, brokers] = await Promise.all([
      this.#try<Policies>(namespace),
      this.#try<Quotas>(`${namespace}/backlogQuotaMap`),
      this.#try<string[]>("/brokers"),
    ]);
    const { persistence, retention_policies: retention, message_ttl_in_seconds: ttl } = policies ?? {};
    const [quota] = Object.values(quotas ?? {});
    return {
      ...(brokers === undefined ? {} : { brokers: brokers.length }),
      ...(persistence?.bookkeeperAckQuorum ? { ackQuorum: persistence.bookkeeperAckQuorum } : {}),
      ...(persistence?.bookkeeperWriteQuorum ? { writeQuorum: persistence.bookkeeperWriteQuorum } : {}),
      ...(policies === undefined ? {} : { retentionMinutes: retention?.retentionTimeInMinutes ?? 0 }),
      ...(ttl ? { ttlSeconds: ttl } : {}),
      ...(policies?.deduplicationEnabled ? { deduplication: true } : {}),
      ...(quota?.policy === undefined
        ? {}
        : {
            quota: {
              policy: quota.policy,
              ...((quota.limitSize ?? -1) > 0 ? { limitBytes: quota.limitSize! } : {}),
              ...((quota.limitTime ?? -1) > 0 ? { limitSeconds: quota.limitTime! } : {}),
            },
          }),
    };
  }

  async #list(path: string): Promise<string[]> {
    return JSON.parse(await this.#ask("GET", path, {})) as string[];
  }

  async #try<T>(path: string): Promise<T | undefined> {
    try {
      return JSON.parse(await this.#ask("GET", path, {})) as T;
    } catch {
      return undefined;
    }
  }

  /** The answer's text; of a status in `unless`, for 404 nothing, else the status. */
  async #ask(
    method: "GET" | "PUT" | "POST" | "DELETE",
    path: string,
    { topic, body, unless = [] }: { topic?: PulsarTopic; body?: string; unless?: readonly number[] },
  ): Promise<string> {
    const about = { address: this.#address, ...(topic === undefined ? {} : { topic: formatTopic(topic) }) };
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${this.#address}/admin/v2${path}`, {
        method,
        headers: { ...this.#headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.timeout(askTimeoutMs),
      });
      text = await response.text();
    } catch (error) {
      throw new TransportError(causeOfError(error, about), { cause: error });
    }
    if (response.ok) return text;
    if (unless.includes(response.status) && !/namespace/i.test(text))
      return response.status === 404 ? "" : String(response.status);
    throw new TransportError(causeOfStatus(response.status === 412 ? 404 : response.status, readReason(text), about));
  }
}

function pathOf({ tenant, namespace, name }: PulsarTopic): string {
  return `/persistent/${[tenant, namespace, name].map(encodeURIComponent).join("/")}`;
}

function readBacklog({ subscriptions = {} }: Stats): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(subscriptions).map(([name, { msgBacklog = 0 }]) => [name, msgBacklog]));
}

function readReason(text: string): string {
  try {
    return String((JSON.parse(text) as { reason?: unknown }).reason ?? text);
  } catch {
    return /<title>([\s\S]*?)<\/title>/.exec(text)?.[1] ?? text;
  }
}
