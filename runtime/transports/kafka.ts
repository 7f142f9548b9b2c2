import type { Transaction } from "../../flow/behaviour";
import type { KafkaPort, Place } from "../../flow/connection-ports";
import { type NewTopic, topicName } from "../../flow/connections/kafka";
import type { TopicKeeping } from "../../flow/connections/kafka-keeping";
import type { SeenMessage } from "../../flow/control";
import type { Verdict } from "../../flow/verdict";
import { sleep } from "../backoff";
import {
  type ForwardedLetter,
  type OpenTransport,
  retryOf,
  type Transport,
  TransportError,
  type TransportOptions,
} from "../transport";
import { isTopicMissing } from "./kafka/causes";
import { ask, createClient, type KafkaSettings, readSettings } from "./kafka/client";
import { KafkaSource } from "./kafka/consumer";
import { KafkaProducer } from "./kafka/producer";
import { KafkaQuestions, type TopicPartitions, type Watermarks } from "./kafka/questions";
import { listRecords } from "./kafka/record-reader";
import { KafkaRequestReply } from "./kafka/request-reply";
import { withTimeout } from "./kafka/session";
import { KafkaTransaction } from "./kafka/transaction";
import { fromPlain, toSeen } from "./plain";

const closeTimeoutMs = 5_000;
const sendTimeoutMs = 10_000;
/** `newest` answers with what it has by then. */
const newestTimeoutMs = 1_000;
const newestBytes = 8 * 1024 * 1024;

/** Kafka, by kafkajs: everything below `kafka/` serves this. */
export const openKafka: OpenTransport<"kafka"> = (options) => new KafkaTransport(options);

interface Opened {
  readonly settings: KafkaSettings;
  readonly questions: KafkaQuestions;
  readonly producer: KafkaProducer;
  readonly requestReply: KafkaRequestReply;
}

class KafkaTransport implements Transport<"kafka"> {
  readonly kind = "kafka";
  readonly port: KafkaPort;
  readonly #options: TransportOptions;
  #opened: Opened | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.port = {
      consume: async (consume, handlers) => {
        const { settings, questions, requestReply } = this.#open();
        const source = new KafkaSource(settings, questions, consume, handlers);
        return Object.assign(source, { reply: requestReply.replies.reply });
      },
      request: async (request, signal) => {
        try {
          return await this.#open().requestReply.request(request, signal);
        } catch (error) {
          return retryOf(error);
        }
      },
      produce: async (records, signal, transaction, compression) => {
        try {
          const own = transaction && (await this.#recognize(transaction));
          return await this.#open().producer.produce(records, signal, compression, own);
        } catch (error) {
          const verdict = retryOf(error);
          return records.map(() => verdict);
        }
      },
    };
  }

  async test(): Promise<string> {
    const { settings, questions } = this.#open();
    const { brokers, topics } = await ask(settings, undefined, () => questions.topics());
    return `Kafka, ${count(brokers, "broker")}, ${count(topics.length, "topic")}`;
  }

  async places(prefix: string, limit: number): Promise<{ places: Place[]; more: boolean }> {
    const { settings, questions } = this.#open();
    return ask(settings, undefined, async () => {
      const { topics } = await questions.topics();
      const matching = topics.filter(({ topic }) => topic.startsWith(prefix));
      const places = await this.#toPlaces(questions, matching.slice(0, limit));
      return { places, more: matching.length > limit };
    });
  }

  async describe(names: readonly string[]): Promise<Place[]> {
    if (names.length === 0) return [];
    const { settings, questions } = this.#open();
    return ask(settings, undefined, async () => {
      const found = await Promise.all(
        names.map(async (name) => {
          try {
            return [await questions.topic(name)];
          } catch (error) {
            if (isTopicMissing(error) || isNameInvalid(error)) return [];
            throw error;
          }
        }),
      );
      const topics = found.flat();
      const [places, keeping] = await Promise.all([this.#toPlaces(questions, topics), questions.keeping(topics)]);
      return places.map((place) => ({ ...place, ...withKeeping(keeping.get(place.name)) }));
    });
  }

  /** A partition that the group never committed for is one that it has not seen: it begins at its first message. */
  waiting(name: string, group: string): Promise<number | null> {
    const { settings, questions } = this.#open();
    return ask(settings, undefined, async () => {
      const topic = await questions.topic(name);
      const [marks, committed] = await Promise.all([questions.watermarks([topic]), questions.committed(group, topic)]);
      if (committed.size === 0) return null;
      const partitions = [...(marks.get(name) ?? new Map<number, Watermarks>())];
      return partitions.reduce(
        (sum, [id, { low, high }]) => sum + Math.max(0, high - Math.max(low, committed.get(id) ?? low)),
        0,
      );
    });
  }

  async createPlace(_type: "topic", topic: string, options: NewTopic): Promise<{ created: boolean; place: Place }> {
    const { settings, questions } = this.#open();
    const { partitions, replication } = options;
    if (!topicName.pattern.test(topic)) {
      throw new TransportError({
        code: "broker-refused",
        message: "A topic's name is made of letters, digits, dots, underscores and hyphens, at most 249 of them.",
      });
    }
    const created = await ask(settings, topic, async () => {
      const admin = createClient(settings).kafka.admin();
      try {
        await admin.connect();
        return await admin.createTopics({
          topics: [{ topic, numPartitions: partitions, replicationFactor: replication ?? -1 }],
          waitForLeaders: true,
          timeout: 5_000,
        });
      } finally {
        await withTimeout(admin.disconnect(), closeTimeoutMs);
      }
    });
    const place = await ask(settings, topic, async () => {
      const [found] = await this.#toPlaces(questions, [await this.#await(questions, topic)]);
      return found ?? { name: topic, type: "topic" as const, partitions };
    });
    return { created, place };
  }

  forward(topic: string, letters: readonly ForwardedLetter[], signal: AbortSignal): Promise<Verdict[]> {
    const records = letters.map(({ message: { key, value, headers } }) => ({ topic, key, value, headers }));
    return this.port.produce(records, signal);
  }

  async newest(place: string, limit: number, maxBytes: number): Promise<SeenMessage[]> {
    const { settings, questions } = this.#open();
    return ask(settings, place, async () => {
      const topic = await questions.topic(place);
      const marks = (await questions.watermarks([topic])).get(place) ?? new Map<number, Watermarks>();
      const until = Date.now() + newestTimeoutMs;
      const perPartition = Math.max(256 * 1024, Math.floor(newestBytes / Math.max(1, topic.partitions.length)));
      const found = await Promise.all(
        topic.partitions.map(async (partition) => {
          const seen: SeenMessage[] = [];
          const mark = marks.get(partition.id);
          if (mark === undefined) return seen;
          for (let from = Math.max(mark.low, mark.high - limit); from < mark.high && Date.now() < until; ) {
            const { batches, end } = await questions.read(place, partition, from, perPartition);
            if (end === from) break;
            for (const record of listRecords(batches)) {
              const at = { lane: `${place}/${partition.id}`, position: String(record.offset) };
              seen.push(toSeen(record, at, maxBytes));
            }
            from = end;
          }
          return seen;
        }),
      );
      return found
        .flat()
        .sort((a, b) => b.timestamp - a.timestamp || Number(b.position) - Number(a.position))
        .slice(0, limit);
    });
  }

  async send(place: string, message: Parameters<Transport["send"]>[1]): Promise<{ lane: string; position: string }> {
    const { producer } = this.#open();
    const record = { topic: place, ...fromPlain(message) };
    const [verdict] = await producer.produce([record], AbortSignal.timeout(sendTimeoutMs));
    if (verdict?.verdict !== "done") {
      throw new TransportError(verdict?.cause ?? { code: "broker-unreachable", message: "Kafka gave no answer." });
    }
    return { lane: `${place}/${verdict.note?.partition ?? 0}`, position: String(verdict.note?.offset ?? "") };
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened === undefined) return;
    const { producer, questions, requestReply } = opened;
    await withTimeout(Promise.all([requestReply.close(), producer.close(), questions.close()]), closeTimeoutMs);
  }

  /** Opening does no more than read the settings: @throws TransportError when they name no broker. */
  #open() {
    if (this.#opened === undefined) {
      const settings = readSettings(this.#options);
      const questions = new KafkaQuestions(settings);
      const producer = new KafkaProducer(settings, questions);
      const requestReply = new KafkaRequestReply(settings, producer, this.#options);
      this.#opened = { settings, questions, producer, requestReply };
    }
    return this.#opened;
  }

  /**
   * A transaction is written to by the producer that it belongs to, which knows one cluster.
   * @throws TransportError when that is not the cluster of this connection.
   */
  async #recognize(transaction: Transaction): Promise<KafkaTransaction> {
    const { settings, questions } = this.#open();
    if (transaction instanceof KafkaTransaction) {
      if (transaction.settings === settings) return transaction;
      const [own, its] = await ask(settings, undefined, () =>
        Promise.all([questions.clusterId(), transaction.clusterId()]),
      );
      if (own !== undefined && own === its) return transaction;
    }
    throw new TransportError({
      code: "transaction-foreign",
      message: `The connection ${this.#options.name} leads to another cluster than the one whose messages are worked in this transaction.`,
    });
  }

  async #toPlaces(questions: KafkaQuestions, topics: readonly TopicPartitions[]): Promise<Place[]> {
    const marks = await questions.watermarks(topics);
    return topics.map(({ topic, partitions }) => {
      let messages = 0;
      for (const { low, high } of marks.get(topic)?.values() ?? []) messages += high - low;
      return { name: topic, type: "topic", partitions: partitions.length, messages };
    });
  }

  /** A topic just made is not at once known to every broker. */
  async #await(questions: KafkaQuestions, topic: string): Promise<TopicPartitions> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await questions.topic(topic);
      } catch (error) {
        if (attempt === 10) throw error;
        await sleep(100);
      }
    }
  }
}

function withKeeping(keeps: TopicKeeping | undefined): Pick<Place, "keeps"> {
  return keeps === undefined ? {} : { keeps };
}

function isNameInvalid(error: unknown): boolean {
  return (error as { type?: string }).type === "INVALID_TOPIC_EXCEPTION";
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
