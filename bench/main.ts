/** Runs cases, or the profile of one, on services that run already (`npm run bench` starts them), and writes what came out. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { servicesOfRunner, type WorkerProcess } from "../runtime/system/rig";
import { openOutsider } from "../runtime/system/topics";
import { bundleByHand } from "./by-hand-process";
import { cases } from "./cases";
import { readCircumstances } from "./circumstances";
import { type Bench, compareSides } from "./compare";
import { Inputs } from "./inputs";
import { keepResults, writeResults } from "./latest";
import { Outputs } from "./outputs";
import { groupProfile, profileFlags, readProfile } from "./profile";
import { Queues } from "./queues";
import { tableOfProfile, writeReport } from "./report";
import { noResults, type ProfileResult, type Results } from "./results";
import { runRound } from "./round";
import { openRunner } from "./runner";
import { roundSeconds, warmSeconds } from "./settings";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: "boolean", default: false }, profile: { type: "boolean", default: false } },
});
const stamp = new Date().toISOString().replace(/[:.]/g, "-");
const say = (line: string) => void process.stdout.write(`${line}\n`);

const services = servicesOfRunner();
const outsider = await openOutsider(services.kafkaBrokers);
const queues = new Queues(services.redisUrl, process.env.RABBITMQ_URL ?? "", process.env.PULSAR_URL ?? "");
await bundleByHand();
const worker = JSON.parse(process.env.BENCH_WORKER ?? "{}") as WorkerProcess;
const bench: Bench = {
  services,
  inputs: new Inputs(services, outsider, queues),
  outputs: new Outputs(services.kafkaBrokers, queues),
  worker,
  say: (line) => say(`  ${line}`),
};
const run = await readCircumstances(services, process.env.BENCH_KAFKA_VERSION ?? "?");
const circumstances = () => ({ ...run, at: new Date().toISOString() });
let results: Results = noResults;

for (const name of positionals.length > 0 ? positionals : Object.keys(cases)) {
  const { title, about } = cases[name]!;
  say(`\n${title} (${name})`);
  if (flags.profile) {
    const profile = await profileCase(name);
    say(`\n${tableOfProfile(profile)}`);
    write({ ...results, profiles: { ...results.profiles, [name]: profile } });
  } else {
    const begun = circumstances();
    const sides = await compareSides(bench, name, cases[name]!);
    write({ ...results, cases: { ...results.cases, [name]: { title, about, circumstances: begun, sides } } });
  }
}
say(`\n${writeReport(results)}`);
say(
  `Written to bench/results/${stamp}.md and .json${flags.keep ? ", kept in latest.md, latest.json and docs/performance.md" : ""}.`,
);
await bench.outputs.close();
await queues.close();
await outsider.close();

/** The flow of a case alone, one round to warm up and one that is looked at. */
async function profileCase(name: string): Promise<ProfileResult> {
  const side = cases[name]!.sides.find(({ by }) => by === "flow");
  if (!side) throw new Error(`The case ${name} has no flow.`);
  const into = mkdtempSync(join(tmpdir(), "millrace-profile-"));
  const begun = circumstances();
  const runner = await openRunner(side, {
    case: name,
    services,
    worker: { ...worker, flags: [...worker.flags, ...profileFlags(into)] },
  });
  const runFor = (seconds: number) => runRound(bench, cases[name]!, side, runner, seconds, roundSeconds);
  await runFor(warmSeconds);
  const { window, perSecond } = await runFor(roundSeconds);
  await runner.close();
  if (!window || perSecond === undefined) throw new Error(`The case ${name} does not measure a rate.`);
  const messages = perSecond * window.seconds;
  return {
    circumstances: begun,
    perSecond,
    groups: groupProfile(readProfile(into), window.fromUs, window.toUs, messages),
  };
}

/** After each case, so that a run that is broken off leaves what it has. */
function write(next: Results): void {
  results = next;
  writeResults(stamp, results);
  if (flags.keep) keepResults(results);
}
