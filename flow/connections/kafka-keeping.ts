import type { Rest } from "../durability";
import { formatSpan } from "../duration";

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

const dayMs = 86_400_000;

/** How safely a message rests that was written to a topic. */
export function describeWrittenTopic({ brokers, replication, minInSync, uncleanLeaders }: TopicKeeping): Rest {
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

/** How safely a message rests that waits in a topic to be read. */
export function describeReadTopic({ retentionMs, retentionBytes, compacted }: TopicKeeping): Rest {
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

function formatSize(bytes: number): string {
  const power = bytes >= 1e9 ? 3 : bytes >= 1e6 ? 2 : bytes >= 1e3 ? 1 : 0;
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${["B", "kB", "MB", "GB"][power]}`;
}
