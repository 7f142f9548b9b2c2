import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { POST } from "@/app/examples/warehouse/route";
import type { SinkBehaviour, SourceBehaviour, StepBehaviour } from "@/flow/behaviour";
import { behaviourOf } from "@/flow/behaviours";
import { checkFlow } from "@/flow/check";
import { configureNode } from "@/flow/configure";
import { type FlowDocument, flowSchema } from "@/flow/document";
import { formatFlow } from "@/flow/format";
import { planOf } from "@/flow/plan";
import { semanticsOf } from "@/flow/semantics";
import { makeContext, makeMessage, makeSourceContext, RecordedHandlers } from "@/flow/testing/node-context";
import { silent } from "@/runtime/testing";
import { runCases } from "@/runtime/trial/run-cases";

const folder = new URL(".", import.meta.url);
const read = (file: string) => readFile(new URL(file, folder), "utf8");
const files = (await readdir(folder)).filter((file) => file.endsWith(".flow.json"));
const seeded = [
  { name: "kafka", kind: "kafka", missing: [] },
  { name: "queue", kind: "queue", missing: [] },
  { name: "rabbitmq", kind: "rabbitmq", missing: [] },
  { name: "redis", kind: "redis", missing: [] },
  { name: "pulsar", kind: "pulsar", missing: [] },
  { name: "http", kind: "http", missing: [] },
  { name: "app", kind: "http", missing: [] },
];
const batch = { signal: new AbortController().signal, attempt: 1 };
/** Width of a node on the canvas, and what a wire needs beside it. */
const nodeWidth = 204;
const leastGap = 40;

/** What tries their cases: nothing is called. */
const house = {
  environment: "default",
  log: silent,
  behaviourOf,
  connection: () => expect.fail("Cases call nobody."),
};

async function load(name: string): Promise<FlowDocument> {
  return flowSchema.parse(JSON.parse(await read(`${name}.flow.json`)));
}
function configOf(flow: FlowDocument, id: string): never {
  return configureNode(flow.nodes.find((node) => node.id === id)!).config as never;
}

it("there are seven", () => {
  expect(files.sort()).toEqual([
    "ask-for-a-price.flow.json",
    "hook-to-queue.flow.json",
    "notify-warehouse.flow.json",
    "order-traffic.flow.json",
    "orders-by-country.flow.json",
    "payments-in-three-brokers.flow.json",
    "place-order.flow.json",
  ]);
});

it("some carry cases of their own", async () => {
  for (const name of ["orders-by-country", "notify-warehouse"])
    expect((await load(name)).tests?.length, name).toBeGreaterThan(2);
});

describe.each(files)("%s", (file) => {
  it("can be deployed on what is seeded, and is saved as the canvas would", async () => {
    const text = await read(file);
    const flow = flowSchema.parse(JSON.parse(text));
    expect(checkFlow(flow, { connections: seeded })).toEqual([]);
    expect(`${flow.name}.flow.json`).toBe(file);
    expect(formatFlow(flow)).toBe(text);
  });

  it("passes its own cases", async () => {
    const flow = await load(file.replace(".flow.json", ""));
    const { results } = await runCases(house, flow, flow.tests ?? []);
    const told = results.map(({ name, differences, problem }) => [name, differences, problem]);
    expect(told).toEqual((flow.tests ?? []).map(({ name }) => [name, [], undefined]));
  });

  it("compiles, with every node as a stage behind those that lead to it, or in a saga", async () => {
    const flow = await load(file.replace(".flow.json", ""));
    const plan = planOf(flow);
    const stages = plan.segments.flatMap((segment) => segment.stages.map((stage) => stage.node));
    const inSagas = plan.sagas.flatMap((saga) => Object.keys(saga.nodes));
    expect([...stages, ...inSagas].sort()).toEqual(flow.nodes.map((node) => node.id).sort());
    for (const { from, to } of flow.edges) {
      const [before, after] = [from.split(".")[0]!, to.split(".")[0]!];
      if (stages.includes(before) && stages.includes(after))
        expect(stages.indexOf(before)).toBeLessThan(stages.indexOf(after));
    }
  });

  it("says what it shows and what it guarantees, and every node has a name", async () => {
    const flow = await load(file.replace(".flow.json", ""));
    expect(flow.description).toMatch(/\.$/);
    expect(flow.nodes.every((node) => node.title && node.position)).toBe(true);
    expect(semanticsOf(flow).summary).toMatch(/^At least once/);
  });

  it("is laid out from left to right, without nodes on each other", async () => {
    const flow = await load(file.replace(".flow.json", ""));
    const at = new Map(flow.nodes.map((node) => [node.id, node.position!]));
    for (const { from, to } of flow.edges) {
      const room = at.get(to.split(".")[0]!)!.x - at.get(from.split(".")[0]!)!.x - nodeWidth;
      expect(room).toBeGreaterThanOrEqual(leastGap);
    }
    expect(new Set([...at.values()].map(({ x, y }) => `${x},${y}`)).size).toBe(at.size);
  });

  it("has sample events that its first source can hand over", async () => {
    const events: unknown = JSON.parse(await read(file.replace(".flow.", ".events.")));
    expect(events).toEqual(
      expect.arrayContaining([expect.objectContaining({ body: expect.objectContaining({ id: expect.any(String) }) })]),
    );
  });
});

/** Runs a generator to its count and gives the bodies. */
async function generate(flow: FlowDocument, id: string, count: number): Promise<Record<string, unknown>[]> {
  const handlers = new RecordedHandlers();
  const behaviour = behaviourOf("generate-source") as SourceBehaviour<never>;
  const config = { ...(configOf(flow, id) as object), count, perSecond: 10_000 } as never;
  const source = await behaviour.open(config, makeSourceContext(), handlers);
  await expect.poll(() => handlers.delivered.length).toBe(count);
  await source.stop();
  return handlers.delivered.map((message) => message.body as Record<string, unknown>);
}

it("order traffic makes orders of many customers and countries", async () => {
  const orders = await generate(await load("order-traffic"), "traffic", 2_000);
  expect(orders[0]).toEqual({
    id: "o-1",
    customer: "c-919",
    country: expect.stringMatching(/^[A-Z]{2}$/),
    price: 3.36,
    quantity: 2,
    at: expect.stringMatching(/Z$/),
  });
  expect(new Set(orders.map((order) => order.customer)).size).toBe(1_000);
  expect(new Set(orders.map((order) => order.country)).size).toBe(8);
  expect(orders.every(({ price, quantity }) => (price as number) > 0 && Number.isInteger(quantity))).toBe(true);
});

it("orders by country parts the Germans from the others, and totals them", async () => {
  const flow = await load("orders-by-country");
  const events = JSON.parse(await read("orders-by-country.events.json")) as { key: string; body: unknown }[];
  const messages = events.map(({ key, body }) => makeMessage(body, { key }));
  const route = (behaviourOf("switch") as StepBehaviour<never>).open(configOf(flow, "route"), makeContext());
  const routed = await route.process(messages, batch);
  expect(routed.map((result) => "leavesBy" in result && result.leavesBy)).toEqual(["de", "otherwise", "otherwise"]);
  const total = (behaviourOf("map") as StepBehaviour<never>).open(configOf(flow, "total"), makeContext());
  const [totalled] = await total.process(messages.slice(0, 1), batch);
  expect(totalled && "emit" in totalled && totalled.emit[0]?.message.body).toMatchObject({ id: "o-1", total: 6.72 });
});

describe("the warehouse", () => {
  const post = (body: string, key = "key") =>
    POST(
      new Request("http://localhost/examples/warehouse", { method: "POST", body, headers: { "idempotency-key": key } }),
    );
  const order = (id: string, quantity: number, key?: string) => post(JSON.stringify({ id, quantity }), key);

  it("fails as its orders say, each time alike", async () => {
    expect((await order("o-1", 2)).status).toBe(200);
    expect((await order("o-17", 2)).status).toBe(500);
    expect((await order("o-17", 2)).status).toBe(500);
    expect((await order("o-1", 101)).status).toBe(422);
    for (const body of ["no json", "null", '{"id":1,"quantity":1}', '{"id":"o-1"}'])
      expect((await post(body)).status).toBe(400);
  });

  it("works the second time for some", async () => {
    expect((await order("o-13", 1, "first")).status).toBe(500);
    expect((await order("o-13", 1, "first")).status).toBe(200);
    expect((await order("o-13", 1, "second")).status).toBe(500);
  });

  it("of the sample orders most are shipped, some are empty, some refused, some never work", async () => {
    const orders = await generate(await load("notify-warehouse"), "samples", 200);
    const statuses: Record<string, number> = {};
    for (const { id, quantity } of orders as { id: string; quantity: number }[]) {
      let status = quantity > 0 ? 500 : 0;
      for (let attempt = 1; attempt <= 3 && status === 500; attempt++) status = (await order(id, quantity, id)).status;
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    // As docs and browser tests may count on: these and no others.
    expect(statuses).toEqual({ 0: 32, 200: 143, 422: 5, 500: 20 });
  });
});

it("hook to queue keeps the arrival with the order", async () => {
  const flow = await load("hook-to-queue");
  const stamp = (behaviourOf("map") as StepBehaviour<never>).open(configOf(flow, "stamp"), makeContext());
  const [stamped] = await stamp.process([makeMessage({ id: "o-1" })], batch);
  if (!stamped || !("emit" in stamped)) throw new Error("not stamped");
  expect(stamped.emit[0]?.message.body).toEqual({ id: "o-1", receivedAt: 1_763_856_000_000 });
  const added: unknown[] = [];
  const queue = {
    readResult: () => Promise.reject(new Error("not asked here")),
    awaitResult: () => Promise.reject(new Error("not asked here")),
    consume: () => Promise.reject(new Error("not asked here")),
    request: () => Promise.reject(new Error("not asked here")),
    add: async (name: string, jobs: readonly { name: string }[]) => {
      added.push([name, jobs[0]?.name]);
      return jobs.map(() => ({ verdict: "done" }) as const);
    },
  };
  const sink = (behaviourOf("queue-sink") as SinkBehaviour<never>).open(configOf(flow, "keep"), makeContext({ queue }));
  await sink.write([stamped.emit[0]!.message], batch);
  expect(added).toEqual([["hook-orders", "order"]]);
});
