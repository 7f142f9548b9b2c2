import type { WorkerProcess } from "../runtime/system/rig";
import type { Case, Side } from "./case";
import type { SideResult } from "./results";
import { type Measured, type Places, runRound } from "./round";
import { openRunner, type Runner } from "./runner";
import { roundSeconds, rounds, warmSeconds } from "./settings";

export interface Bench extends Places {
  readonly worker: WorkerProcess;
  say(line: string): void;
}

type Lists = "perSecond" | "p50Ms" | "p99Ms" | "ownUs" | "machineUs" | "memoryMb";
type Values = Omit<SideResult, Lists | "failed"> & Record<Lists, number[]> & { failed?: string };

/** Runs all sides of a case, each a round to warm up first, in turns unless they are many. A side that fails is left out of the rest and says why. */
export async function compareSides(bench: Bench, name: string, case_: Case): Promise<SideResult[]> {
  const options = { case: name, services: bench.services, worker: bench.worker };
  const entries = case_.sides.map((side) => ({ side, values: emptyValues(side) }));
  const runners = new Map<Side, Runner>();
  const close = async (side: Side) => {
    const runner = runners.get(side);
    runners.delete(side);
    await runner?.close();
  };
  const run = async ({ side, values }: (typeof entries)[number], round: number) => {
    if (values.failed !== undefined) return;
    try {
      const runner = runners.get(side) ?? (await openRunner(side, options));
      runners.set(side, runner);
      const fullSeconds = side.seconds ?? roundSeconds;
      // Brokers that only some of many sides use are warmed up by nobody else.
      const seconds = round === 0 && !case_.manySides ? warmSeconds : fullSeconds;
      const measured = await runRound(bench, case_, side, runner, seconds, fullSeconds);
      if (round > 0) take(values, measured);
      bench.say(`${round === 0 ? "warm-up" : `round ${round}`} · ${side.label}: ${describe(measured)}`);
    } catch (error) {
      values.failed = error instanceof Error ? error.message.split("\n")[0]! : String(error);
      bench.say(`${side.label}: ${error instanceof Error ? error.stack : String(error)}`);
      const words = await runners.get(side)?.describe?.().catch(String);
      if (words) bench.say(words);
      await close(side);
    }
  };
  try {
    if (case_.manySides) {
      for (const entry of entries) {
        for (let round = 0; round <= Math.min(rounds, 3); round++) await run(entry, round);
        await close(entry.side);
      }
    } else {
      for (let round = 0; round <= rounds; round++) for (const entry of entries) await run(entry, round);
    }
  } finally {
    for (const side of [...runners.keys()]) await close(side);
    await bench.inputs.clear();
  }
  return entries.map(({ values }) => values);
}

function emptyValues({ name, label, by }: Side): Values {
  return { name, label, by, perSecond: [], p50Ms: [], p99Ms: [], ownUs: [], machineUs: [], memoryMb: [] };
}

function take(values: Values, { perSecond, delays, ownUs, machineUs, memoryMb }: Measured): void {
  const add = (list: number[], value: number | null | undefined) => {
    if (value !== null && value !== undefined) list.push(value);
  };
  add(values.perSecond, perSecond);
  add(values.p50Ms, delays?.p50);
  add(values.p99Ms, delays?.p99);
  add(values.ownUs, ownUs);
  add(values.machineUs, machineUs);
  add(values.memoryMb, memoryMb);
}

function describe({ perSecond, delays, window, ownUs, memoryMb }: Measured): string {
  const parts =
    perSecond === undefined
      ? [`p50 ${delays?.p50.toFixed(1)} ms, p99 ${delays?.p99.toFixed(1)} ms, most ${delays?.max.toFixed(1)} ms`]
      : [`${Math.round(perSecond).toLocaleString("en")} messages/s over ${window?.seconds.toFixed(1)} s`];
  if (ownUs !== null && Number.isFinite(ownUs)) parts.push(`${ownUs.toFixed(1)} µs of its own processes a message`);
  if (memoryMb !== null) parts.push(`${Math.round(memoryMb)} MB`);
  return parts.join(", ");
}
