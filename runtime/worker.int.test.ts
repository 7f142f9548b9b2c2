import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { KafkaPort, QueuePort } from "../flow/connection-ports";
import { controlChannel, type DeploymentLive } from "../flow/control";
import type { FlowDocument } from "../flow/document";
import { done, retryDependency } from "../flow/verdict";
import { deriveControlToken } from "../prisma/secrets";
import type { Transports } from "./connections";
import { openTestDatabase, type TestDatabase } from "./stores/testing";
import { readTelemetryEnvironment } from "./telemetry/otlp";
import { openCollector } from "./telemetry/testing";
import { silent } from "./testing";
import { type Transport, TransportError } from "./transport";
import { openQueue } from "./transports/queue";
import { startWorker, type Worker } from "./worker";

const masterSecret = "a-secret-for-tests-only";
let database: TestDatabase;
let worker: Worker | undefined;
let brokers: Map<string, { away: boolean; records: string[] }>;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterEach(async () => {
  await worker?.stop(5_000);
  worker = undefined;
});
afterAll(() => database?.drop());

/** Brokers in memory, by the address that the connection names. */
function makeTransports(): Transports {
  brokers = new Map();
  const plain = { describe: async () => [], newest: async () => [], close: async () => {} };
  const places = async () => ({ places: [], more: false });
  const absent = () => {
    throw new TransportError({ code: "broker-unreachable", message: "Not here." });
  };
  return {
    kafka: ({ config }): Transport<"kafka"> => {
      const address = String(config.brokers);
      const broker = brokers.get(address) ?? { away: false, records: [] };
      brokers.set(address, broker);
      const port: KafkaPort = {
        consume: absent,
        request: absent,
        produce: async (records) =>
          records.map(({ value }) => {
            if (broker.away) return retryDependency("broker-unreachable", "Kafka is away.");
            broker.records.push(Buffer.from(value ?? []).toString());
            return done;
          }),
      };
      const send = async (place: string, message: { value: string | null }) => {
        broker.records.push(message.value ?? "");
        return { lane: `${place}/0`, position: "0" };
      };
      const testKafka = async () => {
        if (broker.away) throw new TransportError({ code: "broker-unreachable", message: "Kafka is away." });
        return `Kafka at ${address}`;
      };
      return { ...plain, kind: "kafka", port, test: testKafka, places, send };
    },
    queue: (options): Transport<"queue"> => {
      if (options.name === "held") return openQueue(options);
      const port: QueuePort = {
        consume: absent,
        request: absent,
        add: async (_queue, jobs) => jobs.map(() => done),
        readResult: absent,
        awaitResult: absent,
      };
      return { ...plain, kind: "queue", port, test: async () => "Redis", places, send: absent };
    },
    rabbitmq: absent,
    redis: (): Transport<"redis"> => ({
      ...plain,
      kind: "redis",
      port: { consume: absent, request: absent, add: absent },
      test: async () => "Redis",
      places,
      send: absent,
    }),
    pulsar: (): Transport<"pulsar"> => ({
      ...plain,
      kind: "pulsar",
      port: { consume: absent, request: absent, produce: async (messages) => messages.map(() => done) },
      test: async () => "Pulsar",
      places,
      send: absent,
    }),
    http: (): Transport<"http"> => ({
      ...plain,
      kind: "http",
      port: { request: absent },
      test: async () => "HTTP",
      places,
      send: absent,
    }),
  };
}

async function start(telemetry = readTelemetryEnvironment({})): Promise<Worker> {
  worker = await startWorker(
    {
      databaseUrl: database.url,
      kafkaBrokers: "shipped:9092",
      redisUrl: "redis://shipped",
      masterSecret,
      environment: "default",
      host: "127.0.0.1",
      port: 0,
      version: "0.0.0",
      keepRunsDays: 7,
      keepRunsBytes: undefined,
      metricsToken: undefined,
      telemetry,
    },
    makeTransports(),
    silent,
  );
  return worker;
}

const notify = () => database.pool.query("SELECT pg_notify($1, '')", [controlChannel]);

async function saveConnection(name: string, address: string) {
  const config = { brokers: address };
  await database.prisma.connection.upsert({
    where: { project_environment_name: { project: "default", environment: "default", name } },
    create: { name, kind: "kafka", config },
    update: { config },
  });
  await notify();
}

async function deploy(
  name: string,
  nodes: FlowDocument["nodes"],
  edges: FlowDocument["edges"],
  more: FlowDocument["settings"] = {},
) {
  const settings = { trace: { perSecond: 1000 }, ...more };
  const document = { format: "millrace/flow@1", name, nodes, edges, settings };
  const flow = await database.prisma.flow.upsert({
    where: { project_name: { project: "default", name } },
    create: { name, title: name, draft: document as object },
    update: {},
  });
  const version = (await database.prisma.flowVersion.count({ where: { flowId: flow.id } })) + 1;
  await database.prisma.flowVersion.create({
    data: { flowId: flow.id, number: version, document: document as object, hash: "" },
  });
  const deployment = await database.prisma.deployment.upsert({
    where: { environment_flowId: { environment: "default", flowId: flow.id } },
    create: { flowId: flow.id, groupName: name, version, desired: "running", start: { from: "kind" } },
    update: { version, desired: "running", revision: { increment: 1 } },
  });
  await notify();
  return { id: deployment.id, revision: deployment.revision, flowId: flow.id };
}

async function readLive(deploymentId: string): Promise<DeploymentLive | undefined> {
  const row = await database.prisma.liveCount.findFirst({ where: { deploymentId, workerId: worker!.id } });
  return row?.live as unknown as DeploymentLive | undefined;
}

const becomes = (deploymentId: string, state: string, revision = 1) =>
  expect
    .poll(
      async () => {
        const live = await readLive(deploymentId);
        return live && live.revision >= revision ? live.state : "behind";
      },
      { timeout: 10_000, interval: 20 },
    )
    .toBe(state);

const hook = (path: string): FlowDocument["nodes"][number] => ({
  id: "hook",
  kind: "webhook-source",
  config: { path, method: "POST" },
});
const sink = (connection: string): FlowDocument["nodes"][number] => ({
  id: "sink",
  kind: "kafka-sink",
  config: { connection, topic: "out" },
});
const wired = [{ from: "hook", to: "sink" }];

const ask = (path: string, body: string, token = deriveControlToken(masterSecret)) =>
  fetch(`${worker!.address}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body,
  });

test("a webhook's message goes its way, is answered when it is safe, and its run is there", async () => {
  await saveConnection("kafka", "one:9092");
  await start();
  const { id, flowId } = await deploy("hooked", [hook("orders"), sink("kafka")], wired);
  await becomes(id, "running");
  const answer = await ask("/in/orders", '{"id":"o-1"}');
  expect(answer.status).toBeLessThan(300);
  expect(brokers.get("one:9092")!.records).toEqual(['{"id":"o-1"}']);
  await expect
    .poll(() => database.prisma.run.findFirst({ where: { flowId } }), { timeout: 2_000 })
    .toMatchObject({ state: "done", source: "hook" });
  const value = await database.prisma.runValue.findFirst({ where: { flowId, name: "body.id" } });
  expect(value?.value).toBe("o-1");
});

test("with a collector, the run is exported in the trace that its message carries on, and metrics too", async () => {
  const collector = await openCollector();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_METRIC_EXPORT_INTERVAL: "200" };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  try {
    await saveConnection("kafka", "one:9092");
    await start(readTelemetryEnvironment(env));
    const { id } = await deploy("told", [hook("told"), sink("kafka")], wired);
    await becomes(id, "running");
    expect((await ask("/in/told", "{}")).status).toBeLessThan(300);
    await expect.poll(() => collector.spans.map(({ name }) => name), { timeout: 10_000 }).toEqual(["POST", "send out"]);
    const [run] = await database.prisma.run.findMany({ where: { flow: "told" } });
    expect(collector.spans).toMatchObject([
      { traceId: run!.traceId, spanId: run!.spanId },
      { traceId: run!.traceId, parentSpanId: run!.spanId },
    ]);
    await expect.poll(() => [...collector.metrics], { timeout: 10_000 }).toContain("messaging.client.sent.messages");
  } finally {
    vi.unstubAllEnvs();
    await collector.close();
  }
});

test("the endpoint refuses a wrong token, unknown paths, questions out of shape, and bodies past the limit", async () => {
  await start();
  expect((await ask("/in/nobody", "{}")).status).toBe(404);
  expect((await ask("/in/nobody", "{}", "wrong")).status).toBe(401);
  expect((await ask("/ask/nothing", "{}")).status).toBe(404);
  expect((await ask("/ask/connection-test", "{")).status).toBe(400);
  expect((await ask("/in/nobody", "x".repeat(2_000_000))).status).toBe(413);
});

test("questions about connections: saved, typed, absent", async () => {
  await saveConnection("kafka", "one:9092");
  await start();
  const test = async (connection: unknown) =>
    (await ask("/ask/connection-test", JSON.stringify({ connection }))).json();
  expect(await test({ name: "kafka" })).toMatchObject({ ok: true, answer: { ok: true, reached: "Kafka at one:9092" } });
  expect(await test({ name: "nowhere" })).toMatchObject({
    ok: true,
    answer: { ok: false, cause: { code: "connection-missing" } },
  });
  const typed = { kind: "kafka", config: { brokers: "two:9092" }, secrets: {} };
  expect(await test(typed)).toMatchObject({ answer: { ok: true, reached: "Kafka at two:9092" } });
});

test("what a person sends goes to the broker or into the flow that runs, and its run is kept in any case", async () => {
  await saveConnection("kafka", "one:9092");
  await start();
  const source = { id: "orders", kind: "kafka-source", config: { connection: "kafka", topic: "orders" } };
  const { id, flowId } = await deploy(
    "sent",
    [hook("sent"), source, sink("kafka")],
    [...wired, { from: "orders", to: "sink" }],
  );
  await becomes(id, "degraded");
  const send = async (node: string) => {
    const message = { key: null, headers: [], value: '"typed"', encoding: "text" };
    return (await ask("/ask/message-send", JSON.stringify({ flow: "sent", node, message }))).json();
  };
  expect(await send("orders")).toEqual({ ok: true, answer: { lane: "orders/0", position: "0" } });
  expect(brokers.get("one:9092")!.records).toEqual(['"typed"']);
  expect(await send("hook")).toMatchObject({ ok: true, answer: { lane: "sent" } });
  await expect.poll(() => database.prisma.run.count({ where: { flowId } }), { timeout: 2_000 }).toBe(1);
  expect(await send("sink")).toMatchObject({ ok: false, cause: { code: "body-invalid" } });
  expect(await send("nowhere")).toMatchObject({ ok: false, cause: { code: "config-field-missing" } });
});

test("a version that cannot run leaves the others alone, says why, and runs when its connection appears", async () => {
  await saveConnection("kafka", "one:9092");
  await start();
  const good = await deploy("good", [hook("good"), sink("kafka")], wired);
  const bad = await deploy("bad", [hook("bad"), sink("later")], wired);
  await becomes(good.id, "running");
  await becomes(bad.id, "failed");
  const live = await readLive(bad.id);
  expect(live).toMatchObject({ cause: { code: "connection-missing" }, nodes: { sink: { state: "halted" } } });
  expect((await ask("/in/good", "{}")).status).toBeLessThan(300);
  await saveConnection("later", "three:9092");
  await becomes(bad.id, "running");
});

test("a broker that is away degrades its node, holds the message, and all recovers by itself", async () => {
  await saveConnection("kafka", "moody:9092");
  await start();
  const { id } = await deploy("moody", [hook("moody"), sink("kafka")], wired);
  await becomes(id, "running");
  await ask("/in/moody", '"first"');
  const broker = brokers.get("moody:9092")!;
  broker.away = true;
  const answer = ask("/in/moody", '"second"');
  await becomes(id, "degraded");
  expect((await readLive(id))?.nodes.sink).toMatchObject({ state: "degraded", cause: { code: "broker-unreachable" } });
  broker.away = false;
  expect((await answer).status).toBeLessThan(300);
  expect(broker.records).toEqual(['"first"', '"second"']);
  await becomes(id, "running");
});

test("a sink whose broker is away tells it before the first message, and recovers by itself", async () => {
  await saveConnection("absent", "absent:9092");
  await start();
  brokers.set("absent:9092", { away: true, records: [] });
  const { id } = await deploy("absent", [hook("absent"), sink("absent")], wired);
  const seen: string[] = [];
  await expect
    .poll(async () => seen.push((await readLive(id))?.state ?? "behind") && seen.at(-1), {
      timeout: 5_000,
      interval: 5,
    })
    .toBe("degraded");
  expect(seen).not.toContain("running");
  expect(await readLive(id)).toMatchObject({
    cause: { code: "broker-unreachable" },
    nodes: { hook: { state: "running" }, sink: { state: "degraded", cause: { code: "broker-unreachable" } } },
  });
  brokers.get("absent:9092")!.away = false;
  await becomes(id, "running");
  expect((await ask("/in/absent", '"first"')).status).toBeLessThan(300);
});

test("an edited connection is taken up without a deploy", async () => {
  await saveConnection("kafka", "old:9092");
  await start();
  const { id } = await deploy("edited", [hook("edited"), sink("kafka")], wired);
  await becomes(id, "running");
  await saveConnection("kafka", "new:9092");
  await expect.poll(() => brokers.has("new:9092"), { timeout: 5_000 }).toBe(true);
  await expect
    .poll(async () => {
      await ask("/in/edited", '"x"');
      return brokers.get("new:9092")!.records.length;
    })
    .toBeGreaterThan(0);
});

test("a dead letter sent again passes after a new version mended the flow, as the same letter", async () => {
  await saveConnection("kafka", "one:9092");
  await start();
  const nodes = (when: string): FlowDocument["nodes"] => [
    hook("mended"),
    { id: "check", kind: "filter", config: { when } },
    sink("kafka"),
  ];
  const edges = [
    { from: "hook", to: "check" },
    { from: "check.pass", to: "sink" },
  ];
  const { id, flowId } = await deploy("mended", nodes("int(body.text) > 3"), edges);
  await becomes(id, "running");
  await ask("/in/mended", '{"text":"three"}');
  const letters = () => database.prisma.deadLetter.findMany({ where: { flowId } });
  await expect.poll(async () => (await letters()).length).toBe(1);
  const redrive = async () => {
    await database.prisma.deadLetter.updateMany({ where: { flowId }, data: { state: "queued", target: "node" } });
    await notify();
  };
  await redrive();
  await expect
    .poll(async () => (await letters())[0], { timeout: 10_000 })
    .toMatchObject({ state: "waiting", sends: 1, attempts: 2 });
  const mended = await deploy("mended", nodes("true"), edges);
  await becomes(id, "running", mended.revision);
  await redrive();
  await expect.poll(async () => (await letters())[0], { timeout: 10_000 }).toMatchObject({ state: "sent", sends: 2 });
  expect(await letters()).toHaveLength(1);
  expect(brokers.get("one:9092")!.records).toEqual(['{"text":"three"}']);
});

test("what is held goes on from where it is when the flow is deployed to hold elsewhere, and back", async () => {
  await saveConnection("kafka", "one:9092");
  await database.prisma.connection.create({
    data: { name: "held", kind: "queue", config: { url: process.env.REDIS_URL } },
  });
  await start();
  const nodes = [hook("held"), { id: "later", kind: "delay", config: { for: "4s" } }, sink("kafka")];
  const edges = [
    { from: "hook", to: "later" },
    { from: "later", to: "sink" },
  ];
  const inRedis = { holding: { connection: "held" } };
  const { id } = await deploy("moves", nodes, edges);
  await becomes(id, "running");
  await ask("/in/held", '"in Postgres"');
  const second = await deploy("moves", nodes, edges, inRedis);
  await becomes(id, "running", second.revision);
  await ask("/in/held", '"in Redis"');
  const inPostgres = () => database.prisma.held.count({ where: { flowId: second.flowId } });
  expect(await inPostgres()).toBe(1);
  const third = await deploy("moves", nodes, edges);
  await becomes(id, "running", third.revision);
  const { records } = brokers.get("one:9092")!;
  await expect.poll(() => records.toSorted(), { timeout: 15_000 }).toEqual(['"in Postgres"', '"in Redis"']);
  expect(await inPostgres()).toBe(0);
});

test("stopped it takes nothing more; a worker that ends signs off", async () => {
  await saveConnection("kafka", "one:9092");
  const { id } = await start();
  const deployment = await deploy("stopped", [hook("stopped"), sink("kafka")], wired);
  await becomes(deployment.id, "running");
  await database.prisma.deployment.update({
    where: { id: deployment.id },
    data: { desired: "stopped", revision: { increment: 1 } },
  });
  await notify();
  await becomes(deployment.id, "stopped", 2);
  expect((await ask("/in/stopped", "{}")).status).toBe(404);
  await worker!.stop(5_000);
  worker = undefined;
  expect(await database.prisma.worker.count({ where: { id } })).toBe(0);
});

test("a generator runs in one of two workers, and goes on where it stood in the other", async () => {
  await saveConnection("kafka", "one:9092");
  const first = await start();
  const firstBrokers = brokers;
  const generator = { id: "clock", kind: "generate-source", config: { perSecond: 200, body: "n" } };
  const { flowId } = await deploy("clock", [generator, sink("kafka")], [{ from: "clock", to: "sink" }]);
  await expect.poll(() => firstBrokers.get("one:9092")?.records.length ?? 0, { timeout: 5_000 }).toBeGreaterThan(20);
  await start();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(brokers.get("one:9092")?.records ?? []).toEqual([]);
  await first.stop(5_000);
  await expect.poll(() => brokers.get("one:9092")?.records.length ?? 0, { timeout: 10_000 }).toBeGreaterThan(20);
  const made = [...firstBrokers.get("one:9092")!.records, ...brokers.get("one:9092")!.records].map(Number);
  expect(made).toEqual(made.map((_, index) => index + 1));
  await database.prisma.deployment.updateMany({
    where: { flowId },
    data: { desired: "stopped", revision: { increment: 1 } },
  });
});

test("without Postgres a running flow goes on, and finds it again", async () => {
  await saveConnection("kafka", "one:9092");
  await start();
  const { id } = await deploy("alone", [hook("alone"), sink("kafka")], wired);
  await becomes(id, "running");
  const name = new URL(database.url).pathname.slice(1);
  const admin = new (await import("pg")).default.Client({ connectionString: process.env.DATABASE_URL });
  await admin.connect();
  try {
    await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [name]);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect((await ask("/in/alone", '"meanwhile"')).status).toBeLessThan(300);
    expect(brokers.get("one:9092")!.records).toContain('"meanwhile"');
  } finally {
    await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    await admin.end();
  }
  const later = await deploy("alone", [hook("alone"), sink("kafka")], wired);
  await becomes(id, "running", later.revision);
});
