import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FlowDocument, flowFormat } from "../../flow/document";
import { openRig, type Rig, servicesOfRunner, waitUntil } from "./rig";
import { type Outsider, openOutsider } from "./topics";

const services = servicesOfRunner();
let rig: Rig;
let outsider: Outsider;
let redis: Redis;

beforeAll(async () => {
  [rig, outsider] = await Promise.all([openRig(services), openOutsider(services.kafkaBrokers)]);
  redis = new Redis(services.redisUrl, { maxRetriesPerRequest: null });
  rig.startWorker();
});
afterAll(async () => {
  redis?.disconnect();
  await Promise.all([rig?.close(), outsider?.close()]);
});

const flowOf = (name: string, nodes: FlowDocument["nodes"], edges: FlowDocument["edges"]): FlowDocument => ({
  format: flowFormat,
  name,
  settings: { trace: { share: 1 } },
  nodes,
  edges,
});

describe("programs of others", () => {
  it("10,000 jobs of a plain BullMQ producer reach Kafka", async () => {
    const name = `jobs-${Date.now()}`;
    await outsider.create(name);
    const queue = new Queue(`${name}-in`, { connection: redis });
    for (let chunk = 0; chunk < 10; chunk++) {
      await queue.addBulk(
        Array.from({ length: 1000 }, (_, index) => ({ name: "order", data: { n: chunk * 1000 + index } })),
      );
    }
    await rig.deploy(
      flowOf(
        name,
        [
          { id: "jobs", kind: "queue-source", config: { connection: "queue", queue: `${name}-in`, concurrency: 100 } },
          { id: "topic", kind: "kafka-sink", config: { connection: "kafka", topic: name, key: "string(body.n)" } },
        ],
        [{ from: "jobs", to: "topic" }],
      ),
    );
    await waitUntil(
      "10,000 records",
      async () => (await outsider.count(name)) >= 10_000,
      90_000,
      async () => JSON.stringify(await rig.live(name)),
    );
    await waitUntil(
      "the queue to be empty",
      async () => (await queue.getJobCountByTypes("waiting", "active")) === 0,
      10_000,
    );
    const numbers = (await outsider.readAll(name)).map(({ value }) => (JSON.parse(String(value)) as { n: number }).n);
    expect(numbers.length).toBe(10_000);
    expect(new Set(numbers).size).toBe(10_000);
    expect(await queue.getFailedCount()).toBe(0);
    await queue.close();
    await rig.stop(name);
  }, 150_000);

  it("headers, missing keys, tombstones and bytes of a plain kafkajs producer pass unchanged", async () => {
    const name = `bytes-${Date.now()}`;
    await outsider.create(`${name}.in`, 1);
    await outsider.create(`${name}.out`, 1);
    const bytes = Buffer.from([0, 255, 254, 10, 13, 0, 128]);
    const sent = [
      {
        key: "with-headers",
        value: '{"a": 1.0,  "big": 9007199254740993}',
        headers: { one: "1", many: ["a", "b"], raw: bytes },
      },
      { key: null, value: '{"no":"key"}' },
      { key: "tombstone", value: null },
      { key: "empty", value: Buffer.alloc(0) },
      { key: bytes, value: bytes },
      { key: "text", value: "grüße, not JSON" },
    ];
    await outsider.send(`${name}.in`, sent);
    await rig.deploy(
      flowOf(
        name,
        [
          {
            id: "in",
            kind: "kafka-source",
            config: { connection: "kafka", topic: `${name}.in`, start: "earliest", codec: "bytes" },
          },
          { id: "out", kind: "kafka-sink", config: { connection: "kafka", topic: `${name}.out` } },
        ],
        [{ from: "in", to: "out" }],
      ),
    );
    await waitUntil(
      "six records",
      async () => (await outsider.count(`${name}.out`)) >= 6,
      30_000,
      async () => JSON.stringify(await rig.live(name)),
    );
    const got = await outsider.readAll(`${name}.out`);
    expect(got.map(({ value }) => value)).toEqual(
      sent.map(({ value }) => (value === null ? null : Buffer.from(value))),
    );
    expect(got.map(({ key }) => key)).toEqual(sent.map(({ key }) => (key === null ? null : Buffer.from(key))));
    expect(String(got[0]?.headers.one)).toBe("1");
    expect([got[0]?.headers.many].flat().map(String)).toEqual(["a", "b"]);
    expect(got[0]?.headers.raw).toEqual(bytes);
    expect(String(got[0]?.headers.traceparent)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    await rig.stop(name);
  }, 90_000);

  it("a plain BullMQ worker reads what a flow put into a queue; key and headers are where the docs say", async () => {
    const name = `to-queue-${Date.now()}`;
    await outsider.create(`${name}.in`);
    await outsider.send(
      `${name}.in`,
      Array.from({ length: 500 }, (_, n) => ({
        key: `k${n}`,
        value: JSON.stringify({ n }),
        headers: { tenant: "acme" },
      })),
    );
    await rig.deploy(
      flowOf(
        name,
        [
          { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: `${name}.in`, start: "earliest" } },
          { id: "out", kind: "queue-sink", config: { connection: "queue", queue: name, jobName: "order-${body.n}" } },
        ],
        [{ from: "in", to: "out" }],
      ),
    );
    const seen = new Map<
      number,
      { name: string; metadata: { key: string; headers: [string, string][]; traceparent: string } }
    >();
    const worker = new Worker(
      name,
      async (job) => {
        seen.set((job.data as { n: number }).n, {
          name: job.name,
          metadata: JSON.parse(job.opts.telemetry?.metadata ?? "{}"),
        });
      },
      { connection: redis, concurrency: 20 },
    );
    await waitUntil(
      "500 jobs",
      async () => seen.size >= 500,
      30_000,
      async () => JSON.stringify(await rig.live(name)),
    );
    expect(seen.get(7)?.name).toBe("order-7");
    expect(seen.get(7)?.metadata.key).toBe("k7");
    expect(seen.get(7)?.metadata.headers).toContainEqual(["tenant", "acme"]);
    expect(seen.get(7)?.metadata.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    await worker.close();
    await rig.stop(name);
  }, 90_000);

  it("a message that is not JSON goes to the dead letters and the ones behind it go on", async () => {
    const name = `mixed-${Date.now()}`;
    await outsider.create(`${name}.in`, 1);
    await outsider.create(`${name}.out`, 1);
    await outsider.send(`${name}.in`, [{ value: '{"n":1}' }, { value: "not json" }, { value: '{"n":2}' }]);
    await rig.deploy(
      flowOf(
        name,
        [
          { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: `${name}.in`, start: "earliest" } },
          { id: "only", kind: "filter", config: { when: "body.n > 0" } },
          { id: "out", kind: "kafka-sink", config: { connection: "kafka", topic: `${name}.out` } },
        ],
        [
          { from: "in", to: "only" },
          { from: "only.pass", to: "out" },
        ],
      ),
    );
    await waitUntil(
      "two records",
      async () => (await outsider.count(`${name}.out`)) >= 2,
      30_000,
      async () => JSON.stringify(await rig.live(name)),
    );
    expect((await outsider.readAll(`${name}.out`)).map(({ value }) => String(value))).toEqual(['{"n":1}', '{"n":2}']);
    await waitUntil("the dead letter", async () => (await rig.deadLetters(name)) === 1, 5_000);
    const letter = await rig.database.prisma.deadLetter.findFirstOrThrow({ where: { flow: name } });
    expect(letter).toMatchObject({ node: "only", causeCode: "codec-decode", position: "1", state: "waiting" });
    expect(Buffer.from(letter.value ?? []).toString()).toBe("not json");
    await rig.stop(name);
  }, 90_000);
});
