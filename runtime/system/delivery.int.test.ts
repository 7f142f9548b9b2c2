import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRig, type Rig, servicesOfRunner, waitUntil } from "./rig";
import { auditQueue, auditTopic, createTopics, feed, scenarioOf, waitForArrival } from "./scenario";
import { type Outsider, openOutsider } from "./topics";

const services = servicesOfRunner();
let rig: Rig;
let outsider: Outsider;

beforeAll(async () => {
  [rig, outsider] = await Promise.all([openRig(services), openOutsider(services.kafkaBrokers)]);
});
afterAll(async () => {
  await Promise.all([rig?.close(), outsider?.close()]);
});

describe("200,000 messages through filter, map and switch to Kafka and a queue", () => {
  it("arrive each once, in order of their key, with bounded memory", async () => {
    const total = 200_000;
    const scenario = scenarioOf(`volume-${Date.now()}`);
    await createTopics(outsider, scenario);
    await feed(outsider, scenario, 0, total);
    const worker = rig.startWorker();
    await rig.deploy(scenario.flow);
    await waitForArrival(outsider, services.redisUrl, scenario, total, 100_000, async () =>
      JSON.stringify(await rig.live(scenario.flow.name)),
    );
    await rig.stop(scenario.flow.name);
    expect(await auditTopic(outsider, scenario, total)).toEqual({ duplicates: 0 });
    expect(await auditQueue(services.redisUrl, scenario, total)).toEqual({ duplicates: 0 });
    expect(await rig.deadLetters(scenario.flow.name)).toBe(0);
    expect(worker.restarts()).toBe(0);
    expect(worker.peakMemory()).toBeGreaterThan(0);
    expect(worker.peakMemory()).toBeLessThan(350);
    await worker.end();
  }, 180_000);
});

describe("a new version under load", () => {
  it("takes over, and back, without losing or repeating a message", async () => {
    const total = 30_000;
    const scenario = scenarioOf(`versions-${Date.now()}`);
    await createTopics(outsider, scenario);
    const worker = rig.startWorker();
    await rig.deploy(scenario.flow);
    await rig.running(scenario.flow.name);
    for (let part = 0; part < 6; part++) {
      await feed(outsider, scenario, part * 5_000, (part + 1) * 5_000);
      if (part === 1) await rig.deploy({ ...scenario.flow, title: "second" });
      if (part === 3) await rig.deploy({ ...scenario.flow, title: "first again" });
    }
    await waitForArrival(outsider, services.redisUrl, scenario, total, 60_000, async () =>
      JSON.stringify(await rig.live(scenario.flow.name)),
    );
    await rig.running(scenario.flow.name);
    expect((await rig.live(scenario.flow.name)).some((live) => live.version === 3)).toBe(true);
    await rig.stop(scenario.flow.name);
    expect(await auditTopic(outsider, scenario, total)).toEqual({ duplicates: 0 });
    expect(await auditQueue(services.redisUrl, scenario, total)).toEqual({ duplicates: 0 });
    await worker.end();
  }, 120_000);
});

describe("two workers", () => {
  it("share the partitions, and one takes over when the other is gone", async () => {
    const total = 20_000;
    const scenario = scenarioOf(`share-${Date.now()}`);
    await createTopics(outsider, scenario);
    const [first, second] = [rig.startWorker(), rig.startWorker()];
    await rig.deploy(scenario.flow);
    const lanesOfEach = async () => (await rig.live(scenario.flow.name)).map((live) => live.lanes.length).sort();
    await waitUntil(
      "two lanes each",
      async () => JSON.stringify(await lanesOfEach()) === "[2,2]",
      30_000,
      async () => JSON.stringify(await lanesOfEach()),
    );
    await feed(outsider, scenario, 0, 10_000);
    await second.end();
    await feed(outsider, scenario, 10_000, total);
    await waitForArrival(outsider, services.redisUrl, scenario, total, 60_000, async () =>
      JSON.stringify(await rig.live(scenario.flow.name)),
    );
    await auditTopic(outsider, scenario, total);
    await auditQueue(services.redisUrl, scenario, total);
    await first.end();
  }, 150_000);
});
