import { hostname } from "node:os";
import type { LaneProgress, OpenSource, Outcome, SourceHandlers } from "../../../flow/behaviour";
import type { PulsarPort } from "../../../flow/connections/pulsar-port";
import type { PulsarTopic } from "../../../flow/connections/pulsar-topic";
import type { Cause } from "../../../flow/verdict";
import { computeDependencyDelay, sleep } from "../../backoff";
import { TransportError } from "../../transport";
import { PulsarLane } from "./lane";
import type { PulsarClient } from "./seam";
import { pinStart } from "./starting";
import { formatTopic, partitionOf } from "./topic";

export type ConsumeOptions = Parameters<PulsarPort["consume"]>[0];

/** Topics may get more partitions. */
const lookEveryMs = 10_000;
const countedAfterMs = 1_000;
const recountMs = 150;
const unsubscribeMs = 2_000;

let opened = 0;

/** Consumes all partitions of a topic by one subscription, a lane each. */
export class PulsarSource implements OpenSource {
  readonly #client: PulsarClient;
  readonly #topic: PulsarTopic;
  readonly #options: ConsumeOptions;
  readonly #handlers: SourceHandlers;
  /** How its consumers are called: one name for each source that is or was open here. */
  readonly #name = `${hostname()}-${process.pid}-${++opened}`;
  readonly #lanes = new Map<string, PulsarLane>();
  readonly #abort = new AbortController();
  readonly #running: Promise<void>;
  /** Why no partition can be consumed yet. */
  #cause: Cause | undefined;
  #partitions = 0;
  #told: string | undefined;
  readonly #onAbort = () => this.#holdBack();

  constructor(client: PulsarClient, topic: PulsarTopic, options: ConsumeOptions, handlers: SourceHandlers) {
    this.#client = client;
    this.#topic = topic;
    this.#options = options;
    this.#handlers = handlers;
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#running = this.#run();
  }

  settle(lane: string, epoch: number, position: string, _outcome: Outcome): void {
    const open = this.#lanes.get(lane);
    if (open?.epoch === epoch) open.settle(position);
  }

  release(lane: string, epoch: number, position: string): void {
    const open = this.#lanes.get(lane);
    if (open?.epoch === epoch) open.release(position);
  }

  async progress(): Promise<LaneProgress[]> {
    const lanes = [...this.#lanes];
    let backlogs: (number | undefined)[] = [];
    try {
      backlogs = await this.#count();
      // What was acknowledged a moment ago is not counted yet.
      for (let at = 0; at < countedAfterMs && this.#isBehind(backlogs); at += recountMs) {
        await sleep(recountMs, this.#abort.signal);
        backlogs = await this.#count();
      }
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      // The state says that the broker is away; how many wait is not known meanwhile.
    }
    return lanes.map(([lane, { position }], index) => ({ lane, lag: backlogs[index] ?? null, position }));
  }

  waiting(): { what: string; since: number } | undefined {
    let oldest: number | undefined;
    for (const lane of this.#lanes.values()) {
      const since = lane.waiting();
      if (since !== undefined && since < (oldest ?? Number.POSITIVE_INFINITY)) oldest = since;
    }
    return oldest === undefined ? undefined : { what: `A ping to Pulsar at ${this.#client.address}`, since: oldest };
  }

  async stop(): Promise<void> {
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#holdBack();
    await this.#running;
    await Promise.all([...this.#lanes.values()].map((lane) => lane.stop()));
    if (this.#options.ownName) await this.#unsubscribe();
  }

  /** Nobody else reads by it, and Pulsar would keep for it whatever comes. */
  async #unsubscribe(): Promise<void> {
    const removing = this.#client.admin.deleteSubscription(this.#topic, this.#options.subscription);
    await Promise.race([removing.catch(() => {}), sleep(unsubscribeMs)]);
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    for (let refusals = 1; !signal.aborted; ) {
      try {
        await this.#look();
        this.#cause = undefined;
        this.#tell();
        refusals = 1;
        await sleep(lookEveryMs, signal);
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        // Those that consume tell by themselves when their broker is away.
        if (this.#lanes.size === 0) {
          this.#cause = error.reason;
          this.#tell();
        }
        await sleep(computeDependencyDelay(refusals++, undefined), signal);
      }
    }
  }

  /** Which partitions are there; begins those that are not consumed yet. @throws TransportError */
  async #look(): Promise<void> {
    const { admin } = this.#client;
    const partitions = await admin.partitions(this.#topic);
    if (partitions === undefined) throw new TransportError(this.#missing());
    const all = partitions === 0 ? [null] : Array.from({ length: partitions }, (_, index) => index);
    const missing = all.filter((partition) => !this.#lanes.has(this.#nameOf(partition)));
    if (missing.length === 0) return;
    const topics = all.map((partition) => partitionOf(this.#topic, partition));
    await pinStart(admin, this.#topic, topics, this.#options);
    this.#partitions = partitions;
    for (const partition of missing) if (!this.#abort.signal.aborted) this.#begin(partition);
  }

  #begin(partition: number | null): void {
    const { node, codec, subscription, type, prefetch, deadLetter } = this.#options;
    const name = this.#nameOf(partition);
    const options = {
      name,
      topic: partitionOf(this.#topic, partition),
      node,
      codec,
      contiguous: type !== "shared",
      consumer: {
        subscription,
        type,
        prefetch,
        name: this.#name,
        ...(deadLetter === undefined ? {} : { deadLetter }),
      },
    };
    this.#lanes.set(name, new PulsarLane(this.#client, options, this.#handlers, () => this.#tell()));
  }

  /** As the node calls the topic, with the partition as Pulsar names it. */
  #nameOf(partition: number | null): string {
    const { topic, ownName = "" } = this.#options;
    return `${topic}${ownName}${partition === null ? "" : `-partition-${partition}`}`;
  }

  #missing(): Cause {
    const message = `The topic ${formatTopic(this.#topic)} does not exist on Pulsar at ${this.#client.address}. Create it, or choose another.`;
    return { code: "topic-missing", message };
  }

  /** Messages that wait, by lane. */
  async #count(): Promise<(number | undefined)[]> {
    const backlogs = await this.#client.admin.backlogs(this.#topic, this.#partitions);
    return backlogs.map((backlog) => backlog[this.#options.subscription]);
  }

  #isBehind(backlogs: readonly (number | undefined)[]): boolean {
    const now = Date.now();
    return [...this.#lanes.values()].some(
      (lane, index) => (backlogs[index] ?? 0) > 0 && lane.inHand === 0 && now - lane.acknowledgedAt < countedAfterMs,
    );
  }

  #holdBack(): void {
    this.#abort.abort();
    for (const lane of this.#lanes.values()) lane.holdBack();
  }

  #tell(): void {
    if (this.#abort.signal.aborted) return;
    const lanes = [...this.#lanes.values()];
    const cause = this.#cause ?? lanes.find((lane) => lane.cause)?.cause;
    if (cause === undefined && (lanes.length === 0 || !lanes.every(({ hasOpened }) => hasOpened))) return;
    const told = cause === undefined ? "running" : `${cause.code} ${cause.message}`;
    if (told === this.#told) return;
    this.#told = told;
    this.#handlers.state(cause === undefined ? { is: "running" } : { is: "degraded", cause });
  }
}
