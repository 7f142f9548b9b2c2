import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { LaneProgress, OpenSource, SourceHandlers, StartingPlace } from "../../../flow/behaviour";
import type { Cause } from "../../../flow/verdict";
import { sleep } from "../../backoff";
import type { TransportOptions } from "../../transport";
import { within } from "../within";
import { causeOf } from "./causes";
import { type ConsumeOptions, createGroup, makeConsumerName, StreamLane } from "./lane";
import { pick } from "./pending";
import { countAhead, holdLease, joinMembers } from "./scripts";
import type { RedisClient, RedisServer } from "./server";
import { nameOfPartition } from "./sink";

const tickMs = 1_000;
/** Who was not heard of for so long counts as dead, and its leases are over. */
const leaseMs = 10_000;
/** A worker lets go of what it could not renew before another may have it. */
const renewPatienceMs = 8_000;
const progressTimeoutMs = 400;

type Trouble = { readonly is: "degraded" | "halted"; readonly cause: Cause };

/** The streams of one node as this worker reads them: as one of those who share them, or those whose lease it has. */
export class StreamSource implements OpenSource {
  readonly #server: RedisServer;
  readonly #options: ConsumeOptions;
  readonly #handlers: SourceHandlers;
  readonly #log: TransportOptions["log"];
  readonly #consumer = makeConsumerName(hostname(), randomBytes(3).toString("hex"));
  readonly #streams: readonly string[];
  readonly #lanes = new Map<string, StreamLane>();
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #renewedAt = new Map<string, number>();
  readonly #troubles = new Map<string, Trouble>();
  #grouped = false;
  #joinedAt: number | undefined;
  #stopping = false;
  #wake: () => void = () => {};
  readonly #running: Promise<void>;
  readonly #onAbort = () => this.#holdBack();

  constructor(server: RedisServer, options: ConsumeOptions, handlers: SourceHandlers, log: TransportOptions["log"]) {
    this.#server = server;
    this.#options = options;
    this.#handlers = handlers;
    this.#log = log;
    const { stream, partitions } = options;
    this.#streams =
      partitions > 1 ? Array.from({ length: partitions }, (_, at) => nameOfPartition(stream, at)) : [stream];
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#running = this.#run();
  }

  settle(lane: string, epoch: number, position: string): void {
    const open = this.#lanes.get(lane.slice(0, lane.length - (this.#options.ownName ?? "").length));
    if (open?.epoch === epoch) open.settle(position);
  }

  async progress(): Promise<LaneProgress[]> {
    return Promise.all(
      [...this.#lanes].map(async ([stream, lane]) => {
        const lag = await within(this.#readLag(stream), progressTimeoutMs).catch(() => null);
        return { lane: lane.name, lag, position: lane.position };
      }),
    );
  }

  waiting(): { what: string; since: number } | undefined {
    const since = this.#server.waitingSince;
    return since === undefined ? undefined : { what: `A ping to Redis at ${this.#server.address}`, since };
  }

  async stop(): Promise<void> {
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#holdBack();
    await this.#running;
    await Promise.all(this.#leaving.values());
    await Promise.all([...this.#lanes.values()].map((lane) => lane.leave()));
    this.#lanes.clear();
    if (this.#joinedAt === undefined) return;
    try {
      const client = await this.#server.ready();
      await client.call("ZREM", this.#membersKey, this.#consumer);
    } catch {
      // The server is away: this consumer counts as dead when its time is over.
    }
  }

  get #isLeased(): boolean {
    return this.#options.sharing === "one-worker";
  }

  get #membersKey(): string {
    return `${keyBeside(this.#options.stream, this.#options.group)}:members`;
  }

  #leaseKey(stream: string): string {
    return `${keyBeside(stream, this.#options.group)}:reader`;
  }

  #holdBack(): void {
    this.#stopping = true;
    for (const lane of this.#lanes.values()) lane.holdBack();
    this.#wake();
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      try {
        const client = await this.#server.ready();
        await this.#tick(client);
        this.#note("", undefined);
      } catch (error) {
        this.#note("", { is: "degraded", cause: causeOf(error, this.#server.address, this.#options.stream) });
      }
      if (this.#isLeased) this.#dropOverdue();
      if (this.#stopping) return;
      await Promise.race([sleep(tickMs), new Promise<void>((resolve) => (this.#wake = resolve))]);
    }
  }

  async #tick(client: RedisClient): Promise<void> {
    if (!this.#grouped) await this.#makeGroups(client);
    const [known, names] = (await joinMembers.run(client, [this.#membersKey], [this.#consumer, leaseMs])) as [
      number,
      Buffer[],
    ];
    const wasPurged = this.#joinedAt !== undefined && known === 0;
    this.#joinedAt = performance.now();
    if (this.#stopping) return;
    const members = names.map((name) => name.toString()).sort();
    if (this.#isLeased) return this.#balance(client, members);
    const [stream] = this.#streams as [string];
    const lane = this.#lanes.get(stream);
    // Others took this worker for dead, and what it had in hand with it.
    if (lane && wasPurged) this.#close(stream, lane);
    if (this.#lanes.has(stream) || this.#leaving.has(stream)) return lane?.sweep(members);
    this.#open(stream);
  }

  /** Each stream has its worker, the same in the eyes of all: others let go of it, that one takes it. */
  async #balance(client: RedisClient, members: readonly string[]): Promise<void> {
    const mine = members.indexOf(this.#consumer);
    await Promise.all(
      this.#streams.map(async (stream, at) => {
        const lane = this.#lanes.get(stream);
        const isMine = at % members.length === mine;
        if (lane && !isMine) return this.#close(stream, lane);
        if ((!lane && !isMine) || this.#leaving.has(stream)) return;
        const askedAt = performance.now();
        const held = await holdLease.run(client, [this.#leaseKey(stream)], [this.#consumer, leaseMs]);
        if (this.#stopping) return;
        if (held === 1) {
          this.#renewedAt.set(stream, askedAt);
          if (!this.#lanes.has(stream)) this.#open(stream, this.#leaseKey(stream));
        } else if (lane) this.#close(stream, lane);
      }),
    );
  }

  #dropOverdue(): void {
    const now = performance.now();
    for (const [stream, lane] of this.#lanes) {
      if (now - (this.#renewedAt.get(stream) ?? now) > renewPatienceMs) this.#close(stream, lane);
    }
  }

  #open(stream: string, lease?: string): void {
    const lane: StreamLane = new StreamLane({
      server: this.#server,
      options: this.#options,
      stream,
      consumer: this.#consumer,
      ...(lease === undefined ? {} : { lease }),
      handlers: this.#handlers,
      log: this.#log,
      tell: (trouble) => this.#note(stream, trouble),
      lost: () => {
        if (this.#lanes.get(stream) === lane) this.#close(stream, lane);
      },
    });
    this.#lanes.set(stream, lane);
    lane.start();
  }

  #close(stream: string, lane: StreamLane): void {
    this.#lanes.delete(stream);
    this.#renewedAt.delete(stream);
    const leaving = lane.revoke().finally(() => {
      this.#leaving.delete(stream);
      this.#note(stream, undefined);
    });
    this.#leaving.set(stream, leaving);
  }

  /** The first deploy pins where to begin. Partitions that are added later are read from their beginning. */
  async #makeGroups(client: RedisClient): Promise<void> {
    const { group, start, fallback } = this.#options;
    const there = await Promise.all(this.#streams.map((stream) => hasGroup(client, stream, group)));
    const behind = there.includes(true) ? "0" : beginBehind(start, fallback);
    await Promise.all(
      this.#streams.map((stream, at) => (there[at] ? undefined : createGroup(client, stream, group, behind))),
    );
    this.#grouped = true;
  }

  async #readLag(stream: string): Promise<number | null> {
    const client = await this.#server.ready();
    const lag = await countAhead.run(client, [stream], [this.#options.group]);
    return typeof lag === "number" ? lag : null;
  }

  /** The worst of all lanes and of the source itself is how it fares. */
  #note(lane: string, trouble: Trouble | undefined): void {
    if (this.#stopping) return;
    const before = this.#troubles.get(lane);
    if (trouble) this.#troubles.set(lane, trouble);
    else this.#troubles.delete(lane);
    if (trouble) {
      if (before?.cause.message !== trouble.cause.message || before.is !== trouble.is)
        this.#handlers.state(lane === "" ? trouble : { ...trouble, lane });
    } else if (this.#troubles.size === 0 && (this.#lanes.size > 0 || this.#isLeased))
      this.#handlers.state({ is: "running" });
  }
}

/** In the slot of the stream, so that a script may touch both. */
function keyBeside(stream: string, group: string): string {
  return stream.includes("{") ? `${stream}:${group}` : `{${stream}}:${group}`;
}

/** The id behind which a new group begins to read. */
function beginBehind(start: StartingPlace, fallback: "earliest" | "latest"): string {
  if (start.from === "time") return `${Math.max(0, start.at - 1)}-18446744073709551615`;
  return (start.from === "kind" ? fallback : start.from) === "latest" ? "$" : "0";
}

async function hasGroup(client: RedisClient, stream: string, group: string): Promise<boolean> {
  try {
    const groups = (await client.call("XINFO", "GROUPS", stream)) as unknown[][];
    return groups.some((fields) => pick(fields, "name") === group);
  } catch (error) {
    if (error instanceof Error && /no such key/i.test(error.message)) return false;
    throw error;
  }
}
