import type { KafkaRecord } from "../../flow/connection-ports";
import { type Header, headerText } from "../../flow/message";
import { createClient, readSettings } from "../../runtime/transports/kafka/client";
import type { FetchedRecords } from "../../runtime/transports/kafka/fetch-answer";
import { KafkaProducer } from "../../runtime/transports/kafka/producer";
import { KafkaQuestions } from "../../runtime/transports/kafka/questions";
import { listRecords } from "../../runtime/transports/kafka/record-reader";
import type { Client, Headers, Incoming, Outgoing } from "./hand";

/** The one place where loops by hand meet Millrace's own producer and readers: what a flow stands on, without a flow. */
export async function openSeam(brokers: readonly string[]): Promise<Client> {
  const settings = readSettings({
    name: "by-hand",
    config: { brokers: brokers.join(",") },
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "" },
    log: () => {},
  });
  const questions = new KafkaQuestions(settings);
  const producer = new KafkaProducer(settings, questions);
  const never = new AbortController().signal;
  return {
    kafka: () => createClient(settings).kafka,
    // A fetched batch as it is: its producer writes up to 4,000 records in one request.
    chunkMessages: 4_000,
    messagesOf: (batch) =>
      (batch.messages as unknown as FetchedRecords[]).flatMap(
        ({ batches }) => listRecords(batches) as unknown as Incoming[],
      ),
    // A view, not a copy.
    text: (bytes) => Buffer.from(bytes!.buffer, bytes!.byteOffset, bytes!.byteLength).toString(),
    header: (headers, name) => headerText(headers as unknown as Header[], name),
    addHeaders: (headers, added) =>
      [
        ...((headers ?? []) as unknown as Header[]),
        ...Object.entries(added).map(([name, value]) => [name, Buffer.from(value)] as const),
      ] as unknown as Headers,
    async write(messages) {
      const verdicts = await producer.produce(messages.map(toRecord), never);
      for (const verdict of verdicts) if (verdict.verdict !== "done") throw new Error(verdict.cause.message);
    },
    close: () => Promise.all([producer.close(), questions.close()]),
  };
}

function toRecord({ topic, key, value, headers }: Outgoing): KafkaRecord {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return { topic, key, value: bytes, headers: (headers ?? []) as unknown as Header[] };
}
