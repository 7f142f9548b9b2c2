import { randomUUID } from "node:crypto";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FlowDocument, flowFormat } from "../../flow/document";
import { chooseNext } from "../../prisma/choose-letters";
import { readMetadata } from "../transports/queue/job-data";
import { openRig, type Rig, type RigWorker, servicesOfRunner, waitUntil } from "./rig";
import { type Outsider, openOutsider } from "./topics";

const services = servicesOfRunner();
let rig: Rig;
let outsider: Outsider;
let worker: RigWorker;

beforeAll(async () => {
  [rig, outsider] = await Promise.all([openRig(services), openOutsider(services.kafkaBrokers)]);
  worker = rig.startWorker();
});
afterAll(async () => {
  await Promise.all([rig?.close(), outsider?.close()]);
});

/** Reads numbers, keeps what is none as dead letters. */
function flowOf(name: string, when: string, deadLetters?: { connection: string; to: string }): FlowDocument {
  return {
    format: flowFormat,
    name,
    ...(deadLetters ? { settings: { deadLetters } } : {}),
    nodes: [
      { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: `${name}.in`, start: "earliest" } },
      { id: "check", kind: "filter", config: { when } },
      { id: "out", kind: "kafka-sink", config: { connection: "kafka", topic: `${name}.out` } },
    ],
    edges: [
      { from: "in", to: "check" },
      { from: "check.pass", to: "out" },
    ],
  };
}

async function begin(prefix: string, deadLetters?: (name: string) => { connection: string; to: string }) {
  const name = `${prefix}-${Date.now()}`;
  await outsider.create(`${name}.in`, 1);
  await outsider.create(`${name}.out`, 1);
  await rig.deploy(flowOf(name, "int(body.n) > 0", deadLetters?.(name)));
  await rig.running(name);
  return name;
}

const lettersOf = (flow: string) => rig.database.prisma.deadLetter.findMany({ where: { flow } });

describe("dead letters that are also written elsewhere", () => {
  it("wait for a topic that is not there without holding the lane, and arrive whole when it is", async () => {
    const name = await begin("forward", (flow) => ({ connection: "kafka", to: `${flow}.dead` }));
    const headers = { shop: "north" };
    await outsider.send(`${name}.in`, [
      { key: "a", value: '{"n":"1"}' },
      { key: "b", value: '{"n":"x"}', headers },
      { key: "c", value: '{"n":"2"}' },
    ]);
    await waitUntil("what is behind it to arrive", async () => (await outsider.count(`${name}.out`)) === 2, 30_000);
    await waitUntil(
      "the reason to be told",
      async () => (await lettersOf(name))[0]?.forwardCause?.includes(`${name}.dead`) === true,
      20_000,
    );
    expect((await lettersOf(name))[0]).toMatchObject({ forwardState: "due", forwardedAt: null });
    await outsider.create(`${name}.dead`, 1);
    await waitUntil("it to be written", async () => (await lettersOf(name))[0]?.forwardState === "forwarded", 30_000);
    const [record, ...more] = await outsider.readAll(`${name}.dead`);
    const [letter] = await lettersOf(name);
    expect(more).toEqual([]);
    expect([String(record!.key), String(record!.value)]).toEqual(["b", '{"n":"x"}']);
    const told = Object.fromEntries(Object.entries(record!.headers).map(([header, value]) => [header, String(value)]));
    expect(told).toMatchObject({
      shop: "north",
      "millrace-dead-letter-id": letter!.id,
      "millrace-error-code": "expression-failed",
      "millrace-error-message": letter!.causeMessage,
      "millrace-error-node": "check",
      "millrace-flow": name,
      "millrace-version": "1",
      "millrace-source": "in",
      "millrace-lane": `${name}.in/0`,
      "millrace-position": "1",
      "millrace-attempts": "1",
    });
    expect(letter).toMatchObject({ forwardCause: null, state: "waiting" });
    await rig.stop(name);
  });

  it("go to a queue as jobs, also those whose bytes are not what they should be", async () => {
    const name = await begin("jobs", (flow) => ({ connection: "queue", to: `${flow}-dead` }));
    await outsider.send(`${name}.in`, [
      { key: "b", value: '{"n":"x"}' },
      { key: null, value: '{"n":' },
    ]);
    const redis = new Redis(services.redisUrl, { maxRetriesPerRequest: null });
    const queue = new Queue(`${name}-dead`, { connection: redis });
    await waitUntil("two jobs", async () => (await queue.getWaitingCount()) === 2, 30_000);
    const jobs = (await queue.getWaiting()).toSorted((left, right) => left.timestamp - right.timestamp);
    const byCode = new Map(
      jobs.map((job) => {
        const { headers } = readMetadata(job.opts.telemetry?.metadata);
        const code = headers.find(([header]) => header === "millrace-error-code")?.[1];
        return [Buffer.from(code ?? []).toString(), job.data as unknown];
      }),
    );
    expect(byCode.get("expression-failed")).toEqual({ n: "x" });
    expect(byCode.get("codec-decode")).toEqual({ base64: Buffer.from('{"n":').toString("base64") });
    await queue.close();
    redis.disconnect();
    await rig.stop(name);
  });
});

describe("a redrive", () => {
  it("goes on where it stood after the worker is killed, each letter with its id, at its rate", async () => {
    const [count, rate] = [60, 15];
    const name = await begin("redrive");
    const bad = Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: `{"n":"x${index}"}` }));
    await outsider.send(`${name}.in`, bad);
    await waitUntil("the dead letters", async () => (await lettersOf(name)).length === count, 30_000);
    await rig.deploy(flowOf(name, "body.n != 'x7' || int(body.n) > 0"));
    await rig.running(name);

    const { prisma } = rig.database;
    const { flowId } = (await lettersOf(name))[0]!;
    const id = randomUUID();
    const createdAt = new Date(Date.now() + 60_000);
    const begunAt = Date.now();
    await prisma.redrive.create({ data: { id, flowId, flow: name, target: "node", rate, createdAt } });
    while (await chooseNext(prisma, id));
    const read = () => prisma.redrive.findUniqueOrThrow({ where: { id } });
    await waitUntil("a part to be sent", async () => (await read()).sent >= rate, 20_000);
    worker.kill("SIGKILL");
    await waitUntil(
      "its end",
      async () => (await read()).state === "done",
      60_000,
      async () => `${JSON.stringify(await read())}\n${worker.log().slice(-2_000)}`,
    );
    const seconds = (Date.now() - begunAt) / 1_000;
    expect(worker.restarts()).toBe(1);
    expect(seconds).toBeGreaterThan((count - rate) / rate);
    expect(await read()).toMatchObject({ asked: count, sent: count - 1, failedAgain: 1 });

    const records = await outsider.readAll(`${name}.out`);
    const sent = new Map(records.map(({ headers, value }) => [String(headers["millrace-dead-letter-id"]), value]));
    const letters = await lettersOf(name);
    const wanted = letters.filter(({ state }) => state === "sent").map((letter) => letter.id);
    expect(wanted).toHaveLength(count - 1);
    expect([...sent.keys()].toSorted()).toEqual(wanted.toSorted());
    // Twice at most what was on its way when it was killed.
    expect(records.length - sent.size).toBeLessThanOrEqual(rate);
    expect(letters.filter(({ state }) => state === "waiting")).toMatchObject([{ position: "7", attempts: 2 }]);
    await rig.stop(name);
  });
});
