import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sleep } from "../backoff";
import { PostgresHeldStore } from "../stores/held";
import { openRig, type Rig, servicesOfRunner, waitUntil } from "../system/rig";
import { type Outsider, openOutsider } from "../system/topics";
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
} from "./testing/place-order";
import { Services } from "./testing/services";

const services = servicesOfRunner();
const total = 500;
const killEveryMs = 2_000;
const killForMs = 20_000;
let rig: Rig;
let outsider: Outsider;

beforeAll(async () => {
  [rig, outsider] = await Promise.all([openRig(services), openOutsider(services.kafkaBrokers)]);
});
afterAll(async () => {
  await Promise.all([rig?.close(), outsider?.close()]);
});

describe("500 orders, some failing, some slow, some answered twice, while workers are killed", () => {
  it("all come to an end, and the books of the services add up exactly", async () => {
    const name = `place-order-${Date.now().toString(36)}`;
    const topics = topicsOf(name);
    await Promise.all(Object.values(topics).map((topic) => outsider.create(topic, 2)));
    const shops = await new Services({
      troubleOf,
      slowMs: httpTimeoutMs * 2,
      carrier: { brokers: services.kafkaBrokers, commands: topics.commands, answers: topics.answers },
    }).open();
    const store = new PostgresHeldStore(rig.database.pool);
    const workers = [rig.startWorker(), rig.startWorker()];
    await rig.deploy(makePlaceOrder(name, shops.url));
    await rig.running(name);
    await placeOrders(outsider, topics.orders, 0, total);

    let kills = 0;
    for (const until = Date.now() + killForMs; Date.now() < until; kills++) {
      await sleep(killEveryMs);
      workers[kills % 2]!.kill("SIGKILL");
    }
    await waitUntil(
      "every saga to end",
      async () => haveEnded(await readOutcomes(store), total),
      120_000,
      async () => `${tellOutcomes(await readOutcomes(store))}\n${workers[0]!.log().slice(-3_000)}`,
    );
    const outcomes = await readOutcomes(store);
    expect(kills).toBeGreaterThanOrEqual(8);
    expect(shops.audit(outcomes)).toEqual([]);
    // Those that the services refused were undone; hardly any other was, for its worker being killed again and again.
    const refused = [...outcomes.keys()].filter((order) => troubleOf(order).fails);
    expect(refused).toHaveLength(50);
    for (const order of refused) expect([order, outcomes.get(order)]).toEqual([order, "compensated"]);
    const others = [...outcomes].filter(([order, outcome]) => !troubleOf(order).fails && outcome === "compensated");
    expect(others.length).toBeLessThan(total / 10);

    await waitUntil(
      "every end to be said",
      async () => (await readSaid(outsider, topics.ended)).size === total,
      60_000,
    );
    for (const [order, said] of await readSaid(outsider, topics.ended))
      expect([order, ...said]).toEqual([order, outcomes.get(order)]);
    expect(await rig.deadLetters(name)).toBe(0);
    expect(workers.reduce((sum, worker) => sum + worker.restarts(), 0)).toBe(kills);
    await Promise.all(workers.map((worker) => worker.end()));
    await shops.close();
  }, 240_000);
});
