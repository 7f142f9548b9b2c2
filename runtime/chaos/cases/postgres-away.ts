import { sleep } from "../../backoff";
import { startLoad } from "../../system/load";
import { waitUntil } from "../../system/rig";
import { compareBooks, judge } from "../books";
import type { Case } from "../case";
import { makeRecord, readArrived, sentOnce, wantNumbers } from "../numbered";
import { asWhole, Progress } from "../progress";
import { isConsumed, readTopic } from "../read-back";
import { inMiB, inSeconds } from "./figures";
import { makePlainFlow } from "./plain-flow";

const perSecond = 2_000;
/** The sink may be still for this long without anybody being able to say that data stopped. */
const silenceAtMostMs = 2_000;

/** Postgres away for five minutes under load, with a second flow whose message has to become a dead letter meanwhile. */
export const postgresAway: Case = {
  name: "postgres-away",
  title: "Postgres away for 5 minutes",
  async run({ house, scale, say }) {
    const { outsider, rig, kafka, postgres } = house;
    const name = `away-${Date.now().toString(36)}`;
    const [from, to, sick] = [`${name}.in`, `${name}.out`, `${name}-sick`];
    await Promise.all([from, to].map((topic) => outsider.create(topic)));
    await Promise.all([`${sick}.in`, `${sick}.out`].map((topic) => outsider.create(topic, 1)));
    const worker = rig.startWorker(house.workerEnv);
    await rig.deploy(makePlainFlow(name));
    await rig.deploy(makePlainFlow(sick));
    await Promise.all([rig.running(name), rig.running(sick)]);
    const load = startLoad(outsider, { topicIn: from }, perSecond, { make: makeRecord });
    const progress = new Progress(asWhole(() => outsider.count(to)));
    await progress.waitForGrowth(performance.now(), 30_000);
    await sleep(3_000);
    progress.longestSilenceMs = 0;

    const violations: string[] = [];
    const [awayMs, before] = [5 * 60_000 * scale, await outsider.count(to)];
    await postgres.stop();
    say(`Postgres is away for ${inSeconds(awayMs)}`);
    await outsider.send(`${sick}.in`, [{ value: '{"n":1}' }, { value: "not json" }, { value: '{"n":2}' }]);
    await sleep(awayMs);
    const through = (await outsider.count(to)) - before;
    const held = await outsider.count(`${sick}.out`);
    const silenceMs = progress.longestSilenceMs;
    await postgres.start();
    const back = performance.now();
    // What came with it may wait with it; what came after it must.
    if (held > 1) violations.push(`${held} messages passed the lane that had to wait for its dead letter`);
    if (silenceMs > silenceAtMostMs) violations.push(`the sink was silent for ${inSeconds(silenceMs)}`);
    if (through < (perSecond * awayMs) / 1_000 / 2) violations.push(`only ${through} messages went through`);

    await waitUntil("the dead letter", async () => (await rig.deadLetters(sick)) === 1, 30_000).catch(() =>
      violations.push("the dead letter was not kept 30 s after Postgres was back"),
    );
    await waitUntil("what waits behind it", async () => (await outsider.count(`${sick}.out`)) === 2, 15_000).catch(() =>
      violations.push("what waited behind the dead letter did not go on"),
    );
    const letterMs = performance.now() - back;
    await waitUntil("the workers to report", async () => (await rig.live(name)).length > 0, 15_000);
    const dropped = (await rig.live(name)).reduce((sum, { tracesDropped }) => sum + tracesDropped, 0);
    if (dropped === 0) violations.push("no trace was counted as dropped");
    await rig.deploy({ ...makePlainFlow(name), title: "after it" });
    await rig.running(name);
    const total = await load.end();
    await waitUntil(
      "everything to be settled",
      () => isConsumed(kafka.brokers, `millrace.default.${name}.in`, from),
      60_000,
    );
    await progress.end();
    await Promise.all([rig.stop(name), rig.stop(sick)]);
    const findings = compareBooks(wantNumbers(sentOnce(total)), readArrived(await readTopic(kafka.brokers, to)));
    violations.push(...judge("topic", findings, { duplicates: 0, ordered: true }));
    const log = worker.log();
    if (!log.includes("everything goes on as it was")) violations.push("the log does not say that Postgres is away");
    if (worker.restarts() > 0) violations.push("the worker ended by itself");
    await worker.end();
    return {
      figures: {
        messages: total,
        "through while it was away": through,
        "longest silence at the sink meanwhile": inSeconds(silenceMs),
        "traces dropped and counted": dropped,
        "the held lane went on after": inSeconds(letterMs),
        lost: findings.lost.length,
        doubled: findings.doubled,
        "memory peak": inMiB(worker.peakMemory()),
      },
      violations,
      log,
    };
  },
};
