import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { KafkaPort } from "@/flow/connection-ports";
import type { SeenMessage } from "@/flow/control";
import { type FlowDocument, flowFormat } from "@/flow/document";
import type { TestCase } from "@/flow/test-case";
import { readEnvironment } from "@/runtime/environment";
import { silent } from "@/runtime/testing";
import { type Transport, TransportError } from "@/runtime/transport";
import { transports } from "@/runtime/transports";
import { startWorker, type Worker } from "@/runtime/worker";
import { database } from "./database";
import { openTestServer, readRefusal, type TestServer } from "./testing";
import { findLivingWorkers } from "./worker-client";

/** The server's procedures, a real worker, and a topic in memory. */
let server: TestServer;
let worker: Worker;
let prices: Server;
let asked = 0;
let looks = 0;
/** The newest first. */
const topic: SeenMessage[] = [];

function addToTopic(key: string, body: unknown): void {
  const position = String(topic.length);
  topic.unshift({
    key,
    headers: [["traceparent", "00-1"]],
    value: JSON.stringify(body),
    encoding: "text",
    lane: "orders/0",
    position,
    timestamp: Date.parse("2026-01-31T12:00:00Z"),
    truncated: false,
  });
}

function openMemoryKafka(): Transport<"kafka"> {
  const absent = () => {
    throw new TransportError({ code: "broker-unreachable", message: "Nothing is written or consumed in a trial." });
  };
  const port: KafkaPort = { consume: absent, request: absent, produce: absent };
  return {
    kind: "kafka",
    port,
    test: async () => "Kafka",
    places: async () => ({ places: [], more: false }),
    describe: async (names) => names.map((name) => ({ name, type: "topic" as const })),
    newest: async (_place, limit) => {
      looks++;
      return topic.slice(0, limit);
    },
    send: absent,
    close: async () => {},
  };
}

const document: FlowDocument = {
  format: flowFormat,
  name: "orders",
  nodes: [
    { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: "orders" } },
    {
      id: "price",
      kind: "http-request",
      config: { connection: "http", method: "GET", url: "/price/${body.id}", into: "price" },
    },
    { id: "total", kind: "map", config: { set: { total: "body.price.each * body.quantity" } } },
    { id: "out", kind: "kafka-sink", config: { connection: "kafka", topic: "priced" } },
  ],
  edges: [
    { from: "in", to: "price" },
    { from: "price", to: "total" },
    { from: "total", to: "out" },
  ],
};
const message = { key: "4711", body: { id: 4711, quantity: 2 } };

beforeAll(async () => {
  server = await openTestServer("trials");
  prices = createServer((_request, response) => {
    asked++;
    response.writeHead(200, { "content-type": "application/json" }).end('{"each":3}');
  });
  await new Promise<void>((resolve) => prices.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(prices.address() as AddressInfo).port}`;
  const { prisma } = database();
  await prisma.connection.create({ data: { name: "kafka", kind: "kafka", config: { brokers: "" } } });
  await prisma.connection.create({ data: { name: "http", kind: "http", config: { baseUrl } } });
  worker = await startWorker(readEnvironment(process.env), { ...transports, kafka: openMemoryKafka }, silent);
  await vi.waitFor(async () => expect(await findLivingWorkers("default")).toHaveLength(1), { timeout: 10_000 });
  await server.as("editor").flows.push({ document });
});
afterAll(async () => {
  prices?.close();
  await worker?.stop(2_000);
  await server?.close();
});

it("tries a message on a draft that is not deployed, and writes down that calls were made", async () => {
  const trial = await server.as("editor").trials.try({ flow: "orders", at: "in", message });
  expect(trial).toMatchObject({
    state: "done",
    effects: [
      { step: 1, is: "called", to: "GET /price/4711" },
      { step: 3, is: "would-write", to: "topic priced" },
    ],
    answers: { price: [{ body: { each: 3 } }] },
  });
  expect(trial.outcome.expect.out).toEqual([
    { key: "4711", body: { id: 4711, quantity: 2, price: { each: 3 }, total: 6 } },
  ]);
  expect(asked).toBe(1);
  const entry = await database().prisma.auditEntry.findFirstOrThrow({ where: { action: "trial.call" } });
  expect(entry).toMatchObject({ object: "orders", detail: { calls: 1, to: ["GET /price/4711"] } });
});

it("tries it on what was not saved yet, with the answers that are given", async () => {
  const edited = structuredClone(document);
  edited.nodes[2]!.config = { set: { total: "body.price.each * 100" } };
  const given = { flow: "orders", document: edited, at: "in", message, calls: "given" as const };
  const trial = await server.as("editor").trials.try({ ...given, answers: { price: [{ body: { each: 5 } }] } });
  expect(trial.outcome.expect.out?.[0]?.body).toMatchObject({ total: 500 });
  const without = await server.as("editor").trials.try(given);
  expect(without.outcome.fails).toEqual([{ node: "price", code: "no-answer-given" }]);
  expect(asked).toBe(1);
  expect(await database().prisma.run.count()).toBe(0);
  expect(await database().prisma.deadLetter.count()).toBe(0);
});

it("refuses in words", async () => {
  const editor = server.as("editor");
  expect(await readRefusal(editor.trials.try({ flow: "orders", at: "out", message }))).toMatchObject({
    code: "test-source-unknown",
    message: "`out` is no source of this flow, so no message comes there. Its sources: `in`.",
  });
  expect(await readRefusal(editor.trials.try({ flow: "none", at: "in", message }))).toMatchObject({
    code: "flow-missing",
  });
  const named = editor.trials.runCases({ flow: "orders", names: ["x"] });
  expect(await readRefusal(named)).toMatchObject({ code: "test-missing" });
});

let captured: TestCase[] = [];

it("captures the last messages of a topic as cases, which pass when they are run", async () => {
  for (const id of [1, 2, 3]) addToTopic(`order-${id}`, { id, quantity: id });
  const capture = await server.as("editor").trials.capture({ flow: "orders", at: "in", from: { last: 2 } });
  captured = [...capture.cases];
  expect(capture.skipped).toEqual([]);
  expect(captured.map(({ name, message }) => [name, message.headers])).toEqual([
    ["order-2", undefined],
    ["order-3", undefined],
  ]);
  expect(captured[1]).toMatchObject({
    answers: { price: [{ body: { each: 3 } }] },
    expect: { out: [{ key: "order-3", body: { total: 9 } }] },
  });
  const before = asked;
  const { results, coverage } = await server
    .as("viewer")
    .trials.runCases({ document: { ...document, tests: captured } });
  expect(results.map(({ passed, differences }) => [passed, differences])).toEqual([
    [true, []],
    [true, []],
  ]);
  expect(coverage.nodes).toEqual(["in", "price", "total", "out"]);
  expect(asked).toBe(before);
});

it("captures what comes next", async () => {
  const before = looks;
  const next = server.as("editor").trials.capture({ flow: "orders", at: "in", from: { next: 2 } });
  await vi.waitFor(() => expect(looks).toBeGreaterThan(before));
  addToTopic("order-4", { id: 4, quantity: 1 });
  const first = await next;
  expect(first.cases.map(({ name }) => name)).toEqual(["order-4"]);
  addToTopic("order-5", { id: 5, quantity: 1 });
  const from = { next: 1, since: first.since };
  const second = await server.as("editor").trials.capture({ flow: "orders", at: "in", from });
  expect(second.cases.map(({ name }) => name)).toEqual(["order-5"]);
});

it("keeps the time of a message whose outcome depends on it", async () => {
  const timed = structuredClone(document);
  timed.nodes[1] = { id: "price", kind: "map", config: { set: { price: "{'each': meta.timestamp}" } } };
  const ask = (drawn: FlowDocument) =>
    server.as("editor").trials.capture({ document: drawn, at: "in", from: { last: 1 } });
  expect((await ask(timed)).cases[0]).toMatchObject({ now: "2026-01-31T12:00:00.000Z" });
  expect((await ask(document)).cases[0]).not.toHaveProperty("now");
});

it("captures given messages, and names what has no topic to look at", async () => {
  const from = { messages: [message] };
  const { cases } = await server.as("editor").trials.capture({ flow: "orders", at: "in", from });
  expect(cases.map(({ name }) => name)).toEqual(["Order 4711"]);
  const hook = {
    ...document,
    nodes: [{ id: "in", kind: "webhook-source", config: { path: "x" } }, ...document.nodes.slice(1)],
  };
  const asking = server.as("editor").trials.capture({ document: hook, at: "in", from: { last: 1 } });
  expect(await readRefusal(asking)).toMatchObject({ code: "source-unreadable" });
});

it("deploys a flow that asks for its cases only when all of them pass", async () => {
  const operator = server.as("operator");
  const begin = { from: "continue" } as const;
  const gated = { ...document, settings: { requireTests: true }, tests: captured };
  const broken = structuredClone(gated);
  broken.nodes[2]!.config = { set: { total: "body.price.each * body.quantity + 1" } };
  await operator.flows.push({ document: broken });
  const refused = await operator.deployments.deploy({ flow: "orders", begin });
  expect(refused).toMatchObject({
    ok: false,
    problems: [
      {
        code: "tests-failed",
        severity: "error",
        node: "out",
        field: "tests.0",
        message: "Case “order-2” fails. At `out`: `body.total` of message 1 is 7, expected 6.",
      },
      { code: "tests-failed", field: "tests.1" },
    ],
  });
  expect(await database().prisma.deployment.count()).toBe(0);
  await operator.flows.push({ document: gated });
  expect(await operator.deployments.deploy({ flow: "orders", begin })).toMatchObject({ ok: true, version: 1 });

  await worker.stop(2_000);
  await operator.flows.push({ document: { ...gated, description: "another version" } });
  const unrun = await operator.deployments.deploy({ flow: "orders", begin });
  expect(unrun).toMatchObject({ ok: false, problems: [{ code: "tests-not-run" }] });
});
