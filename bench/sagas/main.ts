/** `npm run bench sagas`: sagas of three steps here and in Conductor, in turns, on services that run already. */
import { parseArgs } from "node:util";
import { servicesOfRunner } from "../../runtime/system/rig";
import { readCircumstances } from "../circumstances";
import { keepResults, writeResults } from "../latest";
import { noResults, type SagaSideResult } from "../results";
import { roundSeconds, rounds } from "../settings";
import { watchMemory } from "../usage";
import { conductor } from "./conductor";
import { measureDelays, measureRate } from "./measure";
import { millrace } from "./millrace";
import { tableOfSagas } from "./report";
import { openServices } from "./services";
import type { OpenSide, SagaSide } from "./side";

const { values: flags } = parseArgs({ allowPositionals: true, options: { keep: { type: "boolean", default: false } } });
const say = (line: string) => void process.stdout.write(`${line}\n`);
const paced = { perSecond: 50, seconds: roundSeconds };
const waitingSagas = 100_000;
/** Both need many sagas until their code is compiled: a Java server more than a worker. */
const warmSeconds = 3 * roundSeconds;

const services = servicesOfRunner();
const shop = await openServices();
const workerFlags = JSON.parse(process.env.BENCH_WORKER_FLAGS ?? "[]") as string[];
const circumstances = await readCircumstances(services, process.env.BENCH_KAFKA_VERSION ?? "?");
const sides: { side: SagaSide; open: OpenSide; values: Values; memory: ReturnType<typeof watchMemory> }[] = [];
type Values = { -readonly [Name in keyof SagaSideResult]: SagaSideResult[Name] } & Record<
  "perSecond" | "p50Ms" | "p99Ms",
  number[]
>;

try {
  for (const side of [millrace, conductor]) {
    const open = await side.open({ services, url: shop.url, workerFlags });
    const values = { name: side.name, label: side.label, perSecond: [], p50Ms: [], p99Ms: [], memoryMb: 0 };
    sides.push({ side, open, values, memory: watchMemory(open.pids) });
  }
  for (let round = 0; round <= rounds; round++) {
    for (const { side, open, values } of sides) {
      const prefix = `${side.name}-${process.pid}-${round}`;
      const { perSecond } = await measureRate(open, shop, `${prefix}-r`, round === 0 ? warmSeconds : roundSeconds);
      const { p50Ms, p99Ms } = await measureDelays(open, `${prefix}-d`, paced);
      say(
        `  ${round === 0 ? "warm-up" : `round ${round}`} · ${side.label}: ${Math.round(perSecond)} sagas/s; at ${paced.perSecond} a second p50 ${p50Ms} ms, p99 ${p99Ms} ms`,
      );
      if (round === 0) continue;
      values.perSecond.push(perSecond);
      values.p50Ms.push(p50Ms);
      values.p99Ms.push(p99Ms);
    }
  }
  for (const { side, open, values } of sides) {
    const writes = await open.countWrites?.();
    if (writes) values.writesPerSaga = writes.perSaga;
    if (!open.addWaiting) continue;
    const addedInMs = await open.addWaiting(waitingSagas);
    const { perSecond } = await measureRate(open, shop, `${side.name}-${process.pid}-w`, roundSeconds);
    const delays = await measureDelays(open, `${side.name}-${process.pid}-wd`, paced);
    values.beside = { waiting: waitingSagas, begunPerSecond: waitingSagas / (addedInMs / 1_000), perSecond, ...delays };
    say(`  ${side.label} with ${waitingSagas} sagas waiting: ${Math.round(perSecond)} sagas/s, p99 ${delays.p99Ms} ms`);
  }
  for (const { values, memory } of sides) values.memoryMb = (await memory.end()) ?? 0;
} finally {
  for (const { open } of sides) await open.close();
  await shop.close();
}
const results = { ...noResults, sagas: { circumstances, sides: sides.map(({ values }) => values) } };
writeResults(`sagas-${new Date().toISOString().replace(/[:.]/g, "-")}`, results);
if (flags.keep) keepResults(results);
say(`\n${tableOfSagas(results.sagas)}`);
process.exit(0);
