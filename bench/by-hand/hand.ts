import type { EachBatchPayload, Kafka } from "kafkajs";
import type { Places } from "../case";

/** As the client has them: what reads them asks the client. */
export type Headers = { readonly headers: unique symbol };

/** A message as it was fetched. */
export interface Incoming {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Headers;
}

/** A message on its way to a topic. */
export interface Outgoing {
  readonly topic: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | string | null;
  readonly headers?: Headers;
}

/** Kafka, as a loop by hand meets it: kafkajs as it is published, or with Millrace's seam in it. */
export interface Client {
  kafka(): Kafka;
  /** Messages that are worked and written together. */
  readonly chunkMessages: number;
  messagesOf(batch: EachBatchPayload["batch"]): readonly Incoming[];
  text(bytes: Uint8Array | null): string;
  header(headers: Headers, name: string): string | undefined;
  addHeaders(headers: Headers | undefined, added: Readonly<Record<string, string>>): Headers;
  /** Writes them, acknowledged by all replicas in sync. */
  write(messages: readonly Outgoing[]): Promise<unknown>;
  close(): Promise<unknown>;
}

/** What a loop by hand stands on. */
export interface Hand extends Pick<Client, "kafka" | "text" | "header" | "addHeaders" | "write"> {
  readonly brokers: readonly string[];
  readonly redisUrl: string;
  readonly rabbitmqUrl: string;
  /** Empty where none runs. */
  readonly pulsarUrl: string;
  /** Reads a topic from its beginning as a group of its own, and hands it over in chunks, partitions side by side. */
  eachChunk(topic: string, work: (chunk: readonly Incoming[]) => Promise<unknown>): Promise<void>;
  /** Called when the round ends, the last one first. */
  onStop(stop: () => Promise<unknown>): void;
}

/** Runs until it is stopped; resolves when it has begun. What it serves, it answers with the address of. */
// biome-ignore lint/suspicious/noConfusingVoidType: a loop that serves no address answers nothing.
export type Loop = (at: Places, hand: Hand) => Promise<{ readonly address: string } | void>;

/** As often as a source of Millrace commits. */
const commitEveryMs = 500;
/** As a source of Millrace fetches. */
export const fetching = { maxWaitTimeInMs: 250, maxBytesPerPartition: 1024 * 1024, maxBytes: 8 * 1024 * 1024 };

const absent = (): never => {
  throw new Error("this loop said that it has nothing to do with Kafka");
};
const noKafka: Client = {
  kafka: absent,
  chunkMessages: 0,
  messagesOf: absent,
  text: absent,
  header: absent,
  addHeaders: absent,
  write: absent,
  close: async () => {},
};

export async function openHand(
  clientName: "stock" | "seam" | "none",
  brokers: readonly string[],
  redisUrl: string,
  rabbitmqUrl: string,
  pulsarUrl: string,
): Promise<Hand & { stop(): Promise<void> }> {
  // Only one of them is loaded: neither is measured with the other in its memory.
  const client: Client =
    clientName === "stock"
      ? await (await import("./stock")).openStock(brokers)
      : clientName === "seam"
        ? await (await import("./seam")).openSeam(brokers)
        : noKafka;
  const { chunkMessages } = client;
  const stops = [() => client.close()];
  return {
    ...client,
    brokers,
    redisUrl,
    rabbitmqUrl,
    pulsarUrl,
    onStop: (stop) => void stops.unshift(stop),
    async eachChunk(topic, work) {
      const groupId = `by-hand-${topic}-${Math.random().toString(36).slice(2)}`;
      const consumer = client.kafka().consumer({ groupId, ...fetching });
      await consumer.connect();
      stops.unshift(() => consumer.disconnect());
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        throw payload.error;
      });
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        partitionsConsumedConcurrently: 16,
        autoCommitInterval: commitEveryMs,
        eachBatchAutoResolve: false,
        eachBatch: async ({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary, isRunning, isStale }) => {
          const messages = client.messagesOf(batch);
          for (let index = 0; index < messages.length; index += chunkMessages) {
            if (!isRunning() || isStale()) return;
            await work(messages.slice(index, index + chunkMessages));
          }
          resolveOffset(batch.lastOffset());
          await commitOffsetsIfNecessary();
          await heartbeat();
        },
      });
    },
    async stop() {
      for (const stop of stops.splice(0)) await stop();
    },
  };
}
