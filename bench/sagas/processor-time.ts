import { readTicks, ticksPerSecond } from "../usage";
import type { OpenSide } from "./side";

/** Milliseconds of processor time for each saga, which other work on the machine changes less than it changes the rate. */
export interface ProcessorTime {
  /** Of the side's own processes. */
  readonly side: number;
  /** Of those of its store that work for it. */
  readonly store: number;
  /** Of the bench: what begins the sagas, and the services that they call. */
  readonly bench: number;
}

/** Begins to measure; the answer ends it. */
export async function startProcessorTime(side: OpenSide): Promise<(sagas: number) => Promise<ProcessorTime>> {
  const own = process.cpuUsage();
  const before = { side: await read(side.pids()), store: await read(await side.storePids()) };
  return async (sagas) => {
    const after = { side: await read(side.pids()), store: await read(await side.storePids()) };
    const { user, system } = process.cpuUsage(own);
    return {
      side: since(before.side, after.side) / sagas,
      store: since(before.store, after.store) / sagas,
      bench: (user + system) / 1_000 / sagas,
    };
  };
}

/** Milliseconds by process. */
async function read(pids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const all = pids.map(async (pid) => [pid, ((await readTicks(pid).catch(() => 0)) / ticksPerSecond) * 1_000] as const);
  return new Map(await Promise.all(all));
}

/** Of a process that has ended meanwhile nothing is known any more; one that began has worked for this alone. */
function since(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number {
  let total = 0;
  for (const [pid, ms] of after) total += ms - (before.get(pid) ?? 0);
  return total;
}
