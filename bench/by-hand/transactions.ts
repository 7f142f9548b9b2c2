import type { Producer } from "kafkajs";
import { Partitioners } from "kafkajs";
import { fetching, type Hand, type Incoming, type Outgoing } from "./hand";
import { groupByTopic } from "./stock";

/** As in the other loops on the stock client: larger ones are slower. */
const chunkMessages = 500;

/** A transaction for each fetched batch, by one producer per partition; the position is part of it. */
export async function eachTransaction(hand: Hand, topic: string, work: (message: Incoming) => Outgoing): Promise<void> {
  const groupId = `by-hand-${topic}-${Math.random().toString(36).slice(2)}`;
  const kafka = hand.kafka();
  const consumer = kafka.consumer({ groupId, ...fetching });
  const producers = new Map<number, Promise<Producer>>();
  const open = async (partition: number) => {
    const producer = kafka.producer({
      transactionalId: `${groupId}-${partition}`,
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.JavaCompatiblePartitioner,
      // kafkajs sleeps 300 ms when the coordinator is still at the last transaction, unless it is told to look again sooner.
      retry: { initialRetryTime: 20 },
    });
    await producer.connect();
    return producer;
  };
  await consumer.connect();
  hand.onStop(async () => {
    await consumer.disconnect();
    for (const producer of producers.values()) await (await producer).disconnect();
  });
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: 16,
    autoCommit: false,
    eachBatch: async ({ batch: { partition, messages }, resolveOffset, heartbeat }) => {
      if (!producers.has(partition)) producers.set(partition, open(partition));
      const transaction = await (await producers.get(partition)!).transaction();
      const last = messages.at(-1)!.offset;
      try {
        for (let index = 0; index < messages.length; index += chunkMessages) {
          const chunk = messages.slice(index, index + chunkMessages) as unknown as Incoming[];
          await transaction.sendBatch({ acks: -1, topicMessages: groupByTopic(chunk.map(work)) });
        }
        const offset = String(BigInt(last) + 1n);
        await transaction.sendOffsets({
          consumerGroupId: groupId,
          topics: [{ topic, partitions: [{ partition, offset }] }],
        });
        await transaction.commit();
      } catch (error) {
        await transaction.abort();
        throw error;
      }
      resolveOffset(last);
      await heartbeat();
    },
  });
}
