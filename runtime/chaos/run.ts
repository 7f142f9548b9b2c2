/** The runs of `npm run test:chaos` (scripts/chaos.mjs): draws cells in the order of the seed until the time is over, keeps what went wrong. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Case } from "./case";
import { cases } from "./cases";
import { type Cell, type CellReport, nameCell, runCell } from "./cell";
import { findFakeClock, openHouse } from "./house";
import { chooseCells } from "./matrix";
import { createRandom, deriveSeed, drawSeed } from "./random";
import { type CaseReport, describeSummary } from "./report";

const { values: flags } = parseArgs({
  options: {
    seed: { type: "string" },
    "cell-seed": { type: "string" },
    minutes: { type: "string", default: "60" },
    only: { type: "string", multiple: true, default: [] },
    messages: { type: "string", default: "0" },
    scale: { type: "string", default: "1" },
    directory: { type: "string" },
  },
});
const seed = flags.seed === undefined ? drawSeed() : Number(flags.seed) >>> 0;
const directory = flags.directory!;
const say = (line: string) => console.log(line);

say(`seed ${seed}`);
const chosen = choose(flags.only);
const atLeast = Number(flags.messages);
const beganAt = new Date();
const began = performance.now();
const until = began + Number(flags.minutes) * 60_000;
const results = join(directory, beganAt.toISOString().replaceAll(":", "-").slice(0, 19));
await mkdir(results, { recursive: true });
const services = join(directory, "services");
await rm(services, { recursive: true, force: true });

const left: { cell: string; why: string }[] = [];
const cellReports: CellReport[] = [];
const caseReports: CaseReport[] = [];
const needs = [...chosen.cells.map(({ shape }) => shape), ...chosen.cases].flatMap(({ stands = [] }) => stands);
let house = await openHouse(services, needs);
for (const cell of createRandom(seed).shuffle(chosen.cells)) await tryCell(cell);
for (const each of chosen.cases) caseReports.push(await tryCase(each));
await house.close();

const summary = {
  seed,
  beganAt: beganAt.toISOString(),
  tookMs: Math.round(performance.now() - began),
  atLeast,
  cells: cellReports,
  cases: caseReports,
  left,
};
await writeFile(join(results, "report.md"), describeSummary(summary));
await writeFile(join(results, "report.json"), JSON.stringify(summary, leaveLogs, 2));
say(`\n${describeSummary(summary)}\n${join(results, "report.md")}`);
process.exit([...cellReports, ...caseReports].some(({ violations }) => violations.length > 0) ? 1 : 0);

async function tryCell(cell: Cell): Promise<void> {
  const name = nameCell(cell);
  if (cell.fault.needsClock && !findFakeClock())
    return void left.push({ cell: name, why: "libfaketime is not installed" });
  if (performance.now() > until) return void left.push({ cell: name, why: "no time was left" });
  const own = seedOf(name);
  try {
    const report = await runCell(house, cell, own, atLeast);
    cellReports.push(report);
    say(tell(report));
    if (report.violations.length > 0) await keepFailure(name, own, report.log, report);
  } catch (error) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
    cellReports.push(makeBroken(name, own, words));
    say(`✗ ${name}: ${words}`);
    await keepFailure(name, own, words, { error: words });
    // Whatever state it is in: the next cell begins on whole ground.
    await house.close().catch(() => {});
    await rm(services, { recursive: true, force: true });
    house = await openHouse(services, needs);
  }
}

async function tryCase(each: Case): Promise<CaseReport> {
  const own = seedOf(each.name);
  const start = performance.now();
  say(`… ${each.name}: ${each.title}`);
  const outcome = await each
    .run({ house, random: createRandom(own), scale: Number(flags.scale), say: (line) => say(`  ${line}`) })
    .catch((error: unknown) => ({
      figures: {},
      violations: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
      log: "",
    }));
  const report = {
    name: each.name,
    seed: own,
    title: each.title,
    tookMs: Math.round(performance.now() - start),
    ...outcome,
  };
  for (const [figure, value] of Object.entries(report.figures)) say(`  ${figure}: ${value}`);
  for (const violation of report.violations) say(`  ✗ ${violation}`);
  if (report.violations.length > 0) await keepFailure(each.name, own, report.log, report);
  return report;
}

function seedOf(name: string): number {
  return flags["cell-seed"] === undefined ? deriveSeed(seed, name) : Number(flags["cell-seed"]);
}

/** The workers' log and the findings, beside the report. */
async function keepFailure(name: string, own: number, log: string, findings: object): Promise<void> {
  const file = join(results, `${name.replaceAll("/", "_")}-${own}`);
  await writeFile(`${file}.log`, log);
  await writeFile(`${file}.json`, JSON.stringify(findings, leaveLogs, 2));
}

function choose(patterns: readonly string[]): { cells: Cell[]; cases: Case[] } {
  if (patterns.length === 0) return { cells: chooseCells("*"), cases: [] };
  const named = cases.filter(({ name }) => patterns.includes(name) || patterns.includes("cases"));
  const cells = patterns.filter((pattern) => !cases.some(({ name }) => name === pattern) && pattern !== "cases");
  const found = new Map(cells.flatMap((pattern) => chooseCells(pattern)).map((cell) => [nameCell(cell), cell]));
  if (found.size === 0 && named.length === 0) {
    const names = [...chooseCells("*").map(nameCell), ...cases.map(({ name }) => name)];
    process.stderr.write(`Nothing is called ${patterns.join(", ")}. There are:\n${names.join("\n")}\n`);
    process.exit(2);
  }
  return { cells: [...found.values()], cases: named };
}

function tell({ cell, seed: own, messages, faults, sinks, backMs, tookMs, violations }: CellReport): string {
  const doubled = sinks.reduce((total, sink) => total + sink.doubled, 0);
  const counts = `${messages} messages, ${faults} faults, ${doubled} doubled, back after ${(backMs / 1_000).toFixed(1)} s`;
  const line = `${violations.length === 0 ? "✓" : "✗"} ${cell} (seed ${own}): ${counts}; ${(tookMs / 1_000).toFixed(0)} s`;
  return [line, ...violations.map((violation) => `    ${violation}`)].join("\n");
}

function makeBroken(cell: string, own: number, words: string): CellReport {
  const none = { messages: 0, faults: 0, sinks: [], longestSilenceMs: 0, backMs: 0, settledMs: null };
  return { cell, seed: own, ...none, peakMemoryMiB: 0, workers: 0, tookMs: 0, violations: [words], log: "" };
}

function leaveLogs(field: string, value: unknown): unknown {
  return field === "log" ? undefined : value;
}
