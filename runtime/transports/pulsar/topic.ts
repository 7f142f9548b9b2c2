import type { PulsarTopic } from "../../../flow/connections/pulsar-topic";

export function formatTopic({ tenant, namespace, name }: PulsarTopic): string {
  return `persistent://${tenant}/${namespace}/${name}`;
}

/** One partition, as Pulsar calls it; the topic itself when it has none. */
export function partitionOf(topic: PulsarTopic, partition: number | null): PulsarTopic {
  return partition === null ? topic : { ...topic, name: `${topic.name}-partition-${partition}` };
}

const partitionEnd = /-partition-(\d+)$/;

/** -1 = it is none. */
export function findPartition(name: string): number {
  return Number(partitionEnd.exec(name)?.[1] ?? -1);
}

/** The topic that a partition belongs to. */
export function wholeName(name: string): string {
  return name.replace(partitionEnd, "");
}
