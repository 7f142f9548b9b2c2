import type { Rest } from "../durability";
import { formatSpan } from "../duration";

/** What a topic's namespace says of what it keeps. Absent: it could not be asked. */
export interface PulsarKeeping {
  /** Of the cluster: one alone is there to try things out. */
  readonly brokers?: number;
  /** Copies written of each message, and how many of them before it counts. */
  readonly writeQuorum?: number;
  readonly ackQuorum?: number;
  /** After all subscriptions have acknowledged: -1 = for ever. */
  readonly retentionMinutes?: number;
  /** What is not acknowledged by then counts as acknowledged. */
  readonly ttlSeconds?: number;
  /** What is done when a backlog is too large. */
  readonly quota?: { readonly policy: string; readonly limitBytes?: number; readonly limitSeconds?: number };
}

export function describeWrittenTopic({ brokers, writeQuorum, ackQuorum, quota }: PulsarKeeping): Rest | undefined {
  if (brokers === 1) {
    return {
      strength: "weak",
      text: "The cluster has one broker, so there is one copy: what its disk loses is lost.",
      mend: "Where it matters, use a cluster of three brokers and bookies.",
      usual: true,
    };
  }
  if (quota?.policy === "consumer_backlog_eviction") return evicted(quota);
  if (ackQuorum === undefined || writeQuorum === undefined) {
    const text = "Acknowledged by the cluster's own quorum of bookies, which its namespace does not tell.";
    return brokers === undefined ? undefined : { strength: "unknown", text };
  }
  if (ackQuorum < 2) {
    return {
      strength: "weak",
      text: "One bookie alone may acknowledge (ack quorum 1): what its disk loses before the others have it is lost.",
      mend: "Give the namespace an ack quorum of 2.",
    };
  }
  return {
    strength: "safe",
    text: `On the disks of ${ackQuorum} of ${writeQuorum} bookies before it counts as written.`,
  };
}

export function describeReadTopic({ ttlSeconds, quota }: PulsarKeeping): Rest | undefined {
  if (quota?.policy === "consumer_backlog_eviction") return evicted(quota);
  if (ttlSeconds !== undefined && ttlSeconds > 0) {
    return {
      strength: "weak",
      text: `What is not acknowledged after ${formatSpan(ttlSeconds * 1_000)} counts as acknowledged, and is not delivered (time to live).`,
      mend: "Take the message TTL off the namespace, or make it longer than the flow may stand still.",
    };
  }
  return { strength: "safe", text: "Pulsar keeps each message until the subscription has acknowledged it." };
}

function evicted({ limitBytes, limitSeconds }: NonNullable<PulsarKeeping["quota"]>): Rest {
  const limit =
    limitSeconds !== undefined
      ? ` older than ${formatSpan(limitSeconds * 1_000)}`
      : limitBytes !== undefined
        ? ` beyond ${Math.round(limitBytes / 1e6)} MB`
        : "";
  return {
    strength: "weak",
    text: `The backlog quota throws away what is not read${limit} (consumer_backlog_eviction).`,
    mend: "Let the quota hold producers back instead: producer_request_hold.",
  };
}
