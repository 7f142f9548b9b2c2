import type { Message } from "../../flow/message";
import type { Flight, Place } from "../flight";
import { endFlights, RoomWaiters } from "../lane";
import { describeError, type Log } from "../log";
import type { OpenVersion } from "../versions";
import type { Leave } from "./ports";

/** So many messages that were held are on their way at once; the others wait for their turn. */
const roomMessages = 1_000;

export interface LeavingOptions {
  /** The version that runs, where it still has that node; else the one that is named. Rejects when it cannot be opened. */
  versionOf(version: number, newerWithNode: string | null): Promise<OpenVersion>;
  deliver(flight: Flight): Promise<boolean>;
  readonly log: Log;
}

/** Lets what was held leave, each message in a flight of its own behind its node: one that fails holds up no other. */
export class Leaving {
  readonly #flights = new Set<Flight>();
  readonly #room = new RoomWaiters();
  #count = 0;
  #isStopped = false;
  #isFailing = false;

  constructor(readonly options: LeavingOptions) {}

  /** See `Emit`. `orNewer`: through the version that runs, if that has the node. */
  async emit(leave: Leave, orNewer = false): Promise<boolean> {
    while (this.#count >= roomMessages && !this.#isStopped) await this.#room.wait();
    if (this.#isStopped) return false;
    this.#count++;
    try {
      return await this.#leave(leave, orNewer);
    } catch (error) {
      if (!this.#isFailing)
        this.options.log.warn(
          { node: leave.node, version: leave.version, ...describeError(error) },
          "what was held cannot leave yet: its version cannot be opened",
        );
      this.#isFailing = true;
      return false;
    } finally {
      this.#count--;
      this.#room.admit();
    }
  }

  /** Takes nothing more; what is on its way may end within the time. */
  async stop(patienceMs: number): Promise<void> {
    this.#isStopped = true;
    this.#room.admit();
    await endFlights(() => this.#flights, patienceMs);
  }

  async #leave(leave: Leave, orNewer: boolean): Promise<boolean> {
    const { node, port, original } = leave;
    const version = await this.options.versionOf(leave.version, orNewer ? node : null);
    this.#isFailing = false;
    try {
      if (this.#isStopped) return false;
      const place = { ...leave.place, part: `${leave.place.part}@${node}.${port}` };
      const message = makeLeaving(leave, place);
      const id = `${place.lane} ${place.position} ${place.part}`;
      const resent = { id, place, attempts: 0, ...(original ? { original } : {}) };
      const flight = version.pipeline.beginBehind({ node, port }, message, resent);
      this.#flights.add(flight);
      try {
        return await this.options.deliver(flight);
      } finally {
        this.#flights.delete(flight);
      }
    } finally {
      version.release();
    }
  }
}

function makeLeaving({ message, resent }: Leave, { source, lane, position, part }: Place): Message {
  const origin = { lane, position, part, resent: resent === true };
  const { timestamp } = message.meta;
  return message.with({ meta: { source, lane, position, timestamp, attempt: 1, origin } });
}
