import { type IHeaders, Kafka, logLevel, Partitioners } from "kafkajs";
import type { Client, Headers, Incoming, Outgoing } from "./hand";

/** kafkajs as anyone would use it: one `sendBatch` for a chunk. */
export async function openStock(brokers: readonly string[]): Promise<Client> {
  const kafka = () => new Kafka({ clientId: "by-hand", brokers: [...brokers], logLevel: logLevel.ERROR });
  const producer = kafka().producer({
    createPartitioner: Partitioners.JavaCompatiblePartitioner,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  return {
    kafka,
    // It groups a batch by partitions in a time that grows with the square: larger chunks are slower.
    chunkMessages: 500,
    messagesOf: (batch) => batch.messages as unknown as readonly Incoming[],
    text: (bytes) => (bytes as Buffer).toString(),
    header: (headers, name) => (headers as unknown as IHeaders)[name]?.toString(),
    addHeaders: (headers, added) => ({ ...(headers as object | undefined), ...added }) as unknown as Headers,
    async write(messages) {
      if (messages.length > 0) await producer.sendBatch({ acks: -1, topicMessages: groupByTopic(messages) });
    },
    close: () => producer.disconnect(),
  };
}

export function groupByTopic(messages: readonly Outgoing[]): { topic: string; messages: KafkaJsMessage[] }[] {
  const byTopic = new Map<string, KafkaJsMessage[]>();
  for (const message of messages as readonly (Outgoing & KafkaJsMessage)[]) {
    const ofTopic = byTopic.get(message.topic);
    if (ofTopic) ofTopic.push(message);
    else byTopic.set(message.topic, [message]);
  }
  return [...byTopic].map(([topic, ofTopic]) => ({ topic, messages: ofTopic }));
}

interface KafkaJsMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | string | null;
  readonly headers?: IHeaders & Headers;
}
