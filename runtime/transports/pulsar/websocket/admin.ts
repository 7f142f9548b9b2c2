import type { PulsarTopic } from "../../../../flow/connections/pulsar-topic";
import { TransportError } from "../../../transport";
import { causeOfError, causeOfStatus } from "../causes";
import type { PulsarAdmin, TopicPolicies } from "../seam";
import { findPartition, formatTopic, partitionOf, wholeName } from "../topic";
import { type Entry, readEntry } from "./entry";

const askTimeoutMs = 8_000;

interface Stats {
  readonly subscriptions?: Readonly<Record<string, SubscriptionStats>>;
}

interface SubscriptionStats {
  readonly msgBacklog?: number;
  readonly activeConsumerName?: string | null;
  readonly consumers?: readonly { readonly consumerName?: string; readonly unackedMessages?: number }[];
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

type Method = "GET" | "PUT" | "POST" | "DELETE";

interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

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

  /** The `at`-th entry of a subscription that is not acknowledged, from 1 on. @throws TransportError */
  async peek(topic: PulsarTopic, subscription: string, at: number): Promise<Entry | undefined> {
    const path = `${pathOf(topic)}/subscription/${encodeURIComponent(subscription)}/position/${at}`;
    const answer = await this.#send("GET", path, { topic });
    if (!answer.ok && answer.status !== 404) throw this.#refuse(answer, topic);
    if (!answer.ok || !answer.headers.has("x-pulsar-message-id")) return undefined;
    try {
      return readEntry(answer.headers, answer.body, findPartition(topic.name));
    } catch (error) {
      const message = `What waits in ${formatTopic(topic)} cannot be read.`;
      throw new TransportError({ code: "codec-decode", message }, { cause: error });
    }
  }

  /** Of one partition: who gets messages, where one does, and how many of a shared subscription each has. @throws TransportError */
  async consumers(topic: PulsarTopic, subscription: string) {
    const stats = JSON.parse(await this.#ask("GET", `${pathOf(topic)}/stats`, { topic })) as Stats;
    const { activeConsumerName, consumers = [] } = stats.subscriptions?.[subscription] ?? {};
    const unacknowledged: Record<string, number> = {};
    for (const { consumerName = "", unackedMessages = 0 } of consumers)
      unacknowledged[consumerName] = (unacknowledged[consumerName] ?? 0) + unackedMessages;
    return { active: activeConsumerName || undefined, unacknowledged };
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
    method: Method,
    path: string,
    { topic, body, unless = [] }: { topic?: PulsarTopic; body?: string; unless?: readonly number[] },
  ): Promise<string> {
    const answer = await this.#send(method, path, { topic, body });
    const { ok, status } = answer;
    if (ok) return answer.body.toString();
    if (unless.includes(status) && !/namespace/i.test(answer.body.toString()))
      return status === 404 ? "" : String(status);
    throw this.#refuse(answer, topic);
  }

  async #send(
    method: Method,
    path: string,
    { topic, body }: { topic: PulsarTopic | undefined; body?: string | undefined },
  ): Promise<Answer> {
    try {
      const response = await fetch(`${this.#address}/admin/v2${path}`, {
        method,
        headers: { ...this.#headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.timeout(askTimeoutMs),
      });
      const { ok, status, headers } = response;
      return { ok, status, headers, body: Buffer.from(await response.arrayBuffer()) };
    } catch (error) {
      throw new TransportError(causeOfError(error, this.#about(topic)), { cause: error });
    }
  }

  #refuse({ status, body }: Answer, topic: PulsarTopic | undefined): TransportError {
    const cause = causeOfStatus(status === 412 ? 404 : status, readReason(body.toString()), this.#about(topic));
    return new TransportError(cause);
  }

  #about(topic: PulsarTopic | undefined) {
    return { address: this.#address, ...(topic === undefined ? {} : { topic: formatTopic(topic) }) };
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
