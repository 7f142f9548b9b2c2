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
        : [`${round}-out`];
    for (const name of outputs) {
      if (output.to === "topics") await this.#create(name, output.partitions);
      else await this.#queues.make(output.to, name);
    }
    if (input.from === "topic") {
      const count = input.messages ?? Math.ceil(seconds * input.shape.perSecond * sparePart);
      const topic = `bench-${this.#run}.${input.shape.name}.${input.partitions ?? 4}.${count}`;
      await this.#fill(topic, input.shape, count, input.partitions);
      return { at: { input: topic, outputs }, waiting: count };
    }
    const name = `${round}-in`;
    if (input.from !== "requests" && input.from !== "pace") {
      const perSecond = input.from === "queue" ? jobsPerSecond : input.perSecond;
      const count = Math.ceil(seconds * perSecond);
      await this.#queues.make(input.from, name);
      const order = { do: `fill-${input.from}` as const, shape: input.shape.name, place: name, count };
      await this.#tell((child) => child.tell(order));
      return { at: { input: name, outputs }, waiting: count };
    }
    if (input.from === "pace") await this.#create(name);
    return { at: { input: name, outputs }, waiting: Number.POSITIVE_INFINITY };
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
