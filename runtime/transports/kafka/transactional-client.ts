import type { Compression, KafkaRecord } from "../../../flow/connection-ports";
import { isTopicMissing } from "./causes";
import { createClient, type KafkaBroker, type KafkaCluster, type KafkaSettings, type ProducerIdentity } from "./client";
import { compressionType } from "./compression";
import { PartitionRecords } from "./seam";
import { withTimeout } from "./session";

/** Kafka takes back a transaction that is open for so long: readers of what it wrote into wait for its end. */
export const transactionTimeoutMs = 60_000;
/** Kafka waits so long for its replicas: less than the client waits for Kafka, so that it is the broker who answers. */
const replicasTimeoutMs = 8_000;
const closeTimeoutMs = 2_000;
const groupCoordinator = 0;
const transactionCoordinator = 1;

/**
 * The requests of one transactional id, each tried once: what to do about a failure is the caller's. kafkajs's own
 * transactional producer is not used: it cannot repeat a commit whose answer was lost, so that nobody knows what became of it.
 */
export class TransactionalClient {
  readonly #transactionalId: string;
  readonly #groupId: string;
  readonly #topic: string;
  readonly #cluster: KafkaCluster;
  /** As long as they answer: asking for them costs as much as asking them. */
  readonly #coordinators = new Map<0 | 1, KafkaBroker>();
  #closed = false;

  constructor(settings: KafkaSettings, transactionalId: string, groupId: string, topic: string) {
    this.#transactionalId = transactionalId;
    this.#groupId = groupId;
    this.#topic = topic;
    const client = createClient(settings);
    client.kafka.producer({ allowAutoTopicCreation: false, createPartitioner: () => () => 0 });
    this.#cluster = client.clusters[0]!;
    // Without a topic to ask for, kafkajs asks for all of them.
    this.#cluster.targetTopics.add(topic);
  }

  /** Fences every earlier producer of the id; a transaction that one left open is ended before this answers. */
  initProducer(): Promise<ProducerIdentity> {
    const transactionalId = this.#transactionalId;
    return this.#ask(transactionCoordinator, (broker) =>
      broker.initProducerId({ transactionalId, transactionTimeout: transactionTimeoutMs }),
    );
  }

  async addPartitions(identity: ProducerIdentity, topics: ReadonlyMap<string, readonly number[]>): Promise<void> {
    const named = [...topics].map(([topic, partitions]) => ({ topic, partitions }));
    await this.#ask(transactionCoordinator, (broker) =>
      broker.addPartitionsToTxn({ ...this.#in(identity), topics: named }),
    );
  }

  async addOffsets(identity: ProducerIdentity): Promise<void> {
    await this.#ask(transactionCoordinator, (broker) =>
      broker.addOffsetsToTxn({ ...this.#in(identity), groupId: this.#groupId }),
    );
  }

  /** `offset` is that of the next message, as groups have it. */
  async commitOffset(identity: ProducerIdentity, partition: number, offset: number): Promise<void> {
    const topics = [{ topic: this.#topic, partitions: [{ partition, offset: String(offset) }] }];
    await this.#ask(groupCoordinator, (broker) =>
      broker.txnOffsetCommit({ ...this.#in(identity), groupId: this.#groupId, topics }),
    );
  }

  /**
   * What the group has committed for a partition, surely no older than now; `undefined` when that is nothing. A coordinator that has just begun to
   * lead answers from what it knows to be replicated, which may lack the commit that a transaction has just made: twice worked, that would be.
   * So something is written first, in a transaction that is given up: what is answered to that is replicated, and so is all before it.
   */
  async readPosition(identity: ProducerIdentity, partition: number): Promise<number | undefined> {
    await this.addOffsets(identity);
    const mark = { partition, offset: "0" };
    const ofTopic = [{ topic: this.#topic, partitions: [mark] }];
    const groupId = this.#groupId;
    // One that leads no longer refuses the question, so both are answered by the same one.
    const { responses } = await this.#ask(groupCoordinator, async (broker) => {
      await broker.txnOffsetCommit({ ...this.#in(identity), groupId, topics: ofTopic });
      return broker.offsetFetch({ groupId, topics: ofTopic });
    });
    await this.end(identity, false);
    const offset = Number(responses[0]?.partitions[0]?.offset ?? -1);
    return offset < 0 ? undefined : offset;
  }

  /** May be repeated: an end that was reached is answered as one that is reached now. */
  async end(identity: ProducerIdentity, commits: boolean): Promise<void> {
    await this.#ask(transactionCoordinator, (broker) =>
      broker.endTxn({ ...this.#in(identity), transactionResult: commits }),
    );
  }

  /** Writes one batch to one partition and says the offset of its first record. */
  async write(
    identity: ProducerIdentity,
    topic: string,
    partition: number,
    firstSequence: number,
    records: readonly KafkaRecord[],
    compression: Compression,
  ): Promise<number> {
    try {
      await this.#connect();
      await this.#cluster.addMultipleTargetTopics([topic]);
      const [leader] = Object.keys(this.#cluster.findLeaderForPartitions(topic, [partition]));
      if (leader === undefined) throw unknownPartition();
      const broker = await this.#cluster.findBroker({ nodeId: leader });
      const messages = new PartitionRecords(partition, records);
      const { topics } = await broker.produce({
        ...this.#in(identity),
        acks: -1,
        timeout: replicasTimeoutMs,
        compression: compressionType(compression),
        topicData: [{ topic, partitions: [{ partition, firstSequence, messages }] }],
      });
      return Number(topics[0]?.partitions[0]?.baseOffset ?? -1);
    } catch (error) {
      // A deleted topic left among the targets would fail every later look at the leaders.
      if (isTopicMissing(error)) this.#cluster.targetTopics.delete(topic);
      throw error;
    }
  }

  /** Looks again who leads; whether that worked shows at the next try. */
  async refreshLeaders(): Promise<void> {
    await this.#cluster.refreshMetadata().catch(() => {});
  }

  async close(): Promise<void> {
    this.#closed = true;
    await withTimeout(this.#cluster.disconnect(), closeTimeoutMs);
  }

  #in(identity: ProducerIdentity) {
    const { producerId, producerEpoch } = identity;
    return { transactionalId: this.#transactionalId, producerId, producerEpoch };
  }

  async #ask<T>(type: 0 | 1, request: (broker: KafkaBroker) => Promise<T>): Promise<T> {
    try {
      return await request(await this.#coordinator(type));
    } catch (error) {
      this.#coordinators.delete(type);
      throw error;
    }
  }

  async #coordinator(type: 0 | 1): Promise<KafkaBroker> {
    const known = this.#coordinators.get(type);
    if (known?.isConnected()) return known;
    await this.#connect();
    const groupId = type === groupCoordinator ? this.#groupId : this.#transactionalId;
    const found = await this.#cluster.findGroupCoordinator({ groupId, coordinatorType: type });
    this.#coordinators.set(type, found);
    return found;
  }

  async #connect(): Promise<void> {
    // kafkajs would connect anew, and nobody would be left to close that.
    if (this.#closed) throw new Error("the transactional client is closed");
    await this.#cluster.connect();
    await this.#cluster.refreshMetadataIfNecessary();
  }
}

function unknownPartition(): Error {
  return Object.assign(new Error("the partition is not known"), {
    type: "UNKNOWN_TOPIC_OR_PARTITION",
    retriable: true,
  });
}
