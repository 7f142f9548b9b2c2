import { readFile } from "node:fs/promises";
import { sleep } from "../runtime/backoff";

/** What processes took while something was measured; null where the system does not say (it does on Linux). */
export interface Usage {
  /** Seconds of processor time of the processes that were watched. */
  readonly ownSeconds: number | null;
  /** Seconds of processor time of the whole machine: those processes, brokers, the measuring. */
  readonly machineSeconds: number | null;
}

/** Linux counts processor time in hundredths of a second. */
export const ticksPerSecond = 100;
const sampleMs = 100;

export async function readUsage(pids: readonly number[]): Promise<Usage> {
  try {
    const own = await Promise.all(pids.map(readTicks));
    const [line] = (await readFile("/proc/stat", "utf8")).split("\n");
    const [user, nice, system, , , interrupts, softInterrupts] = line!.split(/\s+/).slice(1).map(Number);
    return {
      ownSeconds: own.reduce((sum, ticks) => sum + ticks, 0) / ticksPerSecond,
      machineSeconds: (user! + nice! + system! + interrupts! + softInterrupts!) / ticksPerSecond,
    };
  } catch {
    return { ownSeconds: null, machineSeconds: null };
  }
}

/** Processor time of a process so far, in ticks. @throws Error when there is none, or on a system that does not say */
export async function readTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name may hold spaces; what follows its bracket does not.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** Watches resident memory until it is ended; answers the highest of any one process in MB (10⁶ bytes), or null. */
export function watchMemory(pids: () => readonly number[]): { end(): Promise<number | null> } {
  let peak: number | null = null;
  let ended = false;
  const watching = (async () => {
    while (!ended) {
      for (const pid of pids()) {
        const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
        const kib = /VmRSS:\s+(\d+)/.exec(status)?.[1];
        if (kib) peak = Math.max(peak ?? 0, (Number(kib) * 1024) / 1e6);
      }
      await sleep(sampleMs);
    }
  })();
  return {
    async end() {
      ended = true;
      await watching;
      return peak;
    },
  };
}
