import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findAnyPort } from "../../scripts/network.mjs";
import { type KafkaServer, startKafka } from "../../scripts/services/kafka.mjs";
import { type PostgresServer, startPostgres } from "../../scripts/services/postgres.mjs";
import { type RedisServer, startRedis } from "../../scripts/services/redis.mjs";
import { sleep } from "../backoff";
import { openRig, type Rig, type RigWorker, waitUntil } from "./rig";
import {
  auditQueue,
  auditTopic,
  createTopics,
  feed,
  type Scenario,
  scenarioOf,
  waitForArrival,
  waitForRest,
} from "./scenario";
import { type Outsider, openOutsider } from "./topics";

/** Servers of its own, because this test stops and kills them. */
let directory: string;
let kafka: KafkaServer;
let redis: RedisServer;
let postgres: PostgresServer;
let rig: Rig;
let outsider: Outsider;
let worker: RigWorker;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "millrace-faults-"));
  const ports = [await findAnyPort(), await findAnyPort(), await findAnyPort(), await findAnyPort()] as const;
  kafka = await startKafka({ dir: join(directory, "kafka"), port: ports[0], controllerPort: ports[1] });
  redis = await startRedis({ dir: join(directory, "redis"), port: ports[2], durable: "always" });
  postgres = await startPostgres({ dir: join(directory, "postgres"), port: ports[3] });
  outsider = await openOutsider(kafka.brokers);
  rig = await openRig({ kafkaBrokers: kafka.brokers, redisUrl: redis.url, postgresUrl: postgres.url() });
  worker = rig.startWorker();
}, 180_000);

afterAll(async () => {
  await rig?.close();
  await outsider?.close();
  await Promise.all([kafka?.stop(), redis?.stop(), postgres?.stop()]);
  if (directory) await rm(directory, { recursive: true, force: true });
}, 60_000);

const total = 40_000;

/** Feeds half, breaks something while the flow works on it, feeds the rest, and checks that everything arrived with no hand needed. */
async function surviveWhile(
  name: string,
  breakIt: (scenario: Scenario) => Promise<void>,
  timeoutMs: number,
): Promise<void> {
  const scenario = scenarioOf(`${name}-${Date.now()}`);
  await createTopics(outsider, scenario);
  await rig.deploy(scenario.flow);
  await rig.running(scenario.flow.name);
  await feed(outsider, scenario, 0, total / 2);
  await waitUntil("the flow to be in the middle", async () => (await outsider.count(scenario.topicOut)) > 0, 30_000);
  await breakIt(scenario);
  await feed(outsider, scenario, total / 2, total);
  await waitForArrival(
    outsider,
    redis.url,
    scenario,
    total,
    timeoutMs,
    async () => `${JSON.stringify(await rig.live(scenario.flow.name))}\n${worker.log().slice(-3000)}`,
  );
  await waitForRest(rig, scenario);
  await rig.stop(scenario.flow.name);
  await auditTopic(outsider, scenario, total);
  await auditQueue(redis.url, scenario, total);
  expect(await rig.deadLetters(scenario.flow.name)).toBe(0);
}

describe("none missing when in the middle", () => {
  it("the worker is killed with -9", async () => {
    const before = worker.restarts();
    await surviveWhile("kill", async () => worker.kill("SIGKILL"), 90_000);
    expect(worker.restarts()).toBe(before + 1);
  }, 180_000);

  it("the broker is away for 15 s", async () => {
    await surviveWhile(
      "broker",
      async () => {
        await kafka.kill();
        await sleep(15_000);
        await kafka.start();
      },
      120_000,
    );
  }, 240_000);

  it("Redis is killed and started again", async () => {
    await surviveWhile(
      "redis",
      async () => {
        await redis.kill();
        await sleep(4_000);
        await redis.start();
      },
      90_000,
    );
  }, 180_000);

  it("Postgres is killed and started again", async () => {
    await surviveWhile(
      "postgres",
      async () => {
        await postgres.kill();
        await sleep(4_000);
        await postgres.start();
      },
      90_000,
    );
    expect(worker.restarts()).toBe(1);
  }, 180_000);
});
