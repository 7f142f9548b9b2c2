import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FlowDocument, flowFormat } from "../../flow/document";
import { sleep } from "../backoff";
import { type House, openHouse } from "../chaos/house";
import { waitUntil } from "./rig";

/** On servers of its own, because they are killed and wiped. */
let directory: string;
let house: House;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "millrace-holding-"));
  house = await openHouse(directory);
  house.rig.startWorker(house.workerEnv);
}, 180_000);

afterAll(async () => {
  await house?.close();
  if (directory) await rm(directory, { recursive: true, force: true });
}, 60_000);

const source = (id: string, topic: string) => ({
  id,
  kind: "kafka-source",
  config: { connection: "kafka", topic, start: "earliest" },
});
const sink = (id: string, topic: string) => ({ id, kind: "kafka-sink", config: { connection: "kafka", topic } });

async function makeFlow(
  name: string,
  topics: readonly string[],
  nodes: FlowDocument["nodes"],
  edges: FlowDocument["edges"],
): Promise<FlowDocument> {
  for (const topic of topics) await house.outsider.create(topic);
  return { format: flowFormat, name, nodes, edges };
}

interface Seen {
  readonly n: number;
  readonly sentAt: number;
  readonly v?: number;
  readonly payment?: unknown;
}

async function readBodies(topic: string): Promise<Seen[]> {
  return (await house.outsider.readAll(topic)).map(({ value }) => JSON.parse(String(value)) as Seen);
}

function send(topic: string, from: number, to: number): Promise<void> {
  const messages = [];
  for (let n = from; n < to; n++)
    messages.push({ key: `k${n}`, value: JSON.stringify({ n, id: `o-${n}`, sentAt: Date.now() }) });
  return house.outsider.send(topic, messages);
}

async function countHeld(flow: string): Promise<number> {
  const { rows } = await house.rig.database.pool.query<{ count: string }>(
    `SELECT count(*) AS count FROM "Held" JOIN "Flow" ON "Flow".id = "flowId" WHERE name = $1`,
    [flow],
  );
  return Number(rows[0]!.count);
}

const waitForHeld = (flow: string, count: number) =>
  waitUntil(
    `${count} to be held`,
    async () => (await countHeld(flow)) === count,
    20_000,
    async () => `${await countHeld(flow)} ${JSON.stringify(await house.rig.live(flow))}`,
  );

function waitForTopic(flow: string, topic: string, count: number, timeoutMs = 30_000): Promise<void> {
  return waitUntil(
    `${count} messages in ${topic}`,
    async () => new Set((await readBodies(topic)).map(({ n }) => n)).size >= count,
    timeoutMs,
    async () => `${(await readBodies(topic)).length}; ${JSON.stringify(await house.rig.live(flow))}`,
  );
}

/** Live counts are told once a second. */
const waitForCounts = (flow: string, node: string, counts: object) =>
  expect.poll(async () => (await house.rig.live(flow))[0]?.nodes[node], { timeout: 5_000 }).toMatchObject(counts);

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const numbersOf = (bodies: readonly Seen[]) => bodies.map(({ n }) => n).sort((a, b) => a - b);

describe("a delay", () => {
  const delayed = (name: string, length: string) =>
    makeFlow(
      name,
      [`${name}.in`, `${name}.out`],
      [source("in", `${name}.in`), { id: "delay", kind: "delay", config: { for: length } }, sink("out", `${name}.out`)],
      [
        { from: "in", to: "delay" },
        { from: "delay", to: "out" },
      ],
    );

  it("lets each message go after its time, and tells how many it holds", async () => {
    const flow = await delayed("calm", "12s");
    await house.rig.deploy(flow);
    await house.rig.running("calm");
    await send("calm.in", 0, 200);
    await waitForHeld("calm", 200);
    await waitUntil(
      "the canvas to tell",
      async () => (await house.rig.live("calm")).some(({ nodes }) => nodes.delay?.held === 200),
      9_000,
    );
    await waitForTopic("calm", "calm.out", 200);
    await waitForHeld("calm", 0);
    const records = await house.outsider.readAll("calm.out");
    const bodies = await readBodies("calm.out");
    expect(numbersOf(bodies)).toEqual(numbers(0, 200));
    expect(records.length).toBe(200);
    await waitForCounts("calm", "delay", { in: 200, ports: { out: 200 } });
    await house.rig.stop("calm");
  }, 60_000);

  it("loses none when workers are killed, Postgres is killed and Redis is wiped meanwhile", async () => {
    const flow = await delayed("rough", "8s");
    const second = house.rig.startWorker(house.workerEnv);
    await house.rig.deploy(flow);
    await house.rig.running("rough");
    await send("rough.in", 0, 1_000);
    await waitForHeld("rough", 1_000);
    second.kill("SIGKILL");
    const redis = new Redis(house.redis.url);
    await redis.flushall();
    redis.disconnect();
    await house.postgres.kill();
    await sleep(1_500);
    await house.postgres.start();
    // Once more, in the middle of leaving.
    await waitUntil("the first to leave", async () => (await readBodies("rough.out")).length > 0, 30_000);
    second.kill("SIGKILL");
    await waitForTopic("rough", "rough.out", 1_000, 60_000);
    await waitForHeld("rough", 0);
    const bodies = await readBodies("rough.out");
    expect([...new Set(numbersOf(bodies))]).toEqual(numbers(0, 1_000));
    // What was on its way out of the killed worker leaves once more.
    expect(bodies.length).toBeLessThan(1_600);
    const early = (await house.outsider.readAll("rough.out")).filter(({ value }) => {
      const { sentAt } = JSON.parse(String(value)) as Seen;
      return Date.now() - sentAt < 8_000;
    });
    expect(early).toEqual([]);
    await house.rig.stop("rough");
    await second.end();
  }, 150_000);

  it("lets go through the version that runs; through the older one where that has no such node any more", async () => {
    const name = "versions";
    const topics = [`${name}.in`, `${name}.out`];
    const nodes = (version: number): FlowDocument["nodes"] => [
      source("in", topics[0]!),
      { id: "delay", kind: "delay", config: { for: "6s" } },
      { id: "mark", kind: "map", config: { set: { v: `${version}` } } },
      sink("out", topics[1]!),
    ];
    const edges = [
      { from: "in", to: "delay" },
      { from: "delay", to: "mark" },
      { from: "mark", to: "out" },
    ];
    await house.rig.deploy(await makeFlow(name, topics, nodes(1), edges));
    await house.rig.running(name);
    await send(topics[0]!, 0, 50);
    await waitForHeld(name, 50);
    await house.rig.deploy({ format: flowFormat, name, nodes: nodes(2), edges });
    await house.rig.running(name);
    await waitForTopic(name, topics[1]!, 50);
    await send(topics[0]!, 50, 100);
    await waitForHeld(name, 50);
    const straight = nodes(3).filter(({ id }) => id !== "delay");
    await house.rig.deploy({
      format: flowFormat,
      name,
      nodes: straight,
      edges: [
        { from: "in", to: "mark" },
        { from: "mark", to: "out" },
      ],
    });
    await house.rig.running(name);
    await send(topics[0]!, 100, 110);
    await waitForTopic(name, topics[1]!, 110);
    const bodies = await readBodies(topics[1]!);
    expect(bodies.length).toBe(110);
    // Held on version 1, mended by version 2; held on version 2, of which version 3 knows nothing.
    for (const { n, v } of bodies) expect([n, v]).toEqual([n, n < 100 ? 2 : 3]);
    await waitForHeld(name, 0);
    await house.rig.stop(name);
  }, 90_000);

  it("what is due while the flow is stopped leaves when it runs again", async () => {
    const flow = await delayed("paused", "3s");
    await house.rig.deploy(flow);
    await house.rig.running("paused");
    await send("paused.in", 0, 20);
    await waitForHeld("paused", 20);
    await house.rig.stop("paused");
    await sleep(4_000);
    expect(await countHeld("paused")).toBe(20);
    await house.rig.deploy(flow);
    await waitForTopic("paused", "paused.out", 20);
    expect((await readBodies("paused.out")).length).toBe(20);
    await house.rig.stop("paused");
  }, 60_000);

  it("a dead letter from behind it is sent again to its node, and to its source", async () => {
    const name = "letters";
    const topics = [`${name}.in`, `${name}.out`];
    const nodes = (when: string): FlowDocument["nodes"] => [
      source("in", topics[0]!),
      { id: "mark", kind: "map", config: { set: { v: "1" } } },
      { id: "delay", kind: "delay", config: { for: "1s" } },
      { id: "check", kind: "filter", config: { when } },
      sink("out", topics[1]!),
    ];
    const edges = [
      { from: "in", to: "mark" },
      { from: "mark", to: "delay" },
      { from: "delay", to: "check" },
      { from: "check.pass", to: "out" },
    ];
    await house.rig.deploy(await makeFlow(name, topics, nodes("body.n / 0 == 1"), edges));
    await house.rig.running(name);
    await send(topics[0]!, 0, 2);
    await waitUntil("two dead letters", async () => (await house.rig.deadLetters(name)) === 2, 20_000);
    const { prisma } = house.rig.database;
    const letters = await prisma.deadLetter.findMany({ where: { flow: name }, orderBy: { position: "asc" } });
    expect(letters.map(({ node, part }) => [node, part])).toEqual([
      ["check", "0@delay.out"],
      ["check", "0@delay.out"],
    ]);
    expect(letters.map(({ sourceValue }) => JSON.parse(Buffer.from(sourceValue!).toString()).v)).toEqual([
      undefined,
      undefined,
    ]);
    await house.rig.deploy({ format: flowFormat, name, nodes: nodes("true"), edges });
    await house.rig.running(name);
    for (const [index, target] of ["node", "source"].entries())
      await prisma.deadLetter.update({ where: { id: letters[index]!.id }, data: { state: "queued", target } });
    await waitForTopic(name, topics[1]!, 2);
    expect((await readBodies(topics[1]!)).map(({ v }) => v)).toEqual([1, 1]);
    await waitForHeld(name, 0);
    const states = await prisma.deadLetter.findMany({ where: { flow: name } });
    expect(states.map(({ state }) => state)).toEqual(["sent", "sent"]);
    await house.rig.stop(name);
  }, 60_000);
});

it("a saga ends on the version on which it began, and says so through that one; later ones take the new one", async () => {
  const name = "orders";
  const topics = [`${name}.in`, `${name}.out`];
  const nodes = (version: number, length: string): FlowDocument["nodes"] => [
    source("in", topics[0]!),
    { id: "order", kind: "saga-start", config: { key: "body.id" } },
    { id: "pause", kind: "saga-timer", config: { for: length } },
    { id: "end", kind: "saga-end", config: {} },
    { id: "mark", kind: "map", config: { set: { v: `${version}` } } },
    sink("out", topics[1]!),
  ];
  const edges = [
    { from: "in", to: "order" },
    { from: "order", to: "pause" },
    { from: "pause", to: "end" },
    { from: "end", to: "mark" },
    { from: "mark", to: "out" },
  ];
  await house.rig.deploy(await makeFlow(name, topics, nodes(1, "8s"), edges));
  await house.rig.running(name);
  await send(topics[0]!, 0, 20);
  await waitForHeld(name, 20);
  await house.rig.deploy({ format: flowFormat, name, nodes: nodes(2, "1s"), edges });
  await house.rig.running(name);
  // The same keys again are the same sagas.
  await send(topics[0]!, 0, 40);
  await waitForTopic(name, topics[1]!, 40, 40_000);
  const bodies = await readBodies(topics[1]!);
  expect(numbersOf(bodies)).toEqual(numbers(0, 40));
  for (const { n, v } of bodies) expect([n, v]).toEqual([n, n < 20 ? 1 : 2]);
  const { rows } = await house.rig.database.pool.query<{ version: number; status: string; count: number }>(
    `SELECT version, status, count(*)::int AS count FROM "Held" WHERE kind = 'saga' GROUP BY version, status ORDER BY version`,
  );
  expect(rows).toEqual([
    { version: 1, status: "completed", count: 20 },
    { version: 2, status: "completed", count: 20 },
  ]);
  expect(await house.rig.deadLetters(name)).toBe(0);
  await house.rig.stop(name);
}, 90_000);

it("a wait lets messages go with the event that came before or after, and without when it is too late", async () => {
  const name = "pay";
  const topics = { orders: "pay.orders", payments: "pay.payments", out: "pay.out", late: "pay.late" };
  const wait = { awaits: "body.id", event: "body.order", into: "payment", within: "12s", keepEvents: "1m" };
  const flow = await makeFlow(
    name,
    Object.values(topics),
    [
      source("orders", topics.orders),
      source("payments", topics.payments),
      { id: "paid", kind: "wait", config: wait },
      sink("out", topics.out),
      sink("late", topics.late),
    ],
    [
      { from: "orders", to: "paid" },
      { from: "payments", to: "paid.event" },
      { from: "paid", to: "out" },
      { from: "paid.timeout", to: "late" },
    ],
  );
  await house.rig.deploy(flow);
  await house.rig.running(name);
  const pay = (from: number, to: number) =>
    house.outsider.send(
      topics.payments,
      numbers(from, to).map((n) => ({ value: JSON.stringify({ order: `o-${n}`, paid: n }) })),
    );
  await pay(0, 40);
  await waitUntil(
    "events to be kept",
    async () =>
      (await house.rig.database.pool.query(`SELECT count(*)::int AS count FROM "HeldArrival"`)).rows[0].count === 40,
    20_000,
  );
  await send(topics.orders, 0, 100);
  await waitForTopic(name, topics.out, 40);
  await waitForHeld(name, 60);
  await pay(40, 80);
  await waitForTopic(name, topics.out, 80);
  await waitForTopic(name, topics.late, 20);
  await waitForHeld(name, 0);
  const out = await readBodies(topics.out);
  const late = await readBodies(topics.late);
  expect(numbersOf(out)).toEqual(numbers(0, 80));
  for (const { n, payment } of out) expect(payment).toEqual({ order: `o-${n}`, paid: n });
  expect(numbersOf(late)).toEqual(numbers(80, 100));
  for (const { payment } of late) expect(payment).toBeUndefined();
  await waitForCounts(name, "paid", { in: 180, ports: { out: 80, timeout: 20 } });
  expect((await house.rig.live(name))[0]!.nodes["paid.event"]).toBeUndefined();
  await house.rig.stop(name);
}, 90_000);
