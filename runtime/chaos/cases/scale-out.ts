import { sleep } from "../../backoff";
import { startLoad } from "../../system/load";
import { type Rig, waitUntil } from "../../system/rig";
import { compareBooks, judge } from "../books";
import type { Case } from "../case";
import { Crew } from "../crew";
import { makeRecord, readArrived, sentOnce, wantNumbers } from "../numbered";
import { asWhole, Progress } from "../progress";
import { isConsumed, readTopic } from "../read-back";
import { inMiB, inSeconds } from "./figures";
import { makePlainFlow } from "./plain-flow";

const perSecond = 2_000;

/** Two flows on two topics; workers join, leave and are killed. */
export const scaleOut: Case = {
  name: "scale-out",
  title: "workers join, leave and are killed",
  async run({ house, random, scale, say }) {
    const { outsider, rig, kafka } = house;
    const stem = `scale-${Date.now().toString(36)}`;
    const names = [`${stem}-a`, `${stem}-b`];
    const crew = new Crew(house);
    crew.join();
    for (const name of names) {
      await Promise.all([`${name}.in`, `${name}.out`].map((topic) => outsider.create(topic)));
      await rig.deploy(makePlainFlow(name));
      await rig.running(name);
    }
    const loads = names.map((name) => startLoad(outsider, { topicIn: `${name}.in` }, perSecond, { make: makeRecord }));
    const progress = new Progress(asWhole(() => outsider.count(`${names[0]}.out`)));
    const violations: string[] = [];
    const shares: string[] = [];
    const workLong = () => sleep(10_000 * scale + random.between(0, 2_000));

    /** Waits until the lanes of each flow are shared evenly. */
    const share = async (workers: number) => {
      const begun = performance.now();
      const isEven = async () => {
        for (const name of names) {
          const lanes = await countLanes(rig, name);
          if (lanes.reduce((sum, count) => sum + count, 0) !== 4) return false;
          if (Math.max(...lanes) > Math.ceil(4 / workers)) return false;
        }
        return true;
      };
      await waitUntil(`${workers} workers to share evenly`, isEven, 30_000).catch(() =>
        violations.push(`${workers} workers did not share evenly within 30 s`),
      );
      const lanes = await Promise.all(names.map((name) => countLanes(rig, name)));
      shares.push(
        `${workers}: ${lanes.map((counts) => counts.join("+")).join(" and ")} in ${inSeconds(performance.now() - begun)}`,
      );
      say(shares.at(-1)!);
    };
    await share(1);
    for (let workers = 2; workers <= 4; workers++) {
      crew.join();
      await share(workers);
      await workLong();
    }
    let disruptions = 3;
    for (let kill = 0; kill < 3; kill++, disruptions++) {
      crew.kill(crew.pick(random));
      await workLong();
    }
    await share(4);
    for (let workers = 3; workers >= 1; workers--, disruptions++) {
      await crew.leave(crew.pick(random));
      await share(workers);
      await workLong();
    }

    await progress.end();
    let [messages, doubled, lost] = [0, 0, 0];
    for (const [index, name] of names.entries()) {
      const total = await loads[index]!.end();
      const group = `millrace.default.${name}.in`;
      await waitUntil("everything to be settled", () => isConsumed(kafka.brokers, group, `${name}.in`), 60_000);
      await rig.stop(name);
      const findings = compareBooks(
        wantNumbers(sentOnce(total)),
        readArrived(await readTopic(kafka.brokers, `${name}.out`)),
      );
      // A second of work and what was in flight, each time that lanes moved.
      const duplicates = disruptions * (perSecond + 2_000);
      violations.push(...judge(name, findings, { duplicates, ordered: true }));
      messages += total;
      doubled += findings.doubled;
      lost += findings.lost.length;
    }
    if (crew.crashes > 0) violations.push(`a worker ended by itself ${crew.crashes} times`);
    const { peakMemory, log } = crew;
    await crew.end();
    return {
      figures: {
        messages,
        lost,
        doubled,
        "lanes moved": disruptions,
        "shared by workers": shares.join("; "),
        "longest silence at a sink": inSeconds(progress.longestSilenceMs),
        "memory peak of a worker": inMiB(peakMemory),
      },
      violations,
      log,
    };
  },
};

/** How many lanes each worker has that has any. */
async function countLanes(rig: Rig, name: string): Promise<number[]> {
  const counts = (await rig.live(name)).map(({ lanes }) => lanes.length);
  return counts.filter((count) => count > 0).sort();
}
