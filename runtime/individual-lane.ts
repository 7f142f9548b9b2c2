import type { Message } from "../flow/message";
import type { Flight } from "./flight";
import { endFlights, type Lane, type LaneHost, RoomWaiters, readOutcome } from "./lane";

/** The source is asked to wait when this many messages are on their way; sources with a concurrency of their own stay below. */
const roomMessages = 1_000;

/**
 * A lane that settles each message by itself: they run side by side, and one that takes long holds no other. Where nothing is called,
 * those that came together go together, as long as nothing of the lane is held.
 */
export class IndividualLane implements Lane {
  lastProgressAt: number | null = null;
  position: string | null = null;
  lastFailure: Flight["lastFailure"] = null;
  readonly #flights = new Set<Flight>();
  readonly #works = new Set<Promise<void>>();
  #coming: Message[] = [];
  #gathering: NodeJS.Immediate | undefined;
  #inFlight = 0;
  readonly #room = new RoomWaiters();
  #ended = false;

  constructor(
    readonly name: string,
    readonly epoch: number,
    readonly host: LaneHost,
    readonly after: Promise<void> = Promise.resolve(),
  ) {}

  get inFlight(): number {
    return this.#inFlight;
  }

  get oldest(): Flight | undefined {
    return this.#flights.values().next().value;
  }

  get full(): boolean {
    return this.#room.any;
  }

  deliver(messages: readonly Message[]): Promise<void> {
    if (this.#ended) return Promise.resolve();
    this.#inFlight += messages.length;
    this.#coming.push(...messages);
    // Jobs and requests come one by one; those of one turn of the loop came together.
    this.#gathering ??= setImmediate(() => this.#beginAll());
    return this.#inFlight < roomMessages ? Promise.resolve() : this.#room.wait();
  }

  async end(patienceMs: number): Promise<void> {
    this.#ended = true;
    this.#room.admit();
    this.#beginAll();
    await endFlights(() => this.#flights, patienceMs);
    await Promise.all(this.#works);
  }

  /** After its end: hands back. */
  #beginAll(): void {
    clearImmediate(this.#gathering);
    this.#gathering = undefined;
    const together = this.oldest?.isHeld ? 1 : this.host.window().together;
    const messages = this.#coming;
    this.#coming = [];
    for (let at = 0; at < messages.length; at += together) this.#begin(messages.slice(at, at + together));
  }

  #begin(messages: readonly Message[]): void {
    const work = this.#work(messages).then(() => {
      this.#works.delete(work);
      this.#inFlight -= messages.length;
      if (this.#inFlight < roomMessages) this.#room.admit();
    });
    this.#works.add(work);
  }

  async #work(messages: readonly Message[]): Promise<void> {
    await this.after;
    while (!this.#ended) {
      const flight = this.host.begin(messages);
      this.#flights.add(flight);
      const safe = await this.host.deliver(flight);
      this.#flights.delete(flight);
      this.lastFailure = flight.lastFailure ?? this.lastFailure;
      if (!safe) continue;
      this.position = messages.at(-1)!.meta.position;
      this.lastProgressAt = Date.now();
      for (const [index, { meta }] of messages.entries())
        this.host.settle(this.name, this.epoch, meta.position, readOutcome(flight.marks[index]!));
      return;
    }
    for (const { meta } of messages) this.host.release(this.name, this.epoch, meta.position);
  }
}
