import type { TopicKeeping } from "../../../flow/connections/kafka-keeping";
import type { KafkaBroker, KafkaCluster, KafkaSettings } from "./client";
import { createClient } from "./client";
import { readKeeping } from "./keeping";
import type { ReadRecords } from "./record-reader";
import type { OpenRequest, Requests } from "./requests";

/** Where a partition's log begins and ends: `low` is the oldest offset kept, `high` the one that the next message gets. */
export interface Watermarks {
  readonly low: number;
  readonly high: number;
}

export interface TopicPartitions {
  readonly topic: string;
  /** Of the cluster. */
  readonly brokers: number;
  /** Copies of the partition that has the fewest. */
  readonly replication: number;
  readonly partitions: readonly { readonly id: number; readonly leader: number }[];
}

const latest = -1;
const earliest = -2;
const readUncommitted = 0;
const readCommitted = 1;

/**
 * What we ask a cluster outside of producing and consuming. It goes to the brokers themselves and not through kafkajs's
 * admin client: that one keeps a single metadata cache, replaced by each question, so two at once mix up their topics, and
 * one deleted topic breaks them all.
 */
export class KafkaQuestions {
  readonly #settings: KafkaSettings;
  #cluster: KafkaCluster | undefined;
  #requests: Requests | undefined;

  constructor(settings: KafkaSettings) {
    this.#settings = settings;
  }

  /** The question that has waited longest for its answer. */
  get waitingFor(): OpenRequest | undefined {
    return this.#requests?.oldest();
  }

  /** Topics with their partitions, by name; all of them when none is named. @throws when one of those named is missing. */
  async topics(names: readonly string[] = []): Promise<{ brokers: number; topics: TopicPartitions[] }> {
    const broker = await this.#anyBroker();
    const metadata = await broker.metadata(names);
    const topics = metadata.topicMetadata
      .filter((topic) => topic.isInternal !== true && !topic.topic.startsWith("__"))
      .map((topic) => ({
        topic: topic.topic,
        brokers: metadata.brokers.length,
        replication: Math.min(...topic.partitionMetadata.map(({ replicas }) => replicas.length)),
        partitions: topic.partitionMetadata
          .map((partition) => ({ id: partition.partitionId, leader: partition.leader }))
          .sort((a, b) => a.id - b.id),
      }))
      .sort((a, b) => (a.topic < b.topic ? -1 : 1));
    return { brokers: metadata.brokers.length, topics };
  }

  /** Which cluster this is, whatever address it is reached by. */
  async clusterId(): Promise<string | undefined> {
    return (await (await this.#anyBroker()).metadata([])).clusterId;
  }

  /** One topic. @throws when it is missing. */
  async topic(name: string): Promise<TopicPartitions> {
    const { topics } = await this.topics([name]);
    const found = topics.find((topic) => topic.topic === name);
    if (found === undefined) throw Object.assign(new Error("unknown topic"), { type: "UNKNOWN_TOPIC_OR_PARTITION" });
    return found;
  }

  /** What some topics keep, by name. */
  async keeping(topics: readonly TopicPartitions[]): Promise<Map<string, TopicKeeping>> {
    return readKeeping(await this.#anyBroker(), topics);
  }

  /** Watermarks of every partition of some topics. */
  async watermarks(topics: readonly TopicPartitions[]): Promise<Map<string, Map<number, Watermarks>>> {
    const [lows, highs] = await Promise.all([this.#listOffsets(topics, earliest), this.#listOffsets(topics, latest)]);
    const result = new Map<string, Map<number, Watermarks>>();
    for (const { topic, partitions } of topics) {
      const marks = new Map<number, Watermarks>();
      for (const { id } of partitions) {
        const low = lows.get(`${topic}/${id}`);
        const high = highs.get(`${topic}/${id}`);
        if (low !== undefined && high !== undefined) marks.set(id, { low, high });
      }
      result.set(topic, marks);
    }
    return result;
  }

  /** The first offset at or after a time, per partition; partitions without one are left out. */
  async offsetsAt(topic: TopicPartitions, time: number): Promise<Map<number, number>> {
    const offsets = await this.#listOffsets([topic], time);
    const result = new Map<number, number>();
    for (const { id } of topic.partitions) {
      const offset = offsets.get(`${topic.topic}/${id}`);
      if (offset !== undefined && offset >= 0) result.set(id, offset);
    }
    return result;
  }

  /** What a group has committed for a topic, per partition; partitions without a committed offset are left out. */
  async committed(groupId: string, topic: Pick<TopicPartitions, "topic" | "partitions">): Promise<Map<number, number>> {
    const coordinator = await (await this.#connect()).findGroupCoordinator({ groupId });
    const partitions = topic.partitions.map(({ id }) => ({ partition: id, offset: "0" }));
    const { responses } = await coordinator.offsetFetch({ groupId, topics: [{ topic: topic.topic, partitions }] });
    const result = new Map<number, number>();
    for (const { partition, offset } of responses.flatMap((response) => response.partitions)) {
      if (Number(offset) >= 0) result.set(partition, Number(offset));
    }
    return result;
  }

  /** Takes a member out of its group, from outside. */
  async expel(groupId: string, memberId: string): Promise<void> {
    const coordinator = await (await this.#connect()).findGroupCoordinator({ groupId });
    await coordinator.leaveGroup({ groupId, memberId });
  }

  /** Commits for a group from outside. @throws when the group has members: only they may. */
  async commitForEmptyGroup(groupId: string, topic: string, offsets: ReadonlyMap<number, number>): Promise<void> {
    const coordinator = await (await this.#connect()).findGroupCoordinator({ groupId });
    const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset: String(offset) }));
    await coordinator.offsetCommit({ groupId, groupGenerationId: -1, memberId: "", topics: [{ topic, partitions }] });
  }

  /** The records of one partition from an offset on, as many as one answer holds, and where it ends; no group is involved. */
  async read(
    topic: string,
    partition: { id: number; leader: number },
    from: number,
    maxBytes: number,
  ): Promise<ReadRecords> {
    const read = await this.readFrom(topic, partition.leader, new Map([[partition.id, from]]), maxBytes);
    return read.get(partition.id) ?? { batches: [], end: from };
  }

  /** As `read`, for several partitions of one leader: answers as soon as one of them has something. */
  async readFrom(
    topic: string,
    leader: number,
    from: ReadonlyMap<number, number>,
    maxBytes: number,
    maxWaitTime = 100,
  ): Promise<Map<number, ReadRecords>> {
    const broker = await this.#brokerOf(leader);
    const partitions = [...from].map(([partition, offset]) => ({ partition, fetchOffset: String(offset), maxBytes }));
    const { responses } = await broker.fetch({
      maxWaitTime,
      minBytes: 1,
      maxBytes,
      isolationLevel: readCommitted,
      rackId: "",
      topics: [{ topic, partitions }],
    });
    const answers = responses.flatMap((response) => response.partitions);
    return new Map(answers.flatMap(({ partition, messages }) => messages.map((read) => [partition, read] as const)));
  }

  async close(): Promise<void> {
    const cluster = this.#cluster;
    this.#cluster = undefined;
    await cluster?.disconnect();
  }

  async #connect(): Promise<KafkaCluster> {
    if (this.#cluster === undefined) {
      const client = createClient(this.#settings);
      client.kafka.admin();
      this.#cluster = client.clusters[0]!;
      this.#requests = client.requests;
    }
    await this.#cluster.connect();
    return this.#cluster;
  }

  async #anyBroker(): Promise<KafkaBroker> {
    return (await this.#connect()).brokerPool.findConnectedBroker();
  }

  /** A broker by its id. The pool learns the brokers' addresses from metadata: ask once more when it does not know it. */
  async #brokerOf(nodeId: number): Promise<KafkaBroker> {
    const cluster = await this.#connect();
    try {
      return await cluster.findBroker({ nodeId: String(nodeId) });
    } catch {
      await cluster.refreshMetadata();
      return cluster.findBroker({ nodeId: String(nodeId) });
    }
  }

  async #listOffsets(topics: readonly TopicPartitions[], timestamp: number): Promise<Map<string, number>> {
    const byLeader = new Map<number, Map<string, { partition: number; timestamp: number }[]>>();
    for (const { topic, partitions } of topics) {
      for (const { id, leader } of partitions) {
        const ofLeader = byLeader.get(leader) ?? new Map<string, { partition: number; timestamp: number }[]>();
        byLeader.set(leader, ofLeader);
        ofLeader.set(topic, [...(ofLeader.get(topic) ?? []), { partition: id, timestamp }]);
      }
    }
    const result = new Map<string, number>();
    await Promise.all(
      [...byLeader].map(async ([leader, ofLeader]) => {
        const broker = await this.#brokerOf(leader);
        const { responses } = await broker.listOffsets({
          isolationLevel: readUncommitted,
          topics: [...ofLeader].map(([topic, partitions]) => ({ topic, partitions })),
        });
        for (const { topic, partitions } of responses) {
          for (const { partition, offset } of partitions) result.set(`${topic}/${partition}`, Number(offset));
        }
      }),
    );
    return result;
  }
}
