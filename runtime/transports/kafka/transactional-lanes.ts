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
   * Takes partitions over from whoever had them. To be done before their positions are read: a former owner's transaction may
   * be about to move one. `fenced` hears when somebody else takes one over. @throws
   */
  async takeOver(partitions: readonly number[], fenced: (partition: number) => void): Promise<void> {
    const [topic, groupId] = [this.#topic, this.#groupId];
    await Promise.all(
      partitions.map((partition) => {
        const committed = async () => {
          const partitions = [{ id: partition, leader: -1 }];
          return (await this.#questions.committed(groupId, { topic, partitions })).get(partition);
        };
        const clusterId = () => this.#questions.clusterId();
        const lane = { clusterId, topic, groupId, partition, committed, fenced: () => fenced(partition) };
        const producer = new TransactionalProducer(this.#settings, lane);
        this.#producers.set(partition, producer);
        return producer.takeOver();
      }),
    );
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
