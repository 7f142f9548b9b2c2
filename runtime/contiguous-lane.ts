import type { Message } from "../flow/message";
import { breathe } from "./backoff";
import type { Flight } from "./flight";
import { endFlights, type Lane, type LaneHost, RoomWaiters } from "./lane";

/** The source is asked to wait when this much stands in the lane, or as many messages as may be on their way. */
const roomBytes = 4_000_000;

/** With hundreds of lanes each lane's own limit is no limit: past these over all lanes, only an empty lane takes more. */
const allLanesBytes = 64_000_000;
const allLanesMessages = 20_000;
let allHeldBytes = 0;
let allHeldMessages = 0;

/** Messages that go their way together. */
interface Batch {
  readonly messages: readonly Message[];
  readonly bytes: number;
  /** On its way. */
  flight: Flight | null;
  work: Promise<void> | null;
  isSafe: boolean;
}

/**
 * A lane that settles up to a position: batches follow each other through the flow, keeping their order at every stage, and a position
 * is settled when everything up to it is safe. A version that takes over begins with the next batch.
 */
export class ContiguousLane implements Lane {
  lastProgressAt: number | null = null;
  position: string | null = null;
  lastFailure: Flight["lastFailure"] = null;
  /** Not begun. */
  #queue: (readonly Message[])[] = [];
  #queuedMessages = 0;
  #queuedBytes = 0;
  /** Begun, in their order; the safe ones wait for those before them. */
  #batches: Batch[] = [];
  #begunMessages = 0;
  #begunBytes = 0;
  #filling: Promise<void> | null = null;
  #ended = false;
  /** A flight was cut: nothing begins before all behind it have come back. */
  #rewinding = false;
  #works = 0;
  readonly #room = new RoomWaiters();

  /** `after` = the end of this lane's earlier epoch: two epochs never work side by side. */
  constructor(
    readonly name: string,
    readonly epoch: number,
    readonly host: LaneHost,
    readonly after: Promise<void> = Promise.resolve(),
  ) {}

  get inFlight(): number {
    return this.#queuedMessages + this.#begunMessages;
  }

  get oldest(): Flight | undefined {
    return this.#batches[0]?.flight ?? undefined;
  }

  get full(): boolean {
    return this.#room.any;
  }

  deliver(messages: readonly Message[]): Promise<void> {
    if (this.#ended || messages.length === 0) return Promise.resolve();
    let bytes = 0;
    for (const message of messages) bytes += message.heldBytes;
    this.#queue.push(messages);
    this.#queuedMessages += messages.length;
    this.#queuedBytes += bytes;
    allHeldBytes += bytes;
    allHeldMessages += messages.length;
    this.#fill();
    return this.#hasRoom() ? Promise.resolve() : this.#room.wait();
  }

  async end(patienceMs: number): Promise<void> {
    this.#ended = true;
    allHeldBytes -= this.#queuedBytes;
    allHeldMessages -= this.#queuedMessages;
    this.#queue = [];
    this.#queuedMessages = 0;
    this.#queuedBytes = 0;
    this.#room.admit();
    await endFlights(() => this.#batches.flatMap(({ flight }) => flight ?? []), patienceMs);
    await this.#filling;
    await Promise.all(this.#batches.map(({ work }) => work));
    for (const batch of this.#batches) this.#forget(batch);
    this.#batches = [];
  }

  /** Begins what may begin. */
  #fill(): void {
    this.#filling ??= this.#fillNow();
  }

  async #fillNow(): Promise<void> {
    await this.after;
    while (this.#mayBegin()) {
      const batch = this.#take();
      this.#batches.push(batch);
      this.#begin(batch);
      if (this.#hasRoom()) this.#room.admit();
      await breathe();
    }
    // Here and not in a callback behind it: what comes in between would begin nothing.
    this.#filling = null;
  }

  #mayBegin(): boolean {
    if (this.#ended || this.#rewinding || this.#queuedMessages === 0) return false;
    if (this.#batches.length === 0) return true;
    const { flights, messages } = this.host.window();
    return this.#batches.length < flights && this.#begunMessages < messages;
  }

  #begin(batch: Batch): void {
    this.#works++;
    batch.work = this.#fly(batch).then(() => {
      this.#works--;
      if (this.#rewinding && this.#works === 0) this.#rewind();
      this.#fill();
    });
  }

  async #fly(batch: Batch): Promise<void> {
    const transacting = this.host.transact(this.name, this.epoch);
    const transaction = transacting && (await transacting);
    if (transaction === null || (transacting && this.#ended)) return transaction?.abort();
    const flight = this.host.begin(batch.messages);
    batch.flight = flight;
    flight.transaction = transaction;
    const before = this.#batches[this.#batches.indexOf(batch) - 1]?.flight;
    if (before) flight.follow(before);
    const isSafe = await this.host.deliver(flight);
    batch.flight = null;
    this.lastFailure = flight.lastFailure ?? this.lastFailure;
    if (isSafe) {
      batch.isSafe = true;
      this.#settle();
    } else {
      await transaction?.abort();
      this.#rewinding = true;
    }
  }

  /** Sends what was cut on its way again, in front of those that were not begun: for a version that takes over, or a second try. */
  #rewind(): void {
    this.#rewinding = false;
    if (this.#ended) return;
    for (const batch of this.#batches) if (!batch.isSafe) this.#begin(batch);
  }

  #settle(): void {
    let last: Batch | undefined;
    while (this.#batches[0]?.isSafe) {
      last = this.#batches.shift()!;
      this.#forget(last);
    }
    if (!last) return;
    this.position = last.messages.at(-1)!.meta.position;
    this.lastProgressAt = Date.now();
    this.host.settle(this.name, this.epoch, this.position, "done");
    if (this.#hasRoom()) this.#room.admit();
  }

  #forget({ messages, bytes }: Batch): void {
    this.#begunMessages -= messages.length;
    this.#begunBytes -= bytes;
    allHeldBytes -= bytes;
    allHeldMessages -= messages.length;
  }

  /** What waits in the source costs less than what waits here: it takes no more than may be on its way. */
  #hasRoom(): boolean {
    const isFull = this.inFlight >= this.host.window().messages;
    if (isFull || this.#queuedBytes + this.#begunBytes >= roomBytes) return false;
    return (allHeldBytes < allLanesBytes && allHeldMessages < allLanesMessages) || this.inFlight === 0;
  }

  #take(): Batch {
    const { batch, bytes: mostBytes } = this.host.window();
    let messages = this.#queue.length === 1 ? this.#queue[0]! : ([] as Message[]).concat(...this.#queue);
    let bytes = this.#queuedBytes;
    this.#queue = [];
    if (messages.length > batch || bytes > mostBytes) {
      bytes = 0;
      let count = 0;
      while (count < messages.length && count < batch && (count === 0 || bytes < mostBytes)) {
        bytes += messages[count++]!.heldBytes;
      }
      if (count < messages.length) this.#queue.push(messages.slice(count));
      messages = messages.slice(0, count);
    }
    this.#queuedMessages -= messages.length;
    this.#queuedBytes -= bytes;
    this.#begunMessages += messages.length;
    this.#begunBytes += bytes;
    return { messages, bytes, flight: null, work: null, isSafe: false };
  }
}
