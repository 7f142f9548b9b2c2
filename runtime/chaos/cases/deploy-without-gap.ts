import { type FlowDocument, flowFormat } from "../../../flow/document";
import { sleep } from "../../backoff";
import { startLoad } from "../../system/load";
import { waitUntil } from "../../system/rig";
import { compareBooks, judge } from "../books";
import type { Case } from "../case";
import { countSent, makeRecord, readArrived, wantNumbers } from "../numbered";
import { type BookRecord, createTopic, isConsumed, readTopic, timedTopic } from "../read-back";
import { inMiB, inSeconds } from "./figures";

const perSecond = 10_000;
const deploys = 10;
const rollBacks = 3;
const silenceAtMostMs = 1_000;

/** 10,000 messages a second through ten deploys and three rollbacks, and one version that cannot run. */
export const deployWithoutGap: Case = {
  name: "deploy-without-gap",
  title: "10,000 messages a second through 10 deploys, 3 rollbacks and a version that cannot run",
  async run({ house, random, scale, say }) {
    const { outsider, rig, kafka } = house;
    const name = `deploys-${Date.now().toString(36)}`;
    const [from, to] = [`${name}.in`, `${name}.out`];
    await Promise.all([outsider.create(from), createTopic(kafka.brokers, to, timedTopic)]);
    const worker = rig.startWorker(house.workerEnv);
    await rig.deploy(makeFlow(name, from, to, 1));
    await rig.running(name);
    const load = startLoad(outsider, { topicIn: from }, perSecond * scale, { make: makeRecord });
    await sleep(3_000);

    /** The stamps in the order in which their versions were to run. */
    const stamps = [1];
    const tookMs: number[] = [];
    const violations: string[] = [];
    const takeOver = async (stamp: number, change: () => Promise<unknown>) => {
      const begun = performance.now();
      await change();
      await rig.running(name);
      tookMs.push(performance.now() - begun);
      stamps.push(stamp);
      await sleep(random.between(500, 2_000));
    };
    for (let stamp = 2; stamp <= deploys + 1; stamp++)
      await takeOver(stamp, () => rig.deploy(makeFlow(name, from, to, stamp)));
    for (let back = 1; back <= rollBacks; back++) {
      const stamp = deploys + 1 - back;
      // Version and stamp count alike.
      await takeOver(stamp, () => rig.rollBack(name, stamp));
    }

    await rig.deploy(makeFlow(name, from, to, 99, "not-there"));
    await sleep(4_000);
    const [live] = await rig.live(name);
    if (live?.version === deploys + 2) violations.push("a version whose connection does not exist took over");
    if (!live?.cause) violations.push("nothing says why the version that cannot run does not run");
    const words = live?.cause?.message ?? "";
    await takeOver(100, () => rig.deploy(makeFlow(name, from, to, 100)));

    const total = await load.end();
    await waitUntil("everything to be settled", () => isConsumed(kafka.brokers, groupOf(name), from), 90_000);
    await rig.stop(name);
    say(`${total} messages; reading them back`);
    const sent = countSent(await readTopic(kafka.brokers, from));
    const records = await readTopic(kafka.brokers, to);
    const findings = compareBooks(wantNumbers(sent), readArrived(records));
    violations.push(...judge("topic", findings, { duplicates: 0, ordered: true }), ...judgeStamps(records, stamps));
    const silenceMs = findSilence(records);
    if (silenceMs > silenceAtMostMs) violations.push(`the sink was silent for ${inSeconds(silenceMs)}`);
    if (worker.restarts() > 0) violations.push("the worker ended by itself");
    const log = worker.log();
    await worker.end();
    return {
      figures: {
        messages: total,
        "written a second": Math.round(findings.arrived / spanOf(records)),
        "deploys and rollbacks": tookMs.length,
        "longest take-over": inSeconds(Math.max(...tookMs)),
        lost: findings.lost.length,
        doubled: findings.doubled,
        "out of order": findings.disordered.length,
        "longest silence at the sink": inSeconds(silenceMs),
        "longest silence of a partition": inSeconds(
          Math.max(...[0, 1, 2, 3].map((lane) => findSilence(records.filter(({ partition }) => partition === lane)))),
        ),
        "said of the version that cannot run": words,
        "memory peak": inMiB(worker.peakMemory()),
      },
      violations,
      log,
    };
  },
};

const groupOf = (name: string) => `millrace.default.${name}.in`;

function makeFlow(name: string, from: string, to: string, stamp: number, connection = "kafka"): FlowDocument {
  return {
    format: flowFormat,
    name,
    settings: { trace: { perSecond: 5 } },
    nodes: [
      { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: from, start: "earliest" } },
      { id: "stamp", kind: "map", config: { set: { stamp: String(stamp) } } },
      { id: "out", kind: "kafka-sink", config: { connection, topic: to } },
    ],
    edges: [
      { from: "in", to: "stamp" },
      { from: "stamp", to: "out" },
    ],
  };
}

/** What a version began it ends: in each partition the versions follow each other as they were deployed, and none comes back by itself. */
function judgeStamps(records: readonly BookRecord[], stamps: readonly number[]): string[] {
  return [0, 1, 2, 3].flatMap((lane) => {
    const seen: number[] = [];
    for (const { partition, value } of records) {
      if (partition !== lane) continue;
      const { stamp } = JSON.parse(String(value)) as { stamp: number };
      if (seen.at(-1) !== stamp) seen.push(stamp);
    }
    let at = -1;
    const follow = seen.every((stamp) => {
      at = stamps.indexOf(stamp, at + 1);
      return at >= 0;
    });
    return follow
      ? []
      : [`partition ${lane}: versions ran as ${seen.join(", ")} where ${stamps.join(", ")} were deployed`];
  });
}

/** The longest time between two records, by when they were appended. */
function findSilence(records: readonly BookRecord[]): number {
  const times = records.map(({ timestamp }) => timestamp).sort((a, b) => a - b);
  let longest = 0;
  for (let index = 1; index < times.length; index++) longest = Math.max(longest, times[index]! - times[index - 1]!);
  return longest;
}

function spanOf(records: readonly BookRecord[]): number {
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const { timestamp } of records) {
    first = Math.min(first, timestamp);
    last = Math.max(last, timestamp);
  }
  return (last - first) / 1_000;
}
