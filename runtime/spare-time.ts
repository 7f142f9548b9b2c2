import { performance } from "node:perf_hooks";

const lookEveryMs = 50;
/** Above this share of busy time nothing is gained by having more on its way. */
const busy = 0.95;
const idle = 0.85;
const mostFlights = 4;

/**
 * How many flights of a lane may be on their way at once, by how busy the process is. While it has time to spare, what takes long are the
 * answers of brokers, and more in front of them goes faster. In a busy one, messages that wait in memory only cost: the garbage
 * collector moves them.
 */
export class SpareTime {
  #flights = 1;
  #lookedAt = performance.now();
  #last = performance.eventLoopUtilization();

  /** From 1 to 4; looks again when the last look is some time ago. */
  get flights(): number {
    const now = performance.now();
    if (now - this.#lookedAt >= lookEveryMs) {
      const current = performance.eventLoopUtilization();
      this.#flights = adapt(this.#flights, performance.eventLoopUtilization(current, this.#last).utilization);
      this.#last = current;
      this.#lookedAt = now;
    }
    return this.#flights;
  }
}

/** `utilization` is the share of time, from 0 to 1, in which the event loop was not waiting. */
export function adapt(flights: number, utilization: number): number {
  if (utilization > busy) return Math.max(1, Math.floor(flights / 2));
  return utilization < idle ? Math.min(mostFlights, flights * 2) : flights;
}
