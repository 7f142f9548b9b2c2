import { type Admin, type ITopicConfig, Kafka, logLevel, type Message, Partitioners } from "kafkajs";
import { sleep } from "../backoff";

/** Plain kafkajs, as another program would use it: system tests check Millrace from outside. */
export interface Outsider {
  create(topic: string, partitions?: number): Promise<void>;
  /** Sends in chunks a broker takes. */
  send(topic: string, messages: Message[]): Promise<void>;
  /** Everything that stands in the topic now, in order of each partition. */
  readAll(topic: string): Promise<SeenRecord[]>;
  count(topic: string): Promise<number>;
  /** The offset of the next record, by partition. */
  ends(topic: string): Promise<number[]>;
  remove(topics: string[]): Promise<void>;
  /** What a group has committed of a topic, by partition; -1 where nothing. */
  committed(groupId: string, topic: string): Promise<number[]>;
  /** Who leads each partition, and which nodes are in sync. */
  replicas(topics: string[]): Promise<{ leader: number; inSync: number[] }[]>;
  close(): Promise<void>;
}

export interface SeenRecord {
  partition: number;
  offset: bigint;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, unknown>;
}

/** Topics get one replica unless more is asked for. */
export interface OutsiderOptions {
  replicas?: number;
  minInSync?: number;
}

/** Makes a topic and waits for it: kafkajs's own wait throws when the broker has not yet heard of its new topic. */
export async function createTopic(admin: Admin, of: ITopicConfig & { numPartitions: number }): Promise<void> {
  await admin.createTopics({ topics: [of], waitForLeaders: false });
  for (let attempt = 0; attempt < 100; attempt++) {
    const there = await admin.fetchTopicOffsets(of.topic).catch(() => []);
    if (there.length === of.numPartitions) return;
    await sleep(50);
  }
  throw new Error(`The topic ${of.topic} did not appear.`);
}

export async function openOutsider(
  brokers: string,
  { replicas = 1, minInSync = 1 }: OutsiderOptions = {},
): Promise<Outsider> {
  const kafka = new Kafka({
    clientId: "outsider",
    brokers: brokers.split(","),
    logLevel: logLevel.NOTHING,
    // Through an election of leaders, without sleeping long after it.
    retry: { retries: 60, initialRetryTime: 100, maxRetryTime: 1_000 },
  });
  const admin = kafka.admin();
  const producer = kafka.producer({ createPartitioner: Partitioners.JavaCompatiblePartitioner });
  await Promise.all([admin.connect(), producer.connect()]);
  const fetchEnds = (topic: string) =>
    admin.fetchTopicOffsets(topic).catch(async () => {
      // kafkajs asks the leaders it once knew, whoever leads now: a new connection makes it look again.
      await admin.disconnect();
      await admin.connect();
      return admin.fetchTopicOffsets(topic);
    });
  const ends = async (topic: string) =>
    (await fetchEnds(topic)).map(({ partition, high, low }) => ({
      partition,
      high: BigInt(high),
      low: BigInt(low),
    }));

  return {
    create: (topic, partitions = 4) =>
      createTopic(admin, {
        topic,
        numPartitions: partitions,
        replicationFactor: replicas,
        configEntries: [{ name: "min.insync.replicas", value: String(minInSync) }],
      }),
    async send(topic, messages) {
      for (let index = 0; index < messages.length; index += 2000) {
        await producer.send({ topic, messages: messages.slice(index, index + 2000), acks: -1 });
      }
    },
    async count(topic) {
      return (await ends(topic)).reduce((sum, { high, low }) => sum + Number(high - low), 0);
    },
    async ends(topic) {
      const found = (await ends(topic)).sort((a, b) => a.partition - b.partition);
      return found.map(({ high }) => Number(high));
    },
    async remove(topics) {
      await admin.deleteTopics({ topics });
    },
    async committed(groupId, topic) {
      const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const partitions = group?.partitions ?? [];
      return partitions.sort((a, b) => a.partition - b.partition).map(({ offset }) => Number(offset));
    },
    async replicas(topics) {
      const metadata = await admin.fetchTopicMetadata({ topics });
      return metadata.topics.flatMap(({ partitions }) =>
        partitions.map(({ leader, isr }) => ({ leader, inSync: isr })),
      );
    },
    async readAll(topic) {
      const open = (await ends(topic)).filter(({ high, low }) => high > low);
      const records: SeenRecord[] = [];
      if (open.length === 0) return records;
      const groupId = `outsider-${topic}-${records.length}-${Math.random().toString(36).slice(2)}`;
      const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      const missing = new Map(open.map(({ partition, high }) => [partition, high]));
      await new Promise<void>((resolve, reject) => {
        consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
        void consumer.run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            for (const { key, value, headers, offset } of batch.messages) {
              records.push({ partition: batch.partition, offset: BigInt(offset), key, value, headers: headers ?? {} });
            }
            if (BigInt(batch.lastOffset()) + 1n >= (missing.get(batch.partition) ?? 0n))
              missing.delete(batch.partition);
            if (missing.size === 0) resolve();
          },
        });
      });
      await consumer.disconnect();
      return records.sort((a, b) => a.partition - b.partition || Number(a.offset - b.offset));
    },
    async close() {
      await Promise.all([producer.disconnect(), admin.disconnect()]);
    },
  };
}
