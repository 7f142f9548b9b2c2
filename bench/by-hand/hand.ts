import type { IHeaders, KafkaMessage } from "kafkajs";
import { Kafka, logLevel, Partitioners } from "kafkajs";
import type { Places } from "../case";

/** A message on its way to a topic, as kafkajs takes it. */
export interface Outgoing {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly value: Buffer | string | null;
  readonly headers?: IHeaders | undefined;
}

/** What a loop by hand stands on. */
export interface Hand {
  readonly brokers: readonly string[];
  readonly redisUrl: string;
  /** A client as anyone would make it. */
  kafka(): Kafka;
  /** Reads a topic from its beginning as a group of its own, and hands it over in chunks, partitions side by side. */
  eachChunk(topic: string, work: (chunk: readonly KafkaMessage[]) => Promise<unknown>): Promise<void>;
  /** Writes them, acknowledged by all replicas in sync: by one `send`, or by Millrace's producer. */
  write(messages: readonly Outgoing[]): Promise<unknown>;
  /** Called when the round ends, the last one first. */
  onStop(stop: () => Promise<unknown>): void;
}

/** Runs until it is stopped; resolves when it has begun. What it serves, it answers with the address of. */
// biome-ignore lint/suspicious/noConfusingVoidType: a loop that serves no address answers nothing.
export type Loop = (at: Places, hand: Hand) => Promise<{ readonly address: string } | void>;

/** As many as a lane of Millrace hands over at once. */
export const chunkMessages = 500;
/** As often as a lane of Millrace commits. */
const commitEveryMs = 500;
/** As a source of Millrace fetches. */
export const fetching = { maxWaitTimeInMs: 250, maxBytesPerPartition: 1024 * 1024, maxBytes: 8 * 1024 * 1024 };

export async function openHand(
  producer: "stock" | "seam" | "none",
  brokers: readonly string[],
  redisUrl: string,
): Promise<Hand & { stop(): Promise<void> }> {
  const stops: (() => Promise<unknown>)[] = [];
  const onStop = (stop: () => Promise<unknown>) => void stops.unshift(stop);
  const kafka = () => new Kafka({ clientId: "by-hand", brokers: [...brokers], logLevel: logLevel.ERROR });
  let write: Hand["write"] = () => Promise.reject(new Error("this side writes nothing to Kafka"));
  if (producer === "stock") write = await openStock(kafka(), onStop);
  if (producer === "seam") write = await (await import("./seam")).openSeam(brokers, onStop);

  return {
    brokers,
    redisUrl,
    kafka,
    write,
    onStop,
    async eachChunk(topic, work) {
      const groupId = `by-hand-${topic}-${Math.random().toString(36).slice(2)}`;
      const consumer = kafka().consumer({ groupId, ...fetching });
      await consumer.connect();
      onStop(() => consumer.disconnect());
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        throw payload.error;
      });
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        partitionsConsumedConcurrently: 16,
        autoCommitInterval: commitEveryMs,
        eachBatchAutoResolve: false,
        eachBatch: async ({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary, isRunning, isStale }) => {
          for (let index = 0; index < batch.messages.length; index += chunkMessages) {
            if (!isRunning() || isStale()) return;
            const chunk = batch.messages.slice(index, index + chunkMessages);
            await work(chunk);
            resolveOffset(chunk.at(-1)!.offset);
            await commitOffsetsIfNecessary();
            await heartbeat();
          }
        },
      });
    },
    async stop() {
      for (const stop of stops.splice(0)) await stop();
    },
  };
}

async function openStock(kafka: Kafka, onStop: Hand["onStop"]): Promise<Hand["write"]> {
  const producer = kafka.producer({
    createPartitioner: Partitioners.JavaCompatiblePartitioner,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  onStop(() => producer.disconnect());
  return async (messages) => {
    if (messages.length === 0) return;
    const topicMessages = groupByTopic(messages);
    await producer.sendBatch({ acks: -1, topicMessages });
  };
}

export function groupByTopic(messages: readonly Outgoing[]): { topic: string; messages: Outgoing[] }[] {
  const byTopic = new Map<string, Outgoing[]>();
  for (const message of messages) {
    const ofTopic = byTopic.get(message.topic);
    if (ofTopic) ofTopic.push(message);
    else byTopic.set(message.topic, [message]);
  }
  return [...byTopic].map(([topic, ofTopic]) => ({ topic, messages: ofTopic }));
}
