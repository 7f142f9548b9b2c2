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
  const before = await read(side);
  return async (sagas) => {
    const after = await read(side);
    const { user, system } = process.cpuUsage(own);
    return {
      side: (after.side - before.side) / sagas,
      store: (after.store - before.store) / sagas,
      bench: (user + system) / 1_000 / sagas,
    };
  };
}

async function read({ pids, storePids }: OpenSide): Promise<{ side: number; store: number }> {
  return { side: await sum(pids()), store: await sum(await storePids()) };
}

/** Of a process that has ended meanwhile nothing is known any more. */
async function sum(pids: readonly number[]): Promise<number> {
  const ticks = await Promise.all(pids.map((pid) => readTicks(pid).catch(() => 0)));
  return (ticks.reduce((all, each) => all + each, 0) / ticksPerSecond) * 1_000;
}
