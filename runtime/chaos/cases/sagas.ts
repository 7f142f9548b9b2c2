import type { FlowSettings } from "../../../flow/document";
import type { HeldStore } from "../../../flow/holding";
import { sleep } from "../../backoff";
import {
  haveEnded,
  httpTimeoutMs,
  makePlaceOrder,
  placeOrders,
  readOutcomes,
  readSaid,
  tellOutcomes,
  topicsOf,
  troubleOf,
} from "../../saga/testing/place-order";
import { Services } from "../../saga/testing/services";
import { PostgresHeldStore } from "../../stores/held";
import { RedisHeldStore } from "../../stores/held-redis";
import { waitUntil } from "../../system/rig";
import { openQueue } from "../../transports/queue";
import type { Case, CaseOutcome, CaseScene } from "../case";
import type { House } from "../house";
import { inMiB, inSeconds } from "./figures";

const killEveryMs = 2_000;
const endWithinMs = 6 * 60_000;

/**
 * 5,000 orders of three steps, 10 % refused at some step, 5 % slower than their timeout, 5 % answered twice, while workers are killed every
 * two seconds for a minute and the database of their state is restarted twice.
 */
export const sagas = makeCase("sagas", "Postgres", {}, (house) => ({
  server: house.postgres,
  store: new PostgresHeldStore(house.rig.database.pool),
  close: async () => {},
}));

/** The same with the state in Redis, which is restarted. */
export const sagasInRedis = makeCase("sagas-redis", "Redis", { holding: { connection: "queue" } }, (house) => {
  const environment = { kafkaBrokers: undefined, redisUrl: house.redis.url, databaseUrl: "" };
  const transport = openQueue({ name: "queue", config: {}, secrets: {}, environment, log: () => {} });
  return { server: house.redis, store: new RedisHeldStore(transport.redis!()), close: () => transport.close() };
});

interface StateHouse {
  readonly server: { stop(): Promise<void>; start(): Promise<void> };
  readonly store: HeldStore;
  close(): Promise<void>;
}

function makeCase(name: string, keeps: string, settings: FlowSettings, open: (house: House) => StateHouse): Case {
  return {
    name,
    title: `5,000 sagas in ${keeps}, workers killed every 2 s, ${keeps} restarted twice`,
    run: (scene) => runSagas(scene, keeps, settings, open),
  };
}

async function runSagas(
  { house, scale, say }: CaseScene,
  keeps: string,
  settings: FlowSettings,
  open: (house: House) => StateHouse,
): Promise<CaseOutcome> {
  const { outsider, rig, kafka } = house;
  const { server, store, close } = open(house);
  const total = Math.max(20, Math.round((5_000 * scale) / 20) * 20);
  const killForMs = 60_000 * scale;
  const name = `sagas-${Date.now().toString(36)}`;
  const topics = topicsOf(name);
  await Promise.all(Object.values(topics).map((topic) => outsider.create(topic)));
  const carrier = { brokers: kafka.brokers, commands: topics.commands, answers: topics.answers };
  const shops = await new Services({ troubleOf, slowMs: httpTimeoutMs * 2, carrier }).open();
  const workers = [rig.startWorker(house.workerEnv), rig.startWorker(house.workerEnv)];
  await rig.deploy(makePlaceOrder(name, shops.url, settings));
  await rig.running(name);
  const beganAt = performance.now();
  await placeOrders(outsider, topics.orders, 0, total);

  const restarts = [1 / 3, 2 / 3].map((share) => ({ atMs: killForMs * share, isDone: false }));
  let [kills, restarted] = [0, 0];
  const killUntil = performance.now() + killForMs;
  while (performance.now() < killUntil) {
    await sleep(killEveryMs);
    workers[kills++ % 2]!.kill("SIGKILL");
    const due = restarts.find(({ atMs, isDone }) => !isDone && performance.now() > killUntil - killForMs + atMs);
    if (!due) continue;
    due.isDone = true;
    await server.stop();
    await sleep(1_000);
    await server.start();
    say(`${keeps} was restarted ${++restarted} time${restarted === 1 ? "" : "s"}`);
  }
  say(`${kills} workers were killed; ${tellOutcomes(await readOutcomes(store))}`);

  const violations: string[] = [];
  const read = () => readOutcomes(store);
  await waitUntil("every saga to end", async () => haveEnded(await read(), total), endWithinMs).catch(async () =>
    violations.push(`not every saga has ended: ${tellOutcomes(await read())}`),
  );
  const tookMs = performance.now() - beganAt;
  const outcomes = await read();
  violations.push(...shops.audit(outcomes).slice(0, 50));
  const refused = [...outcomes].filter(([order]) => troubleOf(order).fails);
  const passed = refused.filter(([, outcome]) => outcome !== "compensated").length;
  if (passed > 0) violations.push(`${passed} orders that were refused were not undone`);
  await waitUntil(
    "every end to be said",
    async () => (await readSaid(outsider, topics.ended)).size === total,
    60_000,
  ).catch(() => violations.push("not every end was said"));
  for (const [order, said] of await readSaid(outsider, topics.ended)) {
    const [outcome, ...more] = said;
    if (more.length > 0 || outcome !== outcomes.get(order))
      violations.push(`${order} was said to be ${[...said].join(" and ")}`);
  }
  const letters = await rig.deadLetters(name);
  if (letters > 0) violations.push(`${letters} dead letters`);
  const crashes = workers.reduce((sum, worker) => sum + worker.restarts(), 0) - kills;
  if (crashes > 0) violations.push(`workers ended by themselves ${crashes} times`);
  const log = workers.map((worker) => worker.log()).join("\n");
  await rig.stop(name);
  await Promise.all(workers.map((worker) => worker.end()));
  await shops.close();
  await close();
  const undone = [...outcomes.values()].filter((outcome) => outcome === "compensated").length;
  return {
    figures: {
      sagas: total,
      completed: outcomes.size - undone,
      compensated: undone,
      "of those refused by a service": refused.length,
      "workers killed": kills,
      [`${keeps} restarted`]: restarted,
      "commands that came again, and were known": shops.repeated,
      "all had ended after": inSeconds(tookMs),
      "memory peak": inMiB(Math.max(...workers.map((worker) => worker.peakMemory()))),
    },
    violations,
    log,
  };
}
