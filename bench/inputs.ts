import type { RigServices } from "../runtime/system/rig";
import type { Outsider } from "../runtime/system/topics";
import { startByHand } from "./by-hand-process";
import type { Input, Output, Places } from "./case";
import type { Queues } from "./queues";
import type { Shape } from "./shapes";

/** Jobs that are laid ready for each second: more than are worked. */
const jobsPerSecond = 20_000;
/** More than a side needs between its first output and its stop. */
const sparePart = 1.4;

export interface Prepared {
  readonly at: Places;
  /** Messages that wait; Infinity when they come while the side works. */
  readonly waiting: number;
}

/** Makes topics and queues for the rounds. Full topics are made once and read by every side and case that wants their like. */
export class Inputs {
  readonly #services: RigServices;
  readonly #outsider: Outsider;
  readonly #queues: Queues;
  readonly #run = Date.now().toString(36);
  readonly #full = new Map<string, Promise<void>>();
  readonly #made: string[] = [];
  #rounds = 0;

  constructor(services: RigServices, outsider: Outsider, queues: Queues) {
    this.#services = services;
    this.#outsider = outsider;
    this.#queues = queues;
  }

  async prepare(input: Input, output: Output, seconds: number): Promise<Prepared> {
    const round = `bench-${this.#run}-${++this.#rounds}`;
    const outputs =
      output.to === "topics"
        ? Array.from({ length: output.count }, (_, index) => `${round}.out.${index + 1}`)
        : numbered(`${round}-out`, output.places);
    for (const name of outputs) {
      if (output.to === "topics") await this.#create(name, output.partitions);
      else await this.#queues.make(output.to, name);
    }
    if (input.from === "topic") {
      const count = input.messages ?? Math.ceil(seconds * input.shape.perSecond * sparePart);
      const topic = `bench-${this.#run}.${input.shape.name}.${input.partitions ?? 4}.${count}`;
      await this.#fill(topic, input.shape, count, input.partitions);
      return { at: { input: topic, inputs: [topic], outputs }, waiting: count };
    }
    const name = `${round}-in`;
    const coming = { at: { input: name, inputs: [name], outputs }, waiting: Number.POSITIVE_INFINITY };
    if (input.from === "requests" || input.from === "itself") return coming;
    if (input.from === "pace") {
      if (input.over) await this.#queues.make(input.over, name);
      else await this.#create(name);
      return coming;
    }
    const inputs = numbered(name, input.from === "queue" ? 1 : input.places);
    const perSecond = input.from === "queue" ? jobsPerSecond : input.perSecond;
    const count = Math.ceil((seconds * perSecond) / inputs.length);
    for (const place of inputs) {
      await this.#queues.make(input.from, place);
      const order = { do: `fill-${input.from}` as const, shape: input.shape.name, place, count };
      await this.#tell((child) => child.tell(order));
    }
    return { at: { input: inputs[0]!, inputs, outputs }, waiting: count * inputs.length };
  }

  /** Removes what the rounds wrote; full topics stay for the next case. */
  async clear(): Promise<void> {
    const topics = this.#made.splice(0);
    if (topics.length > 0) await this.#outsider.remove(topics);
    await this.#queues.clear();
  }

  async #create(topic: string, partitions?: number): Promise<void> {
    await this.#outsider.create(topic, partitions);
    this.#made.push(topic);
  }

  #fill(topic: string, shape: Shape, count: number, partitions?: number): Promise<void> {
    let filling = this.#full.get(topic);
    if (!filling) {
      filling = this.#outsider.create(topic, partitions).then(async () => {
        await this.#tell((child) => child.tell({ do: "fill-topic", shape: shape.name, topic, count }));
      });
      this.#full.set(topic, filling);
    }
    return filling;
  }

  async #tell(work: (child: ReturnType<typeof startByHand>) => Promise<unknown>): Promise<void> {
    const child = startByHand(this.#services);
    try {
      await work(child);
    } finally {
      await child.end();
    }
  }
}

function numbered(name: string, count = 1): string[] {
  return count === 1 ? [name] : Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
}
