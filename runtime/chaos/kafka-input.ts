import { type Load, startLoad } from "../system/load";
import type { House } from "./house";
import { countSent, makeBody, makeRecord, type Sent } from "./numbered";
import type { Counts } from "./progress";
import { isConsumed, readTopic } from "./read-back";

/** Messages a second. */
export interface Pace {
  readonly perSecond: number;
  /** What stands before the flow begins is this many, at most. */
  readonly fillAtMost: number;
}

/** The input of shapes that read from Kafka: numbered messages in a topic, and what of it the flow's group has committed. */
export class KafkaInput {
  #load: Load | null = null;
  #filled = 0;

  private constructor(
    readonly house: House,
    readonly flow: string,
    readonly topic: string,
    readonly pace: Pace,
    readonly make: (n: number) => object,
  ) {}

  static async open(
    house: House,
    flow: string,
    pace: Pace,
    make: (n: number) => object = makeBody,
  ): Promise<KafkaInput> {
    const topic = `${flow}.in`;
    await house.outsider.create(topic);
    return new KafkaInput(house, flow, topic, pace, make);
  }

  async fill(count: number): Promise<void> {
    this.#filled = Math.min(count, this.pace.fillAtMost);
    await this.house.outsider.send(
      this.topic,
      Array.from({ length: this.#filled }, (_, n) => ({ partition: n % 4, ...makeRecord(n, this.make(n)) })),
    );
  }

  start(): void {
    // Eight requests a second for each partition, so that the flow is never long without work.
    const perRequest = Math.max(1, Math.round(this.pace.perSecond / 4 / 8));
    const make = (n: number) => makeRecord(this.#filled + n, this.make(this.#filled + n));
    this.#load = startLoad(this.house.outsider, { topicIn: this.topic }, this.pace.perSecond, { make, perRequest });
  }

  /** How many are sent so far. */
  get sent(): number {
    return this.#filled + (this.#load?.written() ?? 0);
  }

  async end(): Promise<number> {
    return this.#filled + ((await this.#load?.end()) ?? 0);
  }

  isSettled(): Promise<boolean> {
    return isConsumed(this.house.kafka.brokers, this.#group, this.topic);
  }

  async countSettled(): Promise<Counts> {
    const committed = await this.house.outsider.committed(this.#group, this.topic);
    return new Map(committed.map((offset, partition) => [String(partition), Math.max(0, offset)]));
  }

  /** What stands in it. */
  async readSent(): Promise<Sent> {
    return countSent(await readTopic(this.house.kafka.brokers, this.topic));
  }

  get #group(): string {
    return `millrace.default.${this.flow}.in`;
  }
}
