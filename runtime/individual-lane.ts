import type { Message } from "../flow/message";
import type { Flight } from "./flight";
import { endFlights, type Lane, type LaneHost, RoomWaiters, readOutcome } from "./lane";

/** The source is asked to wait when this many messages are on their way; sources with a concurrency of their own stay below. */
const roomMessages = 1_000;

/** A lane that settles each message by itself: they run side by side, and a slow one holds no other. */
export class IndividualLane implements Lane {
  lastProgressAt: number | null = null;
  position: string | null = null;
  lastFailure: Flight["lastFailure"] = null;
  readonly #flights = new Set<Flight>();
  readonly #works = new Set<Promise<void>>();
  readonly #room = new RoomWaiters();
  #ended = false;

  constructor(
    readonly name: string,
    readonly epoch: number,
    readonly host: LaneHost,
    readonly after: Promise<void> = Promise.resolve(),
  ) {}

  get inFlight(): number {
    return this.#works.size;
  }

  get oldest(): Flight | undefined {
    return this.#flights.values().next().value;
  }

  get full(): boolean {
    return this.#room.any;
  }

  deliver(messages: readonly Message[]): Promise<void> {
    if (this.#ended) return Promise.resolve();
    for (const message of messages) {
      const work = this.#work(message).then(() => {
        this.#works.delete(work);
        if (this.#works.size < roomMessages) this.#room.admit();
      });
      this.#works.add(work);
    }
    return this.#works.size < roomMessages ? Promise.resolve() : this.#room.wait();
  }

  async end(patienceMs: number): Promise<void> {
    this.#ended = true;
    this.#room.admit();
    await endFlights(() => this.#flights, patienceMs);
    await Promise.all(this.#works);
  }

  async #work(message: Message): Promise<void> {
    const { position } = message.meta;
    await this.after;
    while (!this.#ended) {
      const flight = this.host.begin([message]);
      this.#flights.add(flight);
      const safe = await this.host.deliver(flight);
      this.#flights.delete(flight);
      this.lastFailure = flight.lastFailure ?? this.lastFailure;
      if (!safe) continue;
      this.position = position;
      this.lastProgressAt = Date.now();
      this.host.settle(this.name, this.epoch, position, readOutcome(flight.marks[0]!));
      return;
    }
    this.host.release(this.name, this.epoch, position);
  }
}
