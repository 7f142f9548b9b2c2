import type { IHeaders } from "kafkajs";
import type { KafkaRecord } from "../../flow/connection-ports";
import type { Header } from "../../flow/message";
import { readSettings } from "../../runtime/transports/kafka/client";
import { KafkaProducer } from "../../runtime/transports/kafka/producer";
import { KafkaQuestions } from "../../runtime/transports/kafka/questions";
import type { Hand } from "./hand";

/** The one place where loops by hand meet Millrace's own producer: the sink's seam, without a flow around it. */
export async function openSeam(brokers: readonly string[], onStop: Hand["onStop"]): Promise<Hand["write"]> {
  const settings = readSettings({
    name: "by-hand",
    config: { brokers: brokers.join(",") },
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "" },
    log: () => {},
  });
  const questions = new KafkaQuestions(settings);
  const producer = new KafkaProducer(settings, questions);
  onStop(() => Promise.all([producer.close(), questions.close()]));
  const never = new AbortController().signal;
  return async (messages) => {
    const verdicts = await producer.produce(messages.map(toRecord), never);
    for (const verdict of verdicts) if (verdict.verdict !== "done") throw new Error(verdict.cause.message);
  };
}

function toRecord({ topic, key, value, headers }: Parameters<Hand["write"]>[0][number]): KafkaRecord {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return { topic, key, value: bytes, headers: toHeaders(headers) };
}

/** kafkajs keeps headers by name. */
function toHeaders(headers: IHeaders = {}): Header[] {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values ?? ""].flat().map((each): Header => [name, typeof each === "string" ? Buffer.from(each) : each]),
  );
}
