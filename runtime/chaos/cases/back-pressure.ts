import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { flowFormat } from "../../../flow/document";
import { sleep } from "../../backoff";
import type { Case } from "../case";
import type { House } from "../house";
import { makeRecord } from "../numbered";
import {
  type Backlog,
  kafkaBacklog,
  pulsarBacklog,
  queueBacklog,
  rabbitBacklog,
  rabbitStreamBacklog,
  streamBacklog,
} from "./backlogs";
import { everySecond, inMiB, inSeconds, median, readMemory } from "./figures";
import { watchGroup } from "./watch-group";

const perSecond = 100;
const stopWithinMs = 5_000;
/** A heartbeat comes once a second. */
const heartbeatWithinMs = 3_000;
const writtenAtOnce = 10_000;
const tellEverySeconds = 30;

interface Pressure {
  readonly name: string;
  readonly backlog: Backlog;
  readonly messages: number;
  readonly minutes: number;
  /** Counts how often the broker moved the work to others, where it does. */
  watch?(house: House, flow: string): ReturnType<typeof watchGroup>;
}

/** Messages of each broker before a service that takes 100 a second. */
export const backPressures: readonly Case[] = [
  press({
    name: "back-pressure",
    backlog: kafkaBacklog,
    messages: 2_000_000,
    minutes: 10,
    watch: ({ kafka }, flow) => watchGroup(kafka.brokers, `millrace.default.${flow}.in`),
  }),
  ...[rabbitBacklog, rabbitStreamBacklog, streamBacklog, pulsarBacklog, queueBacklog].map((backlog) =>
    press({
      name: `back-pressure-${backlog.broker.toLowerCase().replace(" ", "-")}`,
      backlog,
      messages: 1_000_000,
      minutes: 2,
    }),
  ),
];

function press({ name: caseName, backlog, messages, minutes, watch }: Pressure): Case {
  return {
    name: caseName,
    title: `${messages.toLocaleString("en")} messages of ${backlog.broker} before a sink of ${perSecond} a second for ${minutes} minutes`,
    ...(backlog.stands ? { stands: backlog.stands } : {}),
    async run({ house, scale, say }) {
      const { rig } = house;
      const name = `pressure-${Date.now().toString(36)}`;
      const [total, lastsMs] = [Math.round(messages * scale), minutes * 60_000 * scale];
      const place = `${name}.in`;
      const waiting = await backlog.open(house, place, name);
      const service = await startService();
      say(`writing ${total} messages`);
      for (let from = 0; from < total; from += writtenAtOnce) {
        const count = Math.min(writtenAtOnce, total - from);
        await waiting.write(Array.from({ length: count }, (_, index) => makeRecord(from + index)));
      }
      const worker = rig.startWorker(house.workerEnv);
      await rig.deploy({
        format: flowFormat,
        name,
        settings: { trace: { perSecond: 5 } },
        nodes: [
          { id: "in", ...backlog.source(place) },
          { id: "ask", kind: "http-request", config: { connection: "http", url: service.url, timeoutMs: 60_000 } },
          { id: "end", kind: "log", config: {} },
        ],
        edges: [
          { from: "in", to: "ask" },
          { from: "ask", to: "end" },
        ],
      });
      await rig.running(name);
      const group = await watch?.(house, name);
      await sleep(5_000);
      const violations: string[] = [];
      const [memory, ages, lags]: [number[], number[], number[]] = [[], [], []];
      /** What the broker has as settled, the service must have had. */
      const compare = async () => {
        const settled = total - (await waiting.countLeft());
        if (settled > service.numbers.size)
          violations.push(`${settled} were settled when the service had taken ${service.numbers.size}`);
        return settled;
      };
      const before = service.taken();
      await everySecond(lastsMs, async (second) => {
        memory.push(await readMemory(worker.pid()));
        const { rows } = await rig.database.pool.query<{ age: number }>(
          `SELECT extract(epoch FROM (now() AT TIME ZONE 'UTC') - max("heartbeatAt")) * 1000 AS age FROM "Worker"`,
        );
        ages.push(Number(rows[0]?.age ?? Number.POSITIVE_INFINITY));
        lags.push((await rig.live(name)).flatMap(({ lanes }) => lanes).reduce((sum, { lag }) => sum + (lag ?? 0), 0));
        await group?.look();
        if (second % tellEverySeconds === 0)
          say(`${second} s: ${inMiB(memory.at(-1)!)}, lag ${lags.at(-1)}, settled ${await compare()}`);
      });
      const taken = service.taken() - before;
      const stopped = performance.now();
      await rig.stop(name).catch((error: unknown) => violations.push(String(error)));
      const stopMs = performance.now() - stopped;
      const settled = await compare();
      await group?.close();
      await waiting.close();
      // The first quarter is the warm-up.
      const quarter = Math.floor(memory.length / 4);
      const [early, late] = [median(memory.slice(quarter, 2 * quarter)), median(memory.slice(-quarter))];
      const oldest = Math.max(...ages);
      if (late > early * 1.1 + 10) violations.push(`memory grew from ${inMiB(early)} to ${inMiB(late)}`);
      if (group && group.rebalances > 0) violations.push(`${group.rebalances} rebalances`);
      if (oldest > heartbeatWithinMs) violations.push(`a heartbeat was ${inSeconds(oldest)} old`);
      if (!lags.some((lag) => lag > total / 2)) violations.push(`the lag was never shown: ${lags[0]} at first`);
      if (stopMs > stopWithinMs) violations.push(`the stop took ${inSeconds(stopMs)}`);
      if (worker.restarts() > 0) violations.push("the worker ended by itself");
      const log = worker.log();
      await worker.end();
      service.close();
      return {
        figures: {
          "messages before it": total,
          "taken a second": (taken / (lastsMs / 1_000)).toFixed(1),
          "settled, taken": `${settled}, ${service.numbers.size} (${service.taken() - service.numbers.size} again)`,
          "memory, second and last quarter": `${inMiB(early)}, ${inMiB(late)}`,
          "memory peak": inMiB(worker.peakMemory()),
          ...(group ? { rebalances: group.rebalances } : {}),
          "oldest heartbeat seen": inSeconds(oldest),
          "lag shown, first and last": `${lags[0]}, ${lags.at(-1)}`,
          stop: inSeconds(stopMs),
        },
        violations,
        log,
      };
    },
  };
}

/** Answers a hundred requests a second, in the order in which they came. */
async function startService() {
  let free = 0;
  let taken = 0;
  const numbers = new Set<number>();
  const server = createServer(async (request, response) => {
    const { n } = (await json(request)) as { n: number };
    const now = performance.now();
    free = Math.max(free + 1_000 / perSecond, now);
    await sleep(free - now);
    taken++;
    numbers.add(n);
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    taken: () => taken,
    numbers: numbers as ReadonlySet<number>,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/take`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
