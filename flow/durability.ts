import type { NodeSemantics } from "./kind";

/** What a topic keeps, as its cluster says. Absent: the cluster did not say. */
export interface TopicKeeping {
  /** Of the cluster: one alone can keep no copies. */
  readonly brokers?: number;
  /** Copies of each partition; of the one with the fewest. */
  readonly replication: number;
  /** `min.insync.replicas`: that many have a message before it counts as written. */
  readonly minInSync?: number;
  /** -1 = for ever. */
  readonly retentionMs?: number;
  /** Of each partition; -1 = without limit. */
  readonly retentionBytes?: number;
  /** Older messages of a key are removed. */
  readonly compacted?: boolean;
  /** A replica that lags behind may lead. */
  readonly uncleanLeaders?: boolean;
}

/** What the server behind a queue connection keeps when it is killed. */
export type QueueKeeping =
  | { readonly server: "postgres" }
  | {
      readonly server: "redis";
      /** The append-only file is written. */
      readonly appendOnly: boolean;
      /** How often that file goes to the disk; absent when the server does not say. */
      readonly fsync?: "always" | "everysec" | "no";
      /** What it does when its memory is full, where that is not to refuse. */
      readonly evicts?: string;
    };

/** What a worker found out about the places of one connection. */
export interface ConnectionKeeping {
  readonly topics?: Readonly<Record<string, TopicKeeping>>;
  readonly queues?: QueueKeeping;
}
/** By name of the connection; those that could not be asked are left out. */
export type KeepingFacts = Readonly<Record<string, ConnectionKeeping>>;

/** How safely a message rests somewhere. `weak`: something is lost when the server is killed or the log is cut. `unknown`: nobody could be asked. */
export interface Rest {
  readonly strength: "safe" | "weak" | "unknown";
  /** A sentence. */
  readonly text: string;
  /** What would make it safe, where it is weak. */
  readonly mend?: string;
  /** Weak by the whole cluster, which is there to try things out: told, not marked. */
  readonly usual?: boolean;
}

const dayMs = 86_400_000;

/** Where the message of a node rests; `undefined` where nothing rests. `facts` are what a worker could find out. */
export function describeRest(
  semantics: NodeSemantics,
  facts: KeepingFacts = {},
  /** The connection in whose Redis the flow holds (`settings.holding`). */
  holdsIn?: string,
): Rest | undefined {
  if (semantics.keptIn) return holdsIn === undefined ? heldInPostgres : describeHeld(holdsIn, facts[holdsIn]?.queues);
  const own = semantics.source?.durability ?? semantics.durability;
  const { place } = semantics;
  const kept = place && facts[place.connection];
  if (place?.type === "queue" && kept?.queues) return describeQueue(kept.queues);
  const topic = place?.type === "topic" && place.name !== undefined ? kept?.topics?.[place.name] : undefined;
  if (topic) return semantics.source ? describeSourceTopic(topic) : describeSinkTopic(topic);
  return own === undefined ? undefined : { strength: "unknown", text: own };
}

const heldInPostgres: Rest = {
  strength: "safe",
  text: "Held in Postgres, which has it on its disk before it counts.",
};

function describeHeld(connection: string, kept: QueueKeeping | undefined): Rest {
  const mend = "Set `appendonly yes` and `appendfsync always`.";
  if (kept?.server !== "redis") {
    const text =
      kept === undefined
        ? `Held in the Redis of \`${connection}\`, which could not be asked what it keeps.`
        : `There is no Redis behind \`${connection}\`, so nothing can be held.`;
    return { strength: "unknown", text };
  }
  if (!kept.appendOnly || kept.evicts?.startsWith("allkeys")) {
    const text = `The Redis of \`${connection}\` would lose what is held, so it takes nothing.`;
    return {
      strength: "weak",
      text,
      mend: kept.appendOnly ? "Set `maxmemory-policy noeviction`." : mend,
    };
  }
  if (kept.fsync === "always")
    return { strength: "safe", text: "Held in Redis, which has it on its disk before it counts." };
  const text =
    kept.fsync === undefined
      ? "Held in Redis, which writes an append-only file; it does not say how often that goes to the disk."
      : "Held in Redis, which writes to its disk now and then: when it is killed, what was held in the last seconds may be gone.";
  return kept.fsync === undefined ? { strength: "unknown", text } : { strength: "weak", text, mend };
}

function describeQueue(kept: QueueKeeping): Rest {
  if (kept.server === "postgres") {
    return {
      strength: "safe",
      text: "Jobs are kept in Postgres, which has each on its disk before it counts as added.",
    };
  }
  if (kept.evicts !== undefined) {
    return {
      strength: "weak",
      text: `Redis removes keys when its memory is full (\`maxmemory-policy ${kept.evicts}\`), and with them jobs.`,
      mend: "Set `maxmemory-policy noeviction`.",
    };
  }
  const mend = "Set `appendonly yes` and `appendfsync always`.";
  if (!kept.appendOnly) {
    const text = "Redis writes no append-only file: when it is killed, jobs since its last snapshot are gone.";
    return { strength: "weak", text, mend };
  }
  if (kept.fsync === "always") return { strength: "safe", text: "Redis has each job on its disk before it answers." };
  if (kept.fsync === undefined) {
    const text = "Redis writes an append-only file; it does not say how often that goes to the disk.";
    return { strength: "unknown", text };
  }
  const text =
    kept.fsync === "everysec"
      ? "Redis writes to its disk once a second: when it is killed, the jobs of the last second may be gone."
      : "Redis leaves it to the system when its disk is written: when its machine fails, the jobs of the last half minute may be gone.";
  return { strength: "weak", text, mend: "Set `appendfsync always`." };
}

function describeSinkTopic({ brokers, replication, minInSync, uncleanLeaders }: TopicKeeping): Rest {
  if (brokers === 1) {
    return {
      strength: "weak",
      text: "The cluster has one broker, so there is one copy: what its disk loses is lost.",
      mend: "Where it matters, use a cluster of three brokers, with three replicas and `min.insync.replicas` 2.",
      usual: true,
    };
  }
  if (replication < 2) {
    return {
      strength: "weak",
      text: "The topic has one copy: what its broker's disk loses is lost.",
      mend: "Give the topic three replicas and `min.insync.replicas` 2.",
    };
  }
  const copies = `${replication} replicas`;
  if (uncleanLeaders) {
    return {
      strength: "weak",
      text: `The topic has ${copies}, but one that lags behind may lead, and what it lacks is lost.`,
      mend: "Set `unclean.leader.election.enable` to false.",
    };
  }
  if (minInSync === undefined) {
    const text = `Acknowledged by all in-sync replicas of ${replication}; the cluster does not say how many must be in sync.`;
    return { strength: "unknown", text };
  }
  if (minInSync < 2) {
    return {
      strength: "weak",
      text: `The topic has ${copies}, but one alone may acknowledge when the others are behind (\`min.insync.replicas\` 1).`,
      mend: "Set `min.insync.replicas` to 2.",
    };
  }
  return { strength: "safe", text: `On at least ${minInSync} of ${copies} before it counts as written.` };
}

function describeSourceTopic({ retentionMs, retentionBytes, compacted }: TopicKeeping): Rest {
  if (compacted) {
    return {
      strength: "weak",
      text: "The topic is compacted: of messages with one key that were not read yet, the older ones may be gone.",
      mend: "Read a topic with `cleanup.policy` delete where each message counts.",
    };
  }
  const limits = [
    retentionMs !== undefined && retentionMs >= 0 ? `for ${formatSpan(retentionMs)}` : "",
    retentionBytes !== undefined && retentionBytes >= 0 ? `up to ${formatSize(retentionBytes)} a partition` : "",
  ].filter(Boolean);
  if (limits.length > 0) {
    const text = `Kafka keeps messages ${limits.join(" and ")}: what is not read by then is gone.`;
    const short = retentionMs !== undefined && retentionMs >= 0 && retentionMs < dayMs;
    if (!short) return { strength: "safe", text };
    return { strength: "weak", text, mend: "Keep them longer than the flow may stand still: raise `retention.ms`." };
  }
  if (retentionMs === undefined) {
    return {
      strength: "unknown",
      text: "Kafka keeps messages as long as the topic's retention, which it does not tell.",
    };
  }
  return { strength: "safe", text: "Kafka keeps messages for ever." };
}

/** `90 s`, `5 min`, `1 h`, `7 days`: the largest unit that leaves no rest worth telling. */
export function formatSpan(ms: number): string {
  const units = [
    [dayMs, "day"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1_000, "s"],
  ] as const;
  const [size, unit] = units.find(([each]) => ms >= each && ms % each === 0) ?? [1, "ms"];
  const count = ms / size;
  return `${count} ${unit}${unit === "day" && count !== 1 ? "s" : ""}`;
}

function formatSize(bytes: number): string {
  const power = bytes >= 1e9 ? 3 : bytes >= 1e6 ? 2 : bytes >= 1e3 ? 1 : 0;
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${["B", "kB", "MB", "GB"][power]}`;
}
