import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { flowFormat } from "../../../flow/document";
import { sleep } from "../../backoff";
import type { Case } from "../case";
import { makeRecord } from "../numbered";
import { everySecond, inMiB, inSeconds, median, readMemory } from "./figures";
import { watchGroup } from "./watch-group";

const perSecond = 100;
const stopWithinMs = 5_000;
/** A heartbeat comes once a second. */
const heartbeatWithinMs = 3_000;

/** 2,000,000 messages before a service that takes 100 a second, for ten minutes. */
export const backPressure: Case = {
  name: "back-pressure",
  title: "2,000,000 messages before a sink of 100 a second for 10 minutes",
  async run({ house, scale, say }) {
    const { outsider, rig, kafka } = house;
    const name = `pressure-${Date.now().toString(36)}`;
    const [total, minutes] = [Math.round(2_000_000 * scale), 10 * scale];
    await outsider.create(`${name}.in`);
    const service = await startService();
    say(`writing ${total} messages`);
    for (let from = 0; from < total; from += 20_000) {
      const count = Math.min(20_000, total - from);
      await outsider.send(
        `${name}.in`,
        Array.from({ length: count }, (_, index) => makeRecord(from + index)),
      );
    }
    const worker = rig.startWorker(house.workerEnv);
    await rig.deploy({
      format: flowFormat,
      name,
      settings: { trace: { perSecond: 5 } },
      nodes: [
        { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: `${name}.in`, start: "earliest" } },
        { id: "ask", kind: "http-request", config: { connection: "http", url: service.url, timeoutMs: 60_000 } },
        { id: "end", kind: "log", config: {} },
      ],
      edges: [
        { from: "in", to: "ask" },
        { from: "ask", to: "end" },
      ],
    });
    await rig.running(name);
    const group = await watchGroup(kafka.brokers, `millrace.default.${name}.in`);
    await sleep(5_000);
    const [memory, ages, lags]: [number[], number[], number[]] = [[], [], []];
    const before = service.taken();
    await everySecond(minutes * 60_000, async (second) => {
      memory.push(await readMemory(worker.pid()));
      const { rows } = await rig.database.pool.query<{ age: number }>(
        `SELECT extract(epoch FROM (now() AT TIME ZONE 'UTC') - max("heartbeatAt")) * 1000 AS age FROM "Worker"`,
      );
      ages.push(Number(rows[0]?.age ?? Number.POSITIVE_INFINITY));
      lags.push((await rig.live(name)).flatMap(({ lanes }) => lanes).reduce((sum, { lag }) => sum + (lag ?? 0), 0));
      await group.look();
      if (second % 30 === 0) say(`${second} s: ${inMiB(memory.at(-1)!)}, lag ${lags.at(-1)}`);
    });
    const taken = service.taken() - before;
    const violations: string[] = [];
    const stopped = performance.now();
    await rig.stop(name).catch((error: unknown) => violations.push(String(error)));
    const stopMs = performance.now() - stopped;
    await group.close();
    // The first quarter is the warm-up.
    const quarter = Math.floor(memory.length / 4);
    const [early, late] = [median(memory.slice(quarter, 2 * quarter)), median(memory.slice(-quarter))];
    const oldest = Math.max(...ages);
    if (late > early * 1.1 + 10) violations.push(`memory grew from ${inMiB(early)} to ${inMiB(late)}`);
    if (group.rebalances > 0) violations.push(`${group.rebalances} rebalances`);
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
        "taken a second": (taken / (minutes * 60)).toFixed(1),
        "memory, second and last quarter": `${inMiB(early)}, ${inMiB(late)}`,
        "memory peak": inMiB(worker.peakMemory()),
        rebalances: group.rebalances,
        "oldest heartbeat seen": inSeconds(oldest),
        "lag shown, first and last": `${lags[0]}, ${lags.at(-1)}`,
        stop: inSeconds(stopMs),
      },
      violations,
      log,
    };
  },
};

/** Answers a hundred requests a second, in the order in which they came. */
async function startService() {
  let free = 0;
  let taken = 0;
  const server = createServer(async (request, response) => {
    request.resume();
    const now = performance.now();
    free = Math.max(free + 1_000 / perSecond, now);
    await sleep(free - now);
    taken++;
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    taken: () => taken,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/take`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
