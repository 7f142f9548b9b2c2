import type { ProducerOptions, PulsarMessage } from "../../../flow/connections/pulsar-port";
import type { PulsarTopic } from "../../../flow/connections/pulsar-topic";
import { rejected, type Verdict } from "../../../flow/verdict";
import { writeFrame } from "./properties";
import type { PulsarClient } from "./seam";
import { formatTopic } from "./topic";
import { TopicWriter } from "./writer";

const idleMs = 60_000;
const lookEveryMs = 5_000;

/** The producers of a connection: one for each topic, shared by all nodes that write there, closed when nobody has for a while. */
export class Writers {
  readonly #writers = new Map<string, TopicWriter>();
  #looking: NodeJS.Timeout | undefined;

  constructor(
    private readonly client: PulsarClient,
    private readonly read: (topic: string) => PulsarTopic | undefined,
  ) {}

  /** Messages of one topic in their order; topics side by side. Never rejects. */
  async produce(messages: readonly PulsarMessage[], options: ProducerOptions, signal: AbortSignal): Promise<Verdict[]> {
    const verdicts = new Array<Verdict>(messages.length);
    const byTopic = new Map<string, number[]>();
    for (const [index, { topic }] of messages.entries()) {
      const indexes = byTopic.get(topic);
      if (indexes) indexes.push(index);
      else byTopic.set(topic, [index]);
    }
    await Promise.all(
      [...byTopic].map(async ([name, indexes]) => {
        const topic = this.read(name);
        const frames = indexes.map((index) => writeFrame(messages[index]!, messages[index]));
        const answers =
          topic === undefined
            ? frames.map(() => refuseName(name))
            : await this.#find(topic, options).write(frames, signal);
        for (const [at, index] of indexes.entries()) verdicts[index] = answers[at]!;
      }),
    );
    return verdicts;
  }

  async close(): Promise<void> {
    clearInterval(this.#looking);
    this.#looking = undefined;
    const writers = [...this.#writers.values()];
    this.#writers.clear();
    await Promise.all(writers.map((writer) => writer.close()));
  }

  #find(topic: PulsarTopic, options: ProducerOptions): TopicWriter {
    const id = `${formatTopic(topic)} ${options.batching} ${options.compression}`;
    let writer = this.#writers.get(id);
    if (writer === undefined) {
      writer = new TopicWriter(this.client, topic, options);
      this.#writers.set(id, writer);
      this.#looking ??= setInterval(() => this.#look(), lookEveryMs);
    }
    return writer;
  }

  #look(): void {
    const now = Date.now();
    for (const [id, writer] of this.#writers) {
      writer.look(now);
      if (!writer.isIdle || now - writer.usedAt < idleMs) continue;
      this.#writers.delete(id);
      void writer.close();
    }
    if (this.#writers.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}

function refuseName(name: string): Verdict {
  return rejected("broker-refused", `"${name.slice(0, 100)}" is not the name of a Pulsar topic.`);
}
