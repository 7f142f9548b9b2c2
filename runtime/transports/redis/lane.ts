import type { SourceHandlers } from "../../../flow/behaviour";
import type { RedisStreamPort } from "../../../flow/connections/redis-stream-port";
import { Message, type MessageMeta } from "../../../flow/message";
import type { Cause } from "../../../flow/verdict";
import { sleep } from "../../backoff";
import type { TransportOptions } from "../../transport";
import { within } from "../within";
import { Acks } from "./acks";
import { causeOf, isGroupGone } from "./causes";
import { EntryParts, readTime } from "./layout";
import { type Entry, type Pending, PendingEntries } from "./pending";
import { buryConsumer, leaveGroup, placeGroup, readNext, releaseLease } from "./scripts";
import type { RedisClient, RedisServer } from "./server";

export type ConsumeOptions = Parameters<RedisStreamPort["consume"]>[0];

const retryMs = 500;
/** Shorter than the silence after which a connection counts as broken. */
const blockMs = 2_000;
const maxCount = 1_000;
/** A reading brings about so much, as far as the entries before tell. */
const batchBytes = 4 * 1024 * 1024;
const chunkMessages = 500;
/** From this delivery on an entry is worked alone: whatever else were on its way would be counted as its deaths, too. */
const suspectFrom = 3;
/** What consumers of other programs leave for so long is taken over. */
const foreignIdleMs = 30_000;
const ackTimeoutMs = 5_000;

let lastEpoch = 0;

export interface LaneSetting {
  readonly server: RedisServer;
  readonly options: ConsumeOptions;
  readonly stream: string;
  readonly consumer: string;
  /** Key of the lease under which only this worker reads the stream; absent: workers share it. */
  readonly lease?: string;
  readonly handlers: SourceHandlers;
  readonly log: TransportOptions["log"];
  /** How the lane fares; `undefined` = well. */
  tell(trouble: { readonly is: "degraded" | "halted"; readonly cause: Cause } | undefined): void;
  /** Another worker has the lease. */
  lost(): void;
}

/** One stream as this worker reads it, under one epoch: what was left pending first, then what is new. */
export class StreamLane {
  readonly epoch = ++lastEpoch;
  position: string | null = null;
  readonly #set: LaneSetting;
  readonly #pending: PendingEntries;
  readonly #acks: Acks;
  readonly #reader: RedisClient;
  /** Handed over and not settled, in that order. */
  #inHand: string[] = [];
  #count = 100;
  /** A reply may have been lost, or the lane begins: what is pending is looked through before anything new is read. */
  #isUnsure = true;
  /** Entries that were trimmed while a dead worker had them: a person is to decide. */
  #trimmed: Cause | undefined;
  /** Consumers of which it was told that they left something. */
  readonly #inherited = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();
  #emptied: (() => void)[] = [];
  #sweeping = false;
  #ended = false;
  #running: Promise<void> = Promise.resolve();

  constructor(set: LaneSetting) {
    this.#set = set;
    this.#pending = new PendingEntries(set.stream, set.options.group);
    this.#acks = new Acks(set.server, set.stream, set.options.group);
    this.#reader = set.server.connect();
  }

  /** The stream's, and the worker's own where each gets all. */
  get name(): string {
    return `${this.#set.stream}${this.#set.options.ownName ?? ""}`;
  }

  start(): void {
    this.#set.handlers.assigned(this.name, this.epoch);
    this.#running = this.#run();
  }

  settle(position: string): void {
    const at = this.#inHand.indexOf(position);
    if (at < 0) return;
    this.position = position;
    this.#acks.add(this.#inHand.splice(0, at + 1));
    if (this.#inHand.length > 0) return;
    for (const resolve of this.#emptied.splice(0)) resolve();
  }

  /** Reads no more. */
  holdBack(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reader.disconnect();
    for (const resolve of this.#emptied.splice(0)) resolve();
  }

  /** The lane is no longer this worker's: waits until nothing of it is worked, and leaves it to others. */
  async revoke(): Promise<void> {
    this.holdBack();
    await this.#set.handlers.revoked(this.name, this.epoch);
    await this.leave();
  }

  /** Writes down what was settled, and lets others have the rest. */
  async leave(): Promise<void> {
    this.holdBack();
    await this.#running;
    await this.#acks.end(ackTimeoutMs);
    const { server, stream, options, consumer, lease } = this.#set;
    try {
      const client = await server.ready();
      await leaveGroup.run(client, [stream], [options.group, consumer, 10_000]);
      if (lease !== undefined) await releaseLease.run(client, [lease], [consumer]);
    } catch {
      // The server is away: others see that this consumer is gone when its time is over.
    }
  }

  /** Takes over what dead consumers left, and removes those that left nothing. `alive`: those that are there. */
  async sweep(alive: readonly string[]): Promise<void> {
    if (this.#sweeping || this.#ended) return;
    this.#sweeping = true;
    this.#trimmed = undefined;
    try {
      const client = await this.#set.server.ready();
      for (const { name, pending } of await this.#pending.consumers(client)) {
        if (pending > 0 && !alive.includes(name) && !this.#ended) await this.#inherit(client, name);
      }
      await this.#bury(client, alive);
    } finally {
      this.#sweeping = false;
    }
  }

  async #run(): Promise<void> {
    const { server, stream } = this.#set;
    while (!this.#ended) {
      try {
        await server.ready(this.#reader);
        if (this.#isUnsure) await this.#recover();
        await this.#follow();
      } catch (error) {
        if (this.#ended) return;
        this.#isUnsure = true;
        if (error instanceof Halt) this.#set.tell({ is: "halted", cause: error.reason });
        else if (isGroupGone(error)) await this.#meetLostGroup();
        else this.#set.tell({ is: "degraded", cause: causeOf(error, server.address, stream) });
        await sleep(retryMs);
      }
    }
  }

  /** Hands over what is new, and reads the next while the engine works. */
  async #follow(): Promise<void> {
    let next = this.#readAhead();
    while (!this.#ended) {
      const entries = await next;
      if (this.#ended) return;
      if (this.#trimmed) throw new Halt(this.#trimmed);
      this.#set.tell(undefined);
      next = this.#readAhead();
      await this.#inTurn(() => this.#handOver(entries));
    }
  }

  #readAhead(): Promise<Entry[]> {
    const reading = this.#read();
    reading.catch(() => {
      // It is awaited in the next turn, unless the lane ends before.
    });
    return reading;
  }

  /** The next entries; none when there were none, after a while or as soon as there are. */
  async #read(): Promise<Entry[]> {
    const { stream, options, consumer, lease } = this.#set;
    const args = [options.group, consumer, this.#count];
    const keys = lease === undefined ? [stream] : [stream, lease];
    const [what, ...rest] = (await readNext.run(this.#reader, keys, args)) as [Buffer, ...unknown[]];
    if (what.toString() === "lost") {
      this.#set.lost();
      this.holdBack();
      return [];
    }
    if (what.toString() === "gap") {
      await this.#meetGap(rest[0] as number);
      return [];
    }
    const [before, entries] = rest as [Buffer, Entry[]];
    if (entries.length === 0) await this.#wait(before.toString("latin1"));
    return entries;
  }

  /** Waits until something is there, for the next reading to take: a wait that took it would pass over what was trimmed meanwhile. */
  async #wait(behind: string): Promise<void> {
    const args = ["COUNT", 1, "BLOCK", blockMs, "STREAMS", this.#set.stream, behind];
    await within(this.#reader.callBuffer("XREAD", ...args), blockMs * 4);
  }

  /** What is pending and in nobody's hand: what this consumer was given and never saw; under a lease, whoever had it. */
  async #recover(): Promise<void> {
    const { server, consumer, lease } = this.#set;
    const client = await server.ready();
    const known = new Set([...this.#inHand, ...this.#acks.open]);
    if (lease !== undefined) this.#trimmed = undefined;
    for (let behind: string | undefined; !this.#ended; ) {
      const page = await this.#pending.list(client, behind, lease === undefined ? consumer : undefined);
      behind = page.at(-1)?.id;
      if (behind === undefined) break;
      await this.#takeAll(
        client,
        page.filter(({ id }) => !known.has(id)),
      );
    }
    if (this.#trimmed) throw new Halt(this.#trimmed);
    if (lease !== undefined) await this.#bury(client, [consumer]);
    this.#isUnsure = false;
  }

  /** Removes consumers of ours that are not there any more and left nothing. */
  async #bury(client: RedisClient, alive: readonly string[]): Promise<void> {
    for (const { name, pending } of await this.#pending.consumers(client)) {
      if (pending > 0 || alive.includes(name) || !isOurs(name)) continue;
      await buryConsumer.run(client, [this.#set.stream], [this.#set.options.group, name]);
    }
  }

  async #inherit(client: RedisClient, name: string): Promise<void> {
    const page = await this.#pending.list(client, undefined, name);
    const left = isOurs(name) ? page : page.filter(({ idleMs }) => idleMs >= foreignIdleMs);
    if (left.length === 0) return;
    if (!this.#inherited.has(name))
      this.#warn(`taking over ${left.length} entries of ${this.#set.stream} that ${name} left`);
    this.#inherited.add(name);
    await this.#takeAll(client, left);
  }

  /** Takes entries over and hands them on; those that may have killed their workers one by one, with nothing else in hand. */
  async #takeAll(client: RedisClient, entries: readonly Pending[]): Promise<void> {
    const from = Math.min(suspectFrom, this.#set.options.maxDeliveries);
    const isSuspect = ({ deliveries }: Pending) => deliveries + 1 >= from;
    const usual = entries.filter((entry) => !isSuspect(entry));
    for (let at = 0; at < usual.length && !this.#ended; at += chunkMessages) {
      await this.#inTurn(() => this.#take(client, usual.slice(at, at + chunkMessages)));
    }
    for (const entry of entries.filter(isSuspect)) {
      await this.#inTurn(async () => {
        await this.#whenEmpty();
        await this.#take(client, [entry]);
        await this.#whenEmpty();
      });
    }
  }

  async #take(client: RedisClient, entries: readonly Pending[]): Promise<void> {
    if (this.#ended) return;
    const { consumer, lease } = this.#set;
    const answer = await this.#pending.take(client, consumer, lease, entries);
    if (answer === undefined) {
      this.#set.lost();
      this.holdBack();
      return;
    }
    const attempts = new Map(entries.map(({ id, deliveries }) => [id, deliveries + 1]));
    await this.#handOver(answer.taken, attempts);
    if (answer.gone.length > 0) await this.#meetTrimmed(client, answer.gone);
  }

  /** One after another: what is read and what is taken over come from two sides. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #whenEmpty(): Promise<void> {
    if (this.#inHand.length === 0 || this.#ended) return Promise.resolve();
    return new Promise((resolve) => this.#emptied.push(resolve));
  }

  /** In chunks, as there is room. */
  async #handOver(entries: readonly Entry[], attempts?: ReadonlyMap<string, number>): Promise<void> {
    const { handlers } = this.#set;
    let bytes = 0;
    for (let from = 0; from < entries.length; from += chunkMessages) {
      if (this.#ended) return;
      const messages = entries.slice(from, from + chunkMessages).map((entry) => this.#toMessage(entry, attempts));
      for (const message of messages) {
        bytes += message.heldBytes;
        this.#inHand.push(message.meta.position);
      }
      await handlers.deliver(this.name, this.epoch, messages);
    }
    if (bytes > 0) this.#count = Math.max(1, Math.min(maxCount, Math.floor((batchBytes * entries.length) / bytes)));
  }

  #toMessage([id, fields]: Entry, attempts?: ReadonlyMap<string, number>): Message {
    const { node, layout, codec, maxDeliveries } = this.#set.options;
    const position = id.toString("latin1");
    const attempt = attempts?.get(position) ?? 1;
    const meta: MessageMeta = {
      source: node,
      lane: this.name,
      position,
      timestamp: readTime(position),
      attempt,
    };
    const givenUp = attempt > maxDeliveries ? describePoison(attempt - 1) : undefined;
    return new Message(new EntryParts(fields, layout, meta, codec, givenUp));
  }

  /** Entries were trimmed that nobody had read. @throws Halt where a person is to decide */
  async #meetGap(count: number): Promise<void> {
    const { server, stream, options } = this.#set;
    const words = `${count} entries of \`${stream}\` were trimmed before they were read.`;
    if (options.onGap === "halt") throw new Halt({ code: "position-gone", message: `${words} ${wayOut}` });
    this.#warn(words);
    const to = options.onGap === "latest" ? "$" : "";
    await placeGroup.run(await server.ready(), [stream], ["SETID", options.group, to]);
  }

  /** Entries were trimmed that a consumer had, and did not settle. Halted they stay pending, so that nobody takes them for worked. */
  async #meetTrimmed(client: RedisClient, ids: readonly string[]): Promise<void> {
    const { stream, options } = this.#set;
    const range = ids.length === 1 ? ids[0] : `${ids[0]} to ${ids.at(-1)}`;
    const words = `${ids.length} entries of \`${stream}\` were trimmed while a worker that died had them: ${range}.`;
    if (options.onGap === "halt") {
      this.#trimmed = { code: "position-gone", message: `${words} ${wayOut}` };
      return;
    }
    this.#warn(words);
    await client.call("XACK", stream, options.group, ...ids);
  }

  /** The group vanished while it was read: with its stream, or by hand. */
  async #meetLostGroup(): Promise<void> {
    const { server, stream, options } = this.#set;
    const words = `The group \`${options.group}\` of \`${stream}\` is gone: the stream was deleted, or Redis lost its data.`;
    if (options.onGap === "halt") {
      this.#set.tell({ is: "halted", cause: { code: "position-gone", message: `${words} ${wayOut}` } });
      return;
    }
    this.#warn(words);
    try {
      const client = await server.ready();
      await createGroup(client, stream, options.group, options.onGap === "latest" ? "$" : "0");
    } catch (error) {
      this.#set.tell({ is: "degraded", cause: causeOf(error, server.address, stream) });
    }
  }

  #warn(message: string): void {
    this.#set.log("warn", message, { node: this.#set.options.node });
  }
}

function describePoison(deliveries: number): Cause {
  return {
    code: "poison-message",
    message: `It was handed out ${deliveries} times and never finished: each worker that had it died, or lost its connection. Look at it before you send it again.`,
  };
}

/** Makes a group, and its stream where that is not there yet; one that is there stays as it is. */
export async function createGroup(client: RedisClient, stream: string, group: string, behind: string): Promise<void> {
  try {
    await placeGroup.run(client, [stream], ["CREATE", group, behind]);
  } catch (error) {
    if (!(error instanceof Error && error.message.includes("BUSYGROUP"))) throw error;
  }
}

/** A person is to decide. */
class Halt extends Error {
  override readonly name = "Halt";
  constructor(readonly reason: Cause) {
    super(reason.message);
  }
}

const wayOut = "Deploy anew to begin elsewhere, or let the node go on by itself with *When entries are gone*.";

const ourPrefix = "millrace-";

/** The name of a consumer, another for each. */
export function makeConsumerName(host: string, unique: string): string {
  return `${ourPrefix}${host}-${process.pid}-${unique}`;
}

function isOurs(consumer: string): boolean {
  return consumer.startsWith(ourPrefix);
}
