import type { KafkaBroker, KafkaCluster } from "./client";

const partitionBytes = 1024 * 1024;
const answerBytes = 8 * 1024 * 1024;
/** Answers to one fetch of each session of this process, together. */
const allAnswersBytes = 16 * 1024 * 1024;
const leastPartitionBytes = 64 * 1024;

let sessions = 0;

/** What one answer may hold, and one partition in it, while so many sessions of the process fetch. */
export function fetchSizes(partitions: number, sharing = sessions): { maxBytes: number; maxBytesPerPartition: number } {
  const maxBytes = Math.min(answerBytes, Math.floor(allAnswersBytes / Math.max(1, sharing)));
  const each = Math.floor(maxBytes / Math.max(1, partitions));
  return { maxBytes, maxBytesPerPartition: Math.max(leastPartitionBytes, Math.min(partitionBytes, each)) };
}

/**
 * Lets a session fetch its share: kafkajs knows one size for good, and with many flows in a worker the answers that come together would fill
 * its memory. Answers what ends it.
 */
export function shareFetches(cluster: KafkaCluster): () => void {
  sessions++;
  const seen = new WeakSet<KafkaBroker>();
  const find = cluster.findBroker.bind(cluster);
  cluster.findBroker = async (node) => {
    const broker = await find(node);
    if (!seen.has(broker)) {
      seen.add(broker);
      limitFetches(broker);
    }
    return broker;
  };
  return () => {
    sessions--;
  };
}

/**
 * Kafka gives a batch that is larger than the limit only of the first partition that has any: each one is the first in its turn, or one
 * with large batches would wait until those before it are read to their ends.
 */
function limitFetches(broker: KafkaBroker): void {
  const fetch = broker.fetch.bind(broker);
  let turn = 0;
  broker.fetch = (request) => {
    const count = request.topics.reduce((sum, { partitions }) => sum + partitions.length, 0);
    const { maxBytes, maxBytesPerPartition } = fetchSizes(count);
    turn++;
    const topics = request.topics.map(({ topic, partitions }) => {
      const first = turn % partitions.length;
      const inTurn = [...partitions.slice(first), ...partitions.slice(0, first)];
      return { topic, partitions: inTurn.map((each) => ({ ...each, maxBytes: maxBytesPerPartition })) };
    });
    return fetch({ ...request, maxBytes, topics });
  };
}
