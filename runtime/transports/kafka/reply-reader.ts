import type { HttpAnswer } from "../../../flow/connection-ports";
import { readCorrelationId, readReply } from "../../../flow/request-reply";
import { computeDependencyDelay, sleep } from "../../backoff";
import { isTopicMissing } from "./causes";
import type { KafkaQuestions, TopicPartitions } from "./questions";
import { listRecords, type ReadRecords } from "./record-reader";

/** How long a reply topic's partitions and leaders are believed. */
const partitionsTtlMs = 30_000;
const maxWaitMs = 500;
const newTopicTries = 30;
const newTopicPauseMs = 100;
const maxBytes = 4 * 1_048_576;

/**
 * Reads a reply topic from its end on, every partition, without a group: each worker reads all of it and takes what it has asked for.
 * Goes on by itself while a broker is away.
 */
export class ReplyReader {
  readonly #offsets = new Map<number, number>();
  readonly #over = new AbortController();
  #started: Promise<void> | undefined;

  constructor(
    readonly topic: string,
    /** Of its own: its reads hold up whatever else is asked over the same connection. */
    readonly questions: KafkaQuestions,
    readonly makeTopic: () => Promise<void>,
    readonly take: (id: string | undefined, read: () => HttpAnswer) => void,
  ) {}

  /** Resolves when it reads: what is asked from then on, its answer is seen. Rejects when the topic cannot be read now. */
  ready(): Promise<void> {
    this.#started ??= this.#start().catch((error: unknown) => {
      this.#started = undefined;
      throw error;
    });
    return this.#started;
  }

  async close(): Promise<void> {
    this.#over.abort();
    await this.questions.close();
  }

  async #start(): Promise<void> {
    let topic: TopicPartitions;
    try {
      topic = await this.questions.topic(this.topic);
    } catch (error) {
      if (!isTopicMissing(error)) throw error;
      await this.makeTopic();
      topic = await this.#awaitTopic();
    }
    const marks = (await this.questions.watermarks([topic])).get(this.topic);
    for (const [partition, { high }] of marks ?? []) this.#offsets.set(partition, high);
    void this.#run(topic);
  }

  /** A topic just made is not at once known to every broker, and has no leaders yet. */
  async #awaitTopic(): Promise<TopicPartitions> {
    for (let attempt = 1; ; attempt++) {
      try {
        const topic = await this.questions.topic(this.topic);
        if (topic.partitions.every(({ leader }) => leader >= 0) || attempt === newTopicTries) return topic;
      } catch (error) {
        if (!isTopicMissing(error) || attempt === newTopicTries) throw error;
      }
      await sleep(newTopicPauseMs, this.#over.signal);
    }
  }

  async #run(known: TopicPartitions): Promise<void> {
    const { signal } = this.#over;
    let topic: TopicPartitions | undefined = known;
    for (let refusals = 0; !signal.aborted; ) {
      try {
        topic ??= await this.questions.topic(this.topic);
        await this.#follow(topic);
        refusals = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (isOutOfRange(error) || isTopicMissing(error)) this.#offsets.clear();
        if (isTopicMissing(error)) await this.makeTopic().catch(() => {});
        await sleep(computeDependencyDelay(++refusals, undefined), signal);
      }
      topic = undefined;
    }
  }

  /** Reads until it is time to look at the topic anew. @throws as soon as one of the leaders does not answer */
  async #follow(topic: TopicPartitions): Promise<void> {
    const unread = { ...topic, partitions: topic.partitions.filter(({ id }) => !this.#offsets.has(id)) };
    if (unread.partitions.length > 0) {
      const marks = (await this.questions.watermarks([unread])).get(this.topic);
      for (const [partition, { low }] of marks ?? []) this.#offsets.set(partition, low);
    }
    const leaders = new Map<number, number[]>();
    for (const { id, leader } of topic.partitions) leaders.set(leader, [...(leaders.get(leader) ?? []), id]);
    const until = performance.now() + partitionsTtlMs;
    const round = new AbortController();
    const isOver = () => round.signal.aborted || this.#over.signal.aborted || performance.now() > until;
    const readings = [...leaders].map(async ([leader, partitions]) => {
      try {
        while (!isOver()) await this.#readOnce(leader, partitions);
      } catch (error) {
        round.abort(error);
      }
    });
    await Promise.all(readings);
    if (round.signal.aborted) throw round.signal.reason;
  }

  async #readOnce(leader: number, partitions: readonly number[]): Promise<void> {
    const from = new Map(partitions.map((id) => [id, this.#offsets.get(id) ?? 0]));
    const read = await this.questions.readFrom(this.topic, leader, from, maxBytes, maxWaitMs);
    for (const [partition, records] of read) {
      this.#offsets.set(partition, records.end);
      this.#takeAll(records);
    }
  }

  #takeAll({ batches }: ReadRecords): void {
    for (const { headers, value } of listRecords(batches)) {
      // The id alone says whether it is for this worker: of those to others nothing more is read.
      this.take(readCorrelationId(headers), () => readReply(headers, value));
    }
  }
}

function isOutOfRange(error: unknown): boolean {
  return (error as { type?: string } | null)?.type === "OFFSET_OUT_OF_RANGE";
}
