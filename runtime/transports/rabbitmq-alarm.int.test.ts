import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Connection } from "rabbitmq-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SourceBehaviour } from "../../flow/behaviour";
import { jsonCodec } from "../../flow/codecs/json";
import type { Message } from "../../flow/message";
import type { Verdict } from "../../flow/verdict";
import { findAnyPort } from "../../scripts/network.mjs";
import { type RabbitServer, startRabbit } from "../../scripts/services/rabbitmq.mjs";
import { SourceHost } from "../source-host";
import { makeHostOptions, openDelivery, openPipeline } from "../testing";
import { TransportError } from "../transport";
import { makeMessage, Receiver, until } from "./conformance";
import { openRabbitmq } from "./rabbitmq";

/**
 * A node that is short of memory or disk takes no messages. A real one, brought there by its own settings, and the engine's own host and
 * pipeline between two of its queues: nothing is lost, nothing becomes a dead letter, and all goes on by itself.
 */
let dir: string;
let rabbit: RabbitServer;
let plain: Connection;
const prefetch = 50;
const takesNone = /^RabbitMQ at 127\.0\.0\.1:\d+ takes no messages: it is low on (memory|disk)\. It goes on by itself/;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "millrace-rabbit-alarm-"));
  rabbit = await startRabbit({ dir, port: await findAnyPort() });
  plain = new Connection(rabbit.url);
  plain.on("error", () => {});
});
afterAll(async () => {
  await plain?.close();
  await rabbit?.stop();
  await rm(dir, { recursive: true, force: true });
});

const open = () =>
  openRabbitmq({
    name: "rabbitmq",
    config: { url: rabbit.url },
    secrets: {},
    environment: { kafkaBrokers: undefined, redisUrl: undefined, databaseUrl: "" },
    log: () => {},
  });
type Rabbit = ReturnType<typeof open>;

/** Queues that hold messages numbered from 0. */
async function fill(queues: Readonly<Record<string, number>>): Promise<void> {
  const publisher = plain.createPublisher({ confirm: true });
  for (const [queue, count] of Object.entries(queues)) {
    await plain.queueDeclare({ queue, durable: true });
    await Promise.all(
      Array.from({ length: count }, (_, n) => publisher.send({ routingKey: queue, durable: true }, { n })),
    );
  }
  await publisher.close();
}

const countReady = async (queue: string) => (await plain.queueDeclare({ queue, passive: true })).messageCount;

/** Until nothing waits there or is in somebody's hands, as the node itself counts. */
async function untilEmpty(queue: string): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    const told = await rabbit.control("list_queues", "--quiet", "--formatter", "json", "name", "messages");
    const queues = JSON.parse(told) as { name: string; messages: number }[];
    if (queues.find(({ name }) => name === queue)?.messages === 0) return;
  }
  throw new Error(`${queue} is not emptied: what was read is not acknowledged`);
}

/** Takes all that a queue has, and answers how often each number came. */
async function drain(queue: string): Promise<Map<number, number>> {
  const times = new Map<number, number>();
  const take = () => plain.basicGet({ queue, noAck: true });
  for (let got = await take(); got !== undefined; got = await take()) {
    const { n } = JSON.parse(String(got.body)) as { n: number };
    times.set(n, (times.get(n) ?? 0) + 1);
  }
  return times;
}

function publishTo(publisher: ReturnType<Rabbit["port"]["publisher"]>, queue: string) {
  return (messages: readonly Message[], signal: AbortSignal): Promise<Verdict[]> =>
    publisher.publish(
      messages.map((message) => {
        const { key, value, headers, meta } = message;
        const way = { exchange: "", routingKey: queue, persistent: true, mandatory: true, timestamp: meta.timestamp };
        return { ...way, of: message, key, value, headers };
      }),
      signal,
    );
}

/** A flow that copies one queue to another, as the engine runs it. */
async function startCopy(rabbitmq: Rabbit, from: string, to: string) {
  const publisher = rabbitmq.port.publisher({ node: "copy", isFixed: true });
  const sink = publishTo(publisher, to);
  const pipeline = await openPipeline({ in: { targets: { out: ["copy"] } }, copy: { sink } });
  const { delivery, letters } = openDelivery();
  const stopping = new AbortController();
  const behaviour: SourceBehaviour<never> = {
    role: "source",
    settles: "contiguous",
    identity: () => "",
    open: (_config, _context, handlers) =>
      rabbitmq.port.consume(
        { node: "in", queue: { name: from }, prefetch, codec: jsonCodec, signal: stopping.signal },
        handlers,
      ),
  };
  const host = new SourceHost(makeHostOptions(behaviour, () => pipeline, delivery));
  host.start();
  return {
    letters,
    lane: () => host.lanes()[0],
    node: () => pipeline.counters.get("copy")!.read(Date.now()),
    async stop(patienceMs = 1_000) {
      stopping.abort();
      await host.stop(patienceMs);
      await publisher.close();
    },
  };
}

async function refusalOf(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    (told) => new Error(`it said: ${told}`),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TransportError);
  expect((error as TransportError).reason.code).toBe("broker-blocked");
  return (error as TransportError).message;
}

it("holds the flow that writes while the memory is short, says so, and goes on", async () => {
  await fill({ orders: 400, copied: 0, others: 200 });
  const rabbitmq = open();
  await rabbit.control("set_vm_memory_high_watermark", "0.00001");
  const flow = await startCopy(rabbitmq, "orders", "copied");
  const receiver = new Receiver();
  try {
    await until(() => flow.node().cause?.code === "broker-blocked");
    expect(flow.node().cause!.message).toMatch(takesNone);
    await until(() => flow.lane()?.state === "retrying");
    expect(flow.lane()?.cause?.code).toBe("broker-blocked");

    // What only reads goes on, and what it acknowledges is gone.
    receiver.source = await rabbitmq.port.consume(
      { node: "read", queue: { name: "others" }, prefetch, codec: jsonCodec, signal: receiver.abort.signal },
      receiver,
    );
    await until(() => receiver.received.length === 200);
    await untilEmpty("others");

    expect(await refusalOf(rabbitmq.test())).toMatch(takesNone);
    expect(await refusalOf(rabbitmq.reach!())).toMatch(takesNone);
    // Another flow that is deployed now, on the same connection.
    const late = publishTo(rabbitmq.port.publisher({ node: "late", isFixed: true }), "copied");
    const [verdict] = await late([makeMessage({ key: null, value: "1", headers: [] })], receiver.abort.signal);
    expect(verdict).toMatchObject({ verdict: "retry", of: "dependency", cause: { code: "broker-blocked" } });
    // The form tests what was typed on a connection of its own.
    const typed = open();
    expect(await refusalOf(typed.test())).toMatch(takesNone);
    await typed.close();

    // No more was taken than may be in hand, and none of it was given up.
    expect(await countReady("orders")).toBeGreaterThanOrEqual(400 - 2 * prefetch);
    expect(flow.node().cause?.code).toBe("broker-blocked");
    expect(flow.letters).toEqual([]);

    await rabbit.control("set_vm_memory_high_watermark", "0.4");
    await until(() => flow.node().state === "running" && flow.lane()?.inFlight === 0, 30_000);
    await untilEmpty("orders");
    const times = await drain("copied");
    expect([...times.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, n) => n));
    expect([...times.values()].filter((count) => count !== 1)).toEqual([]);
    expect(flow.letters).toEqual([]);
    expect(flow.node()).toMatchObject({ dead: 0, failed: 0 });
    expect(await rabbitmq.test()).toContain("virtual host /");
  } finally {
    receiver.abort.abort();
    await receiver.source?.stop();
    await flow.stop();
    await rabbitmq.close();
  }
});

it("writes again no more than what was in hand, when the flow is stopped while the disk is short", async () => {
  await fill({ invoices: 300, filed: 0 });
  let rabbitmq = open();
  await rabbit.control("set_disk_free_limit", "1000000GB");
  let flow = await startCopy(rabbitmq, "invoices", "filed");
  await until(() => flow.node().cause?.code === "broker-blocked");
  expect(flow.node().cause!.message).toMatch(/low on disk/);
  await flow.stop();
  expect(flow.letters).toEqual([]);
  await rabbitmq.close();

  rabbitmq = open();
  flow = await startCopy(rabbitmq, "invoices", "filed");
  try {
    await rabbit.control("set_disk_free_limit", "50MB");
    await until(() => flow.node().state === "running" && flow.lane()?.inFlight === 0, 30_000);
    await untilEmpty("invoices");
    const times = await drain("filed");
    expect([...times.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, n) => n));
    const again = [...times.values()].reduce((sum, count) => sum + count - 1, 0);
    console.info(`${again} of 300 were written twice`);
    expect(again).toBeLessThanOrEqual(prefetch);
    expect(flow.letters).toEqual([]);
  } finally {
    await flow.stop();
    await rabbitmq.close();
  }
});
