import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { semanticsOf } from "../../flow/semantics";
import { sleep } from "../backoff";
import { waitUntil } from "../system/rig";
import { compareBooks, type Findings, judge } from "./books";
import { Crew } from "./crew";
import type { Fault } from "./faults";
import { fakeClockEnv, findFakeClock, type House } from "./house";
import { InFlight } from "./in-flight";
import { asWhole, Progress } from "./progress";
import { createRandom, type Random } from "./random";
import type { OpenShape, SemanticsName, Shape } from "./shape";

/** One flow, under one promise, with one kind of trouble. */
export interface Cell {
  readonly shape: Shape;
  readonly semantics: SemanticsName;
  readonly fault: Fault;
}

export interface CellReport {
  readonly cell: string;
  readonly seed: number;
  readonly messages: number;
  readonly faults: number;
  readonly sinks: readonly (Findings & {
    readonly sink: string;
    readonly ordered: boolean;
    readonly mayDouble: number;
  })[];
  readonly longestSilenceMs: number;
  /** The longest that a lane was still after an end of the trouble. */
  readonly backMs: number;
  /** From the last message until everything was settled; null when it never was. */
  readonly settledMs: number | null;
  readonly peakMemoryMiB: number;
  readonly workers: number;
  readonly tookMs: number;
  readonly violations: readonly string[];
  /** The end of the workers' logs, and what they last told of a flow that was stuck; kept where something is wrong. */
  readonly log: string;
}

export const nameCell = ({ shape, semantics, fault }: Cell) => `${shape.name}/${semantics}/${fault.name}`;

/** It must go on within this time of the trouble's end. */
const backWithinMs = 15_000;
const settleWithinMs = 90_000;
/** Fed on after the trouble's end. */
const tailMs = 3_000;

let counter = 0;

/** Runs a cell in the house, with so many messages at least, and compares the books. Throws only when the house itself is broken. */
export async function runCell(house: House, cell: Cell, seed: number, atLeast = 0): Promise<CellReport> {
  const begun = performance.now();
  const random = createRandom(seed);
  const name = `chaos-${Date.now().toString(36)}-${++counter}`;
  const shape = await cell.shape.open({ house, name, semantics: cell.semantics, random: createRandom(seed + 1) });
  const clockFile = join(house.directory, `${name}.clock`);
  await writeFile(clockFile, "+0");
  const library = cell.fault.needsClock ? findFakeClock() : null;
  const crew = new Crew(house, library ? fakeClockEnv(library, clockFile) : {});
  const violations: string[] = [];
  const claimed = semanticsOf(shape.flow).delivery;
  if (claimed !== cell.semantics) violations.push(`the drawing claims ${claimed}`);
  const progress = new Progress(asWhole(shape.countArrived));
  const lanes = new Progress(shape.countSettled);
  try {
    const workers = random.between(1, 2);
    for (let index = 0; index < workers; index++) crew.join();
    // Half of the cells begin with work to catch up on, at full speed.
    await shape.fill(random.pick([0, 20_000]));
    await house.rig.deploy(shape.flow);
    await house.rig.running(name);
    shape.startFeed();
    if ((await lanes.waitForGrowth(performance.now(), 30_000)) === null)
      violations.push("not every lane began within 30 s");
    const faults = await makeTrouble({
      house,
      cell,
      atLeast,
      crew,
      random,
      clockFile,
      shape,
      progress,
      lanes,
      violations,
    });
    await sleep(tailMs);
    const messages = await shape.endFeed();
    const settledMs = await settle(shape, violations);
    const stuck = settledMs === null ? JSON.stringify(await house.rig.live(name)) : "";
    await Promise.all([progress.end(), lanes.end()]);
    await house.rig.stop(name).catch((error: unknown) => violations.push(`it did not stop: ${String(error)}`));
    const sinks = (await shape.readBooks()).map(({ sink, wanted, arrived, ordered, perMessage }) => {
      const findings = compareBooks(wanted, arrived);
      const duplicates = cell.semantics === "at-least-once" ? faults.mayRepeat * perMessage : 0;
      violations.push(...judge(sink, findings, { duplicates, ordered }));
      return { sink, ordered, mayDouble: duplicates, ...findings };
    });
    const dead = await house.rig.deadLetters(name);
    if (dead > 0) violations.push(`${dead} dead letters where none should be`);
    if (crew.crashes > 0) violations.push(`a worker ended by itself ${crew.crashes} times`);
    return {
      cell: nameCell(cell),
      seed,
      messages,
      faults: faults.count,
      sinks,
      longestSilenceMs: Math.round(progress.longestSilenceMs),
      backMs: Math.round(faults.backMs),
      settledMs,
      peakMemoryMiB: Math.round(crew.peakMemory),
      workers,
      tookMs: Math.round(performance.now() - begun),
      violations,
      log: [crew.log, stuck].join("\n"),
    };
  } finally {
    await Promise.all([progress.end(), lanes.end()]);
    await crew.end();
    await shape.close();
  }
}

interface TroubleOptions {
  readonly house: House;
  readonly cell: Cell;
  readonly atLeast: number;
  readonly crew: Crew;
  readonly random: Random;
  readonly clockFile: string;
  readonly shape: OpenShape;
  readonly progress: Progress;
  readonly lanes: Progress;
  readonly violations: string[];
}

interface Trouble {
  readonly count: number;
  readonly backMs: number;
  /** How many messages may have come again because of it. */
  readonly mayRepeat: number;
}

/** Brings the fault about at moments of the seed, a few times and until enough messages are sent, and waits each time until every lane goes on. */
async function makeTrouble(options: TroubleOptions): Promise<Trouble> {
  const { house, cell, atLeast, crew, random, clockFile, shape, progress, lanes, violations } = options;
  const { fault } = cell;
  let version = 1;
  const scene = {
    house,
    crew,
    random,
    clockFile,
    async redeploy() {
      await house.rig.deploy({ ...shape.flow, title: `version ${++version}` });
      await house.rig.running(shape.flow.name);
    },
  };
  const rounds = random.between(...fault.rounds);
  let [count, backMs, mayRepeat] = [0, 0, 0];
  const inFlight = new InFlight(house, shape.flow.name);
  while (count < rounds || shape.countSent() < atLeast) {
    count++;
    await sleep(random.between(300, 3_000));
    // What is on its way now may come again, and what was settled since the positions were last committed (twice a second).
    mayRepeat += fault.repeats * (inFlight.recent + progress.recent);
    const end = await fault.begin(scene);
    await sleep(random.between(...fault.lastsMs));
    await end();
    const ended = performance.now();
    const back = await lanes.waitForGrowth(ended, backWithinMs * 3);
    backMs = Math.max(backMs, back ?? backWithinMs * 3);
    if (back === null || back > backWithinMs)
      violations.push(
        `round ${count}: ${back === null ? `not back ${(backWithinMs * 3) / 1_000} s` : `back ${(back / 1_000).toFixed(1)} s`} after the trouble's end`,
      );
  }
  await inFlight.end();
  return { count, backMs, mayRepeat };
}

/** Returns how long it took, or null. */
async function settle(shape: OpenShape, violations: string[]): Promise<number | null> {
  const begun = performance.now();
  try {
    await waitUntil("everything to be settled", shape.isSettled, settleWithinMs);
    return Math.round(performance.now() - begun);
  } catch {
    violations.push(`not settled ${settleWithinMs / 1_000} s after the last message`);
    return null;
  }
}
