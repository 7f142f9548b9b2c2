import type { KafkaRecord, QueueJob } from "../../flow/connection-ports";
import type { PulsarMessage } from "../../flow/connections/pulsar-port";
import type { RabbitMessage, RabbitPublisher } from "../../flow/connections/rabbitmq-port";
import type { StreamEntry } from "../../flow/connections/redis-stream-port";
import type { MessageBytes } from "../../flow/test-message";
import { done, type Verdict } from "../../flow/verdict";
import type { Visits } from "./visits";

/** Remembers what a sink would have written in the course of a visit; `to` names the place: "topic orders.de". */
export function noteWrite(visits: Visits, to: string, { key, headers, value }: MessageBytes): Verdict {
  const visit = visits.current;
  visit.effect = { is: "would-write", to };
  visit.written = { key, headers, value };
  return done;
}

/** What the ports of brokers offer to sinks. Nothing is written. */
export function makeWritePorts(visits: Visits) {
  const publisher: RabbitPublisher = {
    publish: async (messages: readonly RabbitMessage[]) =>
      messages.map((message) => {
        const { exchange, routingKey } = message;
        const to =
          exchange === "" ? `queue ${routingKey}` : `exchange ${exchange}, routing key ${routingKey || "none"}`;
        return noteWrite(visits, to, message);
      }),
    close: async () => {},
  };
  return {
    kafka: {
      produce: async (records: readonly KafkaRecord[]) =>
        records.map((record) => noteWrite(visits, `topic ${record.topic}`, record)),
    },
    queue: {
      add: async (queue: string, jobs: readonly QueueJob[]) =>
        jobs.map(({ message }) => noteWrite(visits, `queue ${queue}`, message)),
    },
    rabbitmq: { publisher: () => publisher },
    redis: {
      add: async (entries: readonly StreamEntry[]) =>
        entries.map((entry) => noteWrite(visits, `stream ${entry.stream}`, entry)),
    },
    pulsar: {
      produce: async (messages: readonly PulsarMessage[]) =>
        messages.map((message) => noteWrite(visits, `topic ${message.topic}`, message)),
    },
  };
}
