import { sleep } from "../../backoff";
import { startLoad } from "../../system/load";
import type { RigWorker } from "../../system/rig";
import type { Case } from "../case";
import type { House } from "../house";
import { makeRecord } from "../numbered";
import { createTopic, readTopic, timedTopic } from "../read-back";
import { type Disturber, disturbers } from "./disturbers";
import { inMiB, quantile } from "./figures";
import { makePlainFlow } from "./plain-flow";

const perSecond = 2_000;
const slowerAtMost = 0.2;

/** How the quiet flow fares in a window of time. */
interface Fare {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** A flow at a steady 2,000 a second, alone and beside flows that take more than their share. */
export const isolation: Case = {
  name: "isolation",
  title: "a flow beside an expensive expression, 50 MB bodies, a hanging endpoint, a dead broker",
  async run({ house, scale, say }) {
    const violations: string[] = [];
    const figures: Record<string, string> = {};
    const worker = house.rig.startWorker(house.workerEnv);
    const windowMs = 15_000 * scale;
    const alone = await measure(house, windowMs, null);
    figures.alone = describe(alone);
    say(`alone: ${figures.alone}`);
    for (const disturber of disturbers) {
      const restarts = worker.restarts();
      let named = "";
      const fare = await measure(house, windowMs, disturber, async (flow) => {
        named = await findName(house, worker, flow, disturber.node);
      });
      figures[`beside ${disturber.name}`] = `${describe(fare)}; ${named || "not named"}`;
      say(`beside ${disturber.name}: ${figures[`beside ${disturber.name}`]}`);
      const slower = 1 - fare.perSecond / alone.perSecond;
      if (slower > slowerAtMost) violations.push(`${Math.round(slower * 100)} % slower beside ${disturber.name}`);
      if (named === "") violations.push(`${disturber.name} is not named`);
      if (worker.restarts() > restarts) violations.push(`the worker ended beside ${disturber.name}`);
    }
    const log = worker.log();
    await worker.end();
    return { figures: { ...figures, "memory peak": inMiB(worker.peakMemory()) }, violations, log };
  },
};

/** Runs the quiet flow, with the disturber beside it, and looks at what came through in the window. */
async function measure(
  house: House,
  windowMs: number,
  disturber: Disturber | null,
  look?: (flow: string) => Promise<void>,
): Promise<Fare> {
  const { outsider, rig, kafka } = house;
  const name = `quiet-${Date.now().toString(36)}`;
  await Promise.all(["in", "out"].map((end) => createTopic(kafka.brokers, `${name}.${end}`, timedTopic)));
  await rig.deploy(makePlainFlow(name));
  await rig.running(name);
  const loud = `loud-${name}`;
  const open = await disturber?.open(house, loud);
  const stop = new AbortController();
  if (open) await rig.deploy(open.flow);
  const work = open?.work(stop.signal);
  const load = startLoad(outsider, { topicIn: `${name}.in` }, perSecond, { make: makeRecord, perRequest: 50 });
  await sleep(5_000);
  const from = Date.now();
  await sleep(windowMs);
  const until = Date.now();
  await look?.(loud);
  await load.end();
  stop.abort();
  await work;
  if (open) {
    await rig.stop(loud);
    await open.close();
  }
  await sleep(2_000);
  await rig.stop(name);
  const begun = new Map((await readTopic(kafka.brokers, `${name}.in`)).map((record) => [readNumber(record), record]));
  const through = (await readTopic(kafka.brokers, `${name}.out`)).filter(
    ({ timestamp }) => timestamp >= from && timestamp < until,
  );
  const latencies = through.map((record) => record.timestamp - (begun.get(readNumber(record))?.timestamp ?? 0));
  return {
    perSecond: (through.length * 1_000) / windowMs,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  };
}

const readNumber = ({ value }: { value: Buffer | null }) => (JSON.parse(String(value)) as { n: number }).n;

/** Where a person finds which flow and node it is: on the node, on its dead letters, or in the log. */
async function findName(house: House, worker: RigWorker, flow: string, node: string): Promise<string> {
  const [live] = await house.rig.live(flow);
  const cause = live?.nodes[node]?.cause ?? live?.cause;
  if (cause) return `on the node: ${cause.code}`;
  const letter = await house.rig.database.prisma.deadLetter.findFirst({ where: { flow, node } });
  if (letter) return `in the dead letters: ${letter.causeCode}`;
  const line = worker
    .log()
    .split("\n")
    .find((text) => text.includes(flow) && text.includes(`"node":"${node}"`));
  return line ? `in the log: ${(JSON.parse(line) as { msg?: string }).msg ?? line.slice(0, 100)}` : "";
}

const describe = (fare: Fare) => `${Math.round(fare.perSecond)} a second, p50 ${fare.p50} ms, p99 ${fare.p99} ms`;
