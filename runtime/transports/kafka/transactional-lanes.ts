import type { Transaction } from "../../../flow/behaviour";
import type { KafkaSettings } from "./client";
import type { KafkaLane } from "./lane";
import type { KafkaQuestions } from "./questions";
import { TransactionalProducer } from "./transactional-producer";

/** The transactional producers of a source that is exactly once: one for each partition that it is assigned. */
export class TransactionalLanes {
  readonly #settings: KafkaSettings;
  readonly #questions: KafkaQuestions;
  readonly #topic: string;
  readonly #groupId: string;
  readonly #producers = new Map<number, TransactionalProducer>();

  constructor(settings: KafkaSettings, questions: KafkaQuestions, topic: string, groupId: string) {
    this.#settings = settings;
    this.#questions = questions;
    this.#topic = topic;
    this.#groupId = groupId;
  }

  /**
   * Takes partitions over from whoever had them, and gives the positions that the group has for them, of those that have one: read before, a former
   * owner's transaction may be about to move one. `fenced` hears when somebody else takes one over. @throws
   */
  async takeOver(partitions: readonly number[], fenced: (partition: number) => void): Promise<Map<number, number>> {
    const [topic, groupId] = [this.#topic, this.#groupId];
    const positions = new Map<number, number>();
    await Promise.all(
      partitions.map(async (partition) => {
        const clusterId = () => this.#questions.clusterId();
        const lane = { clusterId, topic, groupId, partition, fenced: () => fenced(partition) };
        const producer = new TransactionalProducer(this.#settings, lane);
        this.#producers.set(partition, producer);
        const position = await producer.takeOver();
        if (position !== undefined) positions.set(partition, position);
      }),
    );
    return positions;
  }

  startAt(partition: number, offset: number): void {
    this.#producers.get(partition)?.startAt(offset);
  }

  /** Begins a transaction; what it commits is settled in the lane. @throws TransportError */
  begin(lane: KafkaLane): Promise<Transaction> {
    const producer = this.#producers.get(lane.partition);
    if (producer === undefined) throw new Error(`${lane.name} has no transactional producer`);
    return producer.begin((offset) => {
      lane.committed = offset;
      lane.settle(offset - 1);
    });
  }

  /** The partitions are given up: aborts what is open in them. Never rejects. */
  async close(): Promise<void> {
    const producers = [...this.#producers.values()];
    this.#producers.clear();
    await Promise.all(producers.map((producer) => producer.close()));
  }
}
