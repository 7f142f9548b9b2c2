/**
 * `npm run bench sagas`: sagas of three steps here and in Conductor, in turns, on services that run already. With `--profile` where a worker
 * spends its time for one.
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { servicesOfRunner, type WorkerProcess } from "../../runtime/system/rig";
import { readCircumstances } from "../circumstances";
import { keepResults, writeResults } from "../latest";
import { tableOfProfile } from "../report";
import { noResults, type SagaSideResult } from "../results";
import { roundSeconds, rounds } from "../settings";
import { watchMemory } from "../usage";
import { conductor } from "./conductor";
import { measureDelays, measureRate } from "./measure";
import { millrace } from "./millrace";
import type { ProcessorTime } from "./processor-time";
import { profileSagas } from "./profile";
import { tableOfSagas } from "./report";
import { openServices } from "./services";
import type { OpenSide, SagaSide } from "./side";

const { values: flags } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: "boolean", default: false }, profile: { type: "boolean", default: false } },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);
const paced = { perSecond: 50, seconds: roundSeconds };
const waitingSagas = Number(process.env.BENCH_WAITING ?? 100_000);
/** Both need many sagas until their code is compiled: a Java server more than a worker. */
const warmSeconds = Number(process.env.BENCH_WARM_SECONDS ?? 60);
/** At least, however slow the machine is. */
const warmSagas = 3_000;

const services = servicesOfRunner();
const shop = await openServices();
const worker = JSON.parse(process.env.BENCH_WORKER ?? "{}") as WorkerProcess;
const circumstances = await readCircumstances(services, process.env.BENCH_KAFKA_VERSION ?? "?");
const options = { services, url: shop.url, worker };

if (flags.profile) await profile();
else await compare();
await shop.close();
process.exit(0);

async function profile(): Promise<void> {
  const { processorMs, ...result } = await profileSagas({
    ...options,
    shop,
    warmSeconds: Math.min(warmSeconds, 2 * roundSeconds),
    seconds: roundSeconds,
    circumstances,
  });
  say(`  ${describeRate(result.perSecond, processorMs)}\n\n${tableOfProfile(result)}`);
  if (flags.keep) keepResults({ ...noResults, profiles: { sagas: result } });
}

async function compare(): Promise<void> {
  const sides: { side: SagaSide; open: OpenSide; values: Values; memory: ReturnType<typeof watchMemory> }[] = [];
  try {
    for (const side of [millrace, conductor]) {
      const open = await side.open(options);
      const { name, label } = side;
      const values = { name, label, perSecond: [], p50Ms: [], p99Ms: [], processorMs: [], load: [], memoryMb: 0 };
      sides.push({ side, open, values, memory: watchMemory(open.pids) });
    }
    // The other stands still meanwhile, and has the processors to wait with: neither takes more than a hundredth of one then.
    for (let round = 0; round <= rounds; round++) {
      for (const { side, open, values } of sides) {
        const prefix = `${side.name}-${process.pid}-${round}`;
        const isWarmUp = round === 0;
        const seconds = isWarmUp ? warmSeconds : roundSeconds;
        const rate = await measureRate(open, shop, `${prefix}-r`, seconds, isWarmUp ? warmSagas : 0);
        const load = loadavg()[0]!;
        const { p50Ms, p99Ms } = await measureDelays(open, `${prefix}-d`, paced);
        const delays = `at ${paced.perSecond} a second p50 ${p50Ms} ms, p99 ${p99Ms} ms`;
        say(
          `  ${isWarmUp ? "warm-up" : `round ${round}`} · ${side.label}: ${describeRate(rate.perSecond, rate.processorMs)}; ${delays}; load ${load.toFixed(1)}`,
        );
        if (isWarmUp) continue;
        values.perSecond.push(rate.perSecond);
        values.processorMs.push(rate.processorMs);
        values.load.push(load);
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
      const begunPerSecond = waitingSagas / (addedInMs / 1_000);
      values.beside = { waiting: waitingSagas, begunPerSecond, perSecond, ...delays };
      say(
        `  ${side.label} with ${waitingSagas} sagas waiting: ${Math.round(perSecond)} sagas/s, p99 ${delays.p99Ms} ms`,
      );
    }
    for (const { values, memory } of sides) values.memoryMb = (await memory.end()) ?? 0;
  } finally {
    for (const { open } of sides) await open.close();
  }
  const results = { ...noResults, sagas: { circumstances, sides: sides.map(({ values }) => values) } };
  writeResults(`sagas-${new Date().toISOString().replace(/[:.]/g, "-")}`, results);
  if (flags.keep) keepResults(results);
  say(`\n${tableOfSagas(results.sagas)}`);
}

type Lists = "perSecond" | "p50Ms" | "p99Ms" | "processorMs" | "load";
type Values = Omit<{ -readonly [Name in keyof SagaSideResult]: SagaSideResult[Name] }, Lists> & {
  [Name in Lists]: NonNullable<SagaSideResult[Name]>[number][];
};

function describeRate(perSecond: number, { side, store, bench }: ProcessorTime): string {
  const times = `${side.toFixed(2)} ms of its processes, ${store.toFixed(2)} of its store, ${bench.toFixed(2)} of the bench`;
  return `${Math.round(perSecond)} sagas/s; each ${times}`;
}
