import type { Message } from "../flow/message";
import { breathe } from "./backoff";
import type { Flight } from "./flight";
import { endFlights, type Lane, type LaneHost, RoomWaiters } from "./lane";

/** A flight takes at most this many messages … */
const batchMessages = 500;
/** … or bytes, whichever comes first. */
const batchBytes = 2_000_000;
/** The source is asked to wait when this much stands in the lane. */
const roomMessages = 1_000;
const roomBytes = 4_000_000;

/** With hundreds of lanes each lane's own limit is no limit: past this over all lanes, only an empty lane takes more. */
const allLanesBytes = 64_000_000;
let allQueuedBytes = 0;

/**
 * A lane that settles up to a position: batches run one after the other, each through the whole flow, and the last position of a
 * batch is settled when every message of it is safe. A version that takes over begins with the next batch.
 */
export class ContiguousLane implements Lane {
  lastProgressAt: number | null = null;
  position: string | null = null;
  #queue: Message[] = [];
  #queuedBytes = 0;
  #flight: Flight | null = null;
  #loop: Promise<void> | null = null;
  #ended = false;
  readonly #room = new RoomWaiters();

  /** `after` = the end of this lane's earlier epoch: two epochs never work side by side. */
  constructor(
    readonly name: string,
    readonly epoch: number,
    readonly host: LaneHost,
    readonly after: Promise<void> = Promise.resolve(),
  ) {}

  get inFlight(): number {
    return this.#queue.length + (this.#flight?.origins.length ?? 0);
  }

  get full(): boolean {
    return this.#room.any;
  }

  deliver(messages: readonly Message[]): Promise<void> {
    if (this.#ended || messages.length === 0) return Promise.resolve();
    for (const message of messages) {
      this.#queue.push(message);
      this.#weigh(message.heldBytes);
    }
    this.#loop ??= this.#run();
    return this.#hasRoom() ? Promise.resolve() : this.#room.wait();
  }

  async end(patienceMs: number): Promise<void> {
    this.#ended = true;
    this.#queue = [];
    this.#weigh(-this.#queuedBytes);
    this.#room.admit();
    await endFlights(() => (this.#flight ? [this.#flight] : []), patienceMs);
    await this.#loop;
  }

  async #run(): Promise<void> {
    await this.after;
    while (!this.#ended && this.#queue.length > 0) {
      const batch = this.#take();
      const flight = this.host.begin(batch);
      this.#flight = flight;
      const safe = await this.host.deliver(flight);
      this.#flight = null;
      if (safe) this.#settle(batch);
      // Cut for a version that takes over: the same messages again, in front of those behind them.
      else if (!this.#ended) this.#putBack(batch);
      if (this.#hasRoom()) this.#room.admit();
      await breathe();
    }
    this.#loop = null;
  }

  #settle(batch: readonly Message[]): void {
    this.position = batch.at(-1)!.meta.position;
    this.lastProgressAt = Date.now();
    this.host.settle(this.name, this.epoch, this.position, "done");
  }

  #hasRoom(): boolean {
    if (this.#queue.length >= roomMessages || this.#queuedBytes >= roomBytes) return false;
    return allQueuedBytes < allLanesBytes || this.#queue.length === 0;
  }

  #take(): Message[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#queue.length && count < batchMessages && (count === 0 || bytes < batchBytes)) {
      bytes += this.#queue[count++]!.heldBytes;
    }
    this.#weigh(-bytes);
    return this.#queue.splice(0, count);
  }

  #putBack(batch: readonly Message[]): void {
    this.#queue.unshift(...batch);
    for (const message of batch) this.#weigh(message.heldBytes);
  }

  #weigh(bytes: number): void {
    this.#queuedBytes += bytes;
    allQueuedBytes += bytes;
  }
}
