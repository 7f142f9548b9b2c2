import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Redis } from "ioredis";
import { Connection } from "rabbitmq-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { POST } from "@/app/examples/warehouse/route";
import type { NodeLive } from "@/flow/control";
import { type FlowDocument, flowSchema } from "@/flow/document";
import { deriveControlToken } from "@/prisma/secrets";
import { readTopic } from "@/runtime/chaos/read-back";
import { RedisHeldStore } from "@/runtime/stores/held-redis";
import { openRig, type Rig, type RigWorker, servicesOfRunner, waitUntil } from "@/runtime/system/rig";
import { openOutsider } from "@/runtime/system/topics";
import { openQueue } from "@/runtime/transports/queue";
import { answerShop } from "@/server/examples/shop-door";

/** Examples in a real worker: the brokers are real, and the service is the app's own. */
const services = servicesOfRunner();
// Queues of their own: the examples name theirs, and other tests may run beside this one.
const redisUrl = Object.assign(new URL(services.redisUrl), { pathname: "/11" }).href;
const rabbitUrl = process.env.RABBITMQ_URL!;
const secret = "a-secret-for-the-examples-only-0123456789";
let rig: Rig;
let worker: RigWorker;
let warehouse: Server;
/** Requests per idempotency key. */
const asked = new Map<string, number>();
let untraced = 0;

beforeAll(async () => {
  warehouse = createServer(async (request, response) => {
    if (request.url?.startsWith("/examples/shop/")) return passToShop(request, response);
    const key = String(request.headers["idempotency-key"]);
    asked.set(key, (asked.get(key) ?? 0) + 1);
    if (!/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/.test(String(request.headers.traceparent))) untraced++;
    const answer = await POST(
      new Request("http://localhost/examples/warehouse", {
        method: "POST",
        headers: { "idempotency-key": key },
        body: await text(request),
      }),
    );
    response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
  });
  await new Promise<void>((resolve) => warehouse.listen(0, "127.0.0.1", resolve));
  rig = await openRig(services);
  const baseUrl = `http://127.0.0.1:${(warehouse.address() as AddressInfo).port}`;
  await rig.database.prisma.connection.create({ data: { name: "app", kind: "http", config: { baseUrl } } });
  for (const kind of ["rabbitmq", "redis"])
    await rig.database.prisma.connection.create({ data: { name: kind, kind, config: { url: "" } } });
  worker = rig.startWorker({ REDIS_URL: redisUrl, MILLRACE_SECRET: secret });
});
afterAll(async () => {
  await rig?.close();
  warehouse?.close();
});

async function passToShop(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const headers = { "idempotency-key": String(request.headers["idempotency-key"]) };
  const init = { method: request.method ?? "GET", headers, body: await text(request) };
  const answer = await answerShop(new Request(`http://localhost${request.url}`, init));
  response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
}

async function load(name: string): Promise<FlowDocument> {
  return flowSchema.parse(JSON.parse(await readFile(new URL(`${name}.flow.json`, import.meta.url), "utf8")));
}

async function nodesOf(name: string): Promise<Record<string, NodeLive>> {
  return (await rig.live(name))[0]?.nodes ?? {};
}

it("notify warehouse ships most orders, and keeps the others in the dead letters", async () => {
  const flow = await load("notify-warehouse");
  // As it ships but for its pace: a person wants to watch, a test does not.
  flow.nodes.find((node) => node.id === "samples")!.config.perSecond = 100;
  await rig.deploy(flow);
  await waitUntil(
    "every sample order to be worked",
    async () => {
      const { shipped } = await nodesOf(flow.name);
      return shipped?.in === 143 && (await rig.deadLetters(flow.name)) === 25;
    },
    110_000,
    async () => JSON.stringify(await nodesOf(flow.name)),
  );
  const letters = await rig.database.prisma.deadLetter.findMany({
    select: { node: true, causeCode: true, causeMessage: true },
  });

  const counts: Record<string, number> = {};
  for (const { causeMessage } of letters) counts[causeMessage] = (counts[causeMessage] ?? 0) + 1;
  expect(counts).toEqual({
    "The endpoint answered 422.": 5,
    "The endpoint answered 500.": 20,
  });
  expect(new Set(letters.map(({ node, causeCode }) => `${node} ${causeCode}`))).toEqual(
    new Set(["notify http-status"]),
  );
  // Each order has one key, however often it was tried.
  expect(asked.size).toBe(168);
  expect([...asked.values()].filter((times) => times === 3)).toHaveLength(20);
  expect(untraced).toBe(0);
  await rig.stop(flow.name);
}, 150_000);

it("hook to queue answers when the order is in the queue, and posts it on", async () => {
  const flow = await load("hook-to-queue");
  await rig.deploy(flow);
  await rig.running(flow.name);
  const worker = await rig.database.prisma.worker.findFirstOrThrow({ orderBy: { heartbeatAt: "desc" } });
  const headers = { authorization: `Bearer ${deriveControlToken(secret)}`, "content-type": "application/json" };
  const post = (body: string) => fetch(`${worker.address}/in/orders`, { method: "POST", headers, body });

  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      const response = await post(JSON.stringify({ id: `h-${n}0`, quantity: 1 }));
      return { status: response.status, body: (await response.json()) as { accepted: boolean; id: string } };
    }),
  );
  expect(new Set(answers.map(({ status, body }) => `${status} ${body.accepted}`))).toEqual(new Set(["202 true"]));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(50);
  const refused = await post("{ not json");
  expect([refused.status, await refused.json()]).toMatchObject([400, { accepted: false, code: "codec-decode" }]);
  await waitUntil(
    "every order to be posted on",
    async () => (await nodesOf(flow.name)).posted?.in === 50,
    30_000,
    async () => JSON.stringify(await nodesOf(flow.name)),
  );
  await rig.stop(flow.name);
}, 90_000);

it("place order ends each order placed or undone, but for those that wait for a person, and the books add up", async () => {
  const flow = await load("place-order");
  flow.nodes.find((node) => node.id === "samples")!.config.perSecond = 100;
  await rig.deploy(flow);
  await waitUntil(
    "every sample order to end or to ask",
    async () => {
      const { placed, undone } = await nodesOf(flow.name);
      return placed?.in === 41 && undone?.in === 12;
    },
    90_000,
    async () => JSON.stringify(await nodesOf(flow.name)),
  );
  const statuses = await rig.database.prisma.held.groupBy({ by: ["status"], _count: true, orderBy: { status: "asc" } });
  expect(statuses.map(({ status, _count }) => `${status} ${_count}`)).toEqual([
    "asking 7",
    "compensated 12",
    "completed 41",
  ]);
  const books = await (await answerShop(new Request("http://localhost/examples/shop/books"))).json();
  expect(books).toMatchObject({
    // Refused by the carrier: 6 charged and refunded. By the card: 6 more only reserved and released.
    stock: { reserved: 60, released: 12, standing: 48 },
    card: { charged: 47, refunded: 6, standing: 41 },
    carrier: { booked: 41, cancelled: 0, standing: 41 },
    orders: 60,
    uneven: 7,
  });
  const rows = await rig.database.prisma.held.findMany({ where: { status: "completed" }, select: { key: true } });
  const totals = rows.map(({ key }) => ((Number(key.slice(3)) * 7919) % 40_000) + 990);
  expect(books.card.cents).toBe(totals.reduce((sum, total) => sum + total, 0));
  await rig.stop(flow.name);
}, 150_000);

it("place order in Redis: every saga ends and the books add up, though its worker is killed again and again", async () => {
  await answerShop(new Request("http://localhost/examples/shop/books", { method: "DELETE" }));
  const flow = await load("place-order");
  flow.name = "place-order-redis";
  flow.settings = { holding: { connection: "queue" } };
  flow.nodes.find((node) => node.id === "samples")!.config.perSecond = 10;
  flow.nodes.find((node) => node.id === "hook")!.config.path = "place-order-redis";
  const environment = { kafkaBrokers: undefined, redisUrl, databaseUrl: services.postgresUrl };
  const transport = openQueue({ name: "queue", config: {}, secrets: {}, environment, log: () => {} });
  const store = new RedisHeldStore(transport.redis!());
  try {
    await rig.deploy(flow);
    await rig.running(flow.name);
    const { id: flowId } = await rig.database.prisma.flow.findFirstOrThrow({ where: { name: flow.name } });
    const countByStatus = async () => {
      const { rows } = await store.list({ environment: "default", flowId, limit: 100 });
      const counts: Record<string, number> = {};
      for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1;
      return counts;
    };
    for (let kills = 0; kills < 3; kills++) {
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      worker.kill("SIGKILL");
    }
    await waitUntil(
      "every sample order to end or to ask",
      async () => {
        const { asking, completed, compensated } = await countByStatus();
        return asking === 7 && (completed ?? 0) + (compensated ?? 0) === 53;
      },
      110_000,
      async () => JSON.stringify(await countByStatus()),
    );
    expect(await countByStatus()).toEqual({ asking: 7, completed: 41, compensated: 12 });
    expect(await rig.database.prisma.held.count({ where: { flowId } })).toBe(0);
    const books = await (await answerShop(new Request("http://localhost/examples/shop/books"))).json();
    expect(books).toMatchObject({
      stock: { standing: 48 },
      card: { standing: 41 },
      carrier: { standing: 41 },
      orders: 60,
      uneven: 7,
    });
    await rig.stop(flow.name);
  } finally {
    await transport.close();
  }
}, 180_000);

it("payments in three brokers has each payment once in the topic or in the stream, as the switch says", async () => {
  const flow = await load("payments-in-three-brokers");
  flow.nodes.find((node) => node.id === "samples")!.config.perSecond = 200;
  const payments = Array.from({ length: 600 }, (_, index) => {
    const n = index + 1;
    const body = { id: `p-${n}`, account: `a-${n % 7}`, amount: 5 + ((n * 7919) % 2000) };
    return { key: body.account, body };
  });
  const outsider = await openOutsider(services.kafkaBrokers);
  const redis = new Redis(redisUrl);
  const rabbit = new Connection(rabbitUrl);
  try {
    await outsider.create("payments.large");
    await rig.deploy(flow);
    const count = async () => (await outsider.count("payments.large")) + (await redis.xlen("payments"));
    await waitUntil(
      "every payment to arrive",
      async () => (await count()) >= payments.length,
      60_000,
      async () => JSON.stringify(await nodesOf(flow.name)),
    );
    await rig.stop(flow.name);

    const inTopic = (await readTopic(services.kafkaBrokers, "payments.large")).map(({ key, value }) => ({
      key: String(key),
      body: JSON.parse(String(value)) as { id: string },
    }));
    const inStream = (await redis.xrange("payments", "-", "+")).map(([, [, key, , value]]) => ({
      key,
      body: JSON.parse(value!) as { id: string },
    }));
    const sorted = <T extends { body: { id: string } }>(all: readonly T[]) =>
      all.toSorted((a, b) => a.body.id.localeCompare(b.body.id));
    expect(sorted(inTopic)).toEqual(sorted(payments.filter(({ body }) => body.amount >= 1_000)));
    expect(sorted(inStream)).toEqual(sorted(payments.filter(({ body }) => body.amount < 1_000)));
    expect((await rabbit.queueDeclare({ queue: "payments", passive: true })).messageCount).toBe(0);
    expect(await rig.deadLetters(flow.name)).toBe(0);
  } finally {
    await rabbit.queueDelete("payments").catch(() => {});
    await rabbit.close();
    redis.disconnect();
    await outsider.close();
  }
}, 120_000);
