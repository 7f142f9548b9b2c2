import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { database } from "./database";
import { openTestServer, readRefusal, type TestServer } from "./testing";

let server: TestServer;
let flowId: string;
beforeAll(async () => {
  server = await openTestServer("parked");
  const retry = { attempts: 4, backoff: "fixed", delayMs: 60_000, maxDelayMs: 60_000 };
  const document = {
    format: "millrace/flow@1",
    name: "orders",
    nodes: [
      { id: "hook", kind: "webhook-source", config: { path: "orders" } },
      { id: "call", kind: "http-request", config: { connection: "http", url: "/a" }, retry },
    ],
    edges: [{ from: "hook", to: "call" }],
  };
  await server.as("admin").flows.push({ document });
  const { prisma } = database();
  flowId = (await prisma.flow.findFirstOrThrow()).id;
  await prisma.flowVersion.create({
    data: { flowId, number: 1, document, message: "", author: "a", hash: "h" },
  });
  await prisma.deployment.create({
    data: { flowId, version: 1, desired: "running", updatedBy: "a", groupName: "orders", start: {} },
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  await database().prisma.parked.deleteMany();
});

const inAnHour = () => new Date(Date.now() + 3_600_000);

async function park(id: string, more: object = {}): Promise<void> {
  await database().prisma.parked.create({
    data: {
      id,
      environment: "default",
      flowId,
      node: "call",
      source: "hook",
      lane: "orders",
      position: id,
      part: "0",
      orderKey: "kA",
      dueAt: inAnHour(),
      attempts: 1,
      causeCode: "http-status",
      causeMessage: "The endpoint answered 500.",
      key: Buffer.from("A"),
      headers: [],
      codec: "json",
      timestamp: new Date(),
      ...more,
    },
  });
}
const behind = { dueAt: null, attempts: 0, causeCode: "waits-behind" };
const readRow = (id: string) => database().prisma.parked.findUniqueOrThrow({ where: { id } });
const isDue = async (id: string) => {
  const { dueAt } = await readRow(id);
  return dueAt !== null && dueAt.getTime() <= Date.now() + 1_000;
};

describe("messages that wait for a later try", () => {
  it("are listed key by key in their order, with what each waits for", async () => {
    const dueAt = inAnHour();
    await park("1", { dueAt, runId: "run-1" });
    await park("2", { orderKey: "kB", key: Buffer.from("B"), node: "gone" });
    await park("3", behind);
    await park("4", behind);
    const viewer = server.as("viewer");
    const { items, total, more } = await viewer.parked.list({ flow: "orders" });
    expect({ total, more }).toEqual({ total: 4, more: false });
    expect(items.map(({ id, behind }) => [id, behind])).toEqual([
      ["1", null],
      ["3", { id: "1", count: 1 }],
      ["4", { id: "1", count: 2 }],
      ["2", null],
    ]);
    expect(items[0]).toMatchObject({ flow: "orders", node: "call", key: "A", attempts: 1, ofAttempts: 4, runs: true });
    expect(items[0]).toMatchObject({ dueAt, runId: "run-1", causeCode: "http-status", givenUp: false });
    expect(items[3]).toMatchObject({ ofAttempts: null });
    const page = await viewer.parked.list({ node: "call", offset: 1, limit: 1 });
    expect(page).toMatchObject({ items: [{ id: "3", behind: { id: "1", count: 1 } }], more: true, total: 3 });
    const groups = await viewer.parked.groups({});
    expect(groups.map(({ flow, node, count, next }) => [flow, node, count, next?.getTime()])).toEqual([
      ["orders", "call", 3, dueAt.getTime()],
      ["orders", "gone", 1, expect.any(Number)],
    ]);
  });

  it("become due at once: one by id, the first of the key for one behind it, or all of a node", async () => {
    await park("1");
    await park("2", behind);
    await park("3", { orderKey: "kB" });
    await park("4", { orderKey: "kC", node: "other" });
    const operator = server.as("operator");
    expect(await operator.parked.tryNow({ ids: ["2"] })).toEqual({ due: 1 });
    expect(await Promise.all(["1", "2", "3", "4"].map(isDue))).toEqual([true, false, false, false]);
    expect(await operator.parked.tryNow({ ids: ["1"] })).toEqual({ due: 0 });
    expect(await operator.parked.tryNow({ flow: "orders", node: "call" })).toEqual({ due: 1 });
    expect(await Promise.all(["3", "4"].map(isDue))).toEqual([true, false]);
    const trail = await database().prisma.auditEntry.findFirstOrThrow({
      where: { action: "parked.retry", object: "orders call" },
    });
    expect(trail).toMatchObject({ actor: "operator@example.com", detail: { count: 1 } });
  });

  it("are given up by a mark that the worker obeys; nothing else of them changes", async () => {
    await park("1", { claimedBy: "worker-1" });
    await park("2", behind);
    const before = await readRow("1");
    expect(await server.as("operator").parked.giveUp({ ids: ["1"] })).toEqual({ givenUp: 1 });
    expect(await readRow("1")).toEqual({ ...before, giveUp: true });
    expect(await server.as("operator").parked.giveUp({ flow: "orders" })).toEqual({ givenUp: 1 });
    expect(await server.as("operator").parked.tryNow({ flow: "orders" })).toEqual({ due: 0 });
  });

  it("are for a person who may", async () => {
    await park("1");
    for (const call of [
      server.as("viewer").parked.giveUp({ ids: ["1"] }),
      server.as("editor").parked.tryNow({ flow: "orders" }),
    ])
      expect(await readRefusal(call)).toMatchObject({ code: "role-too-small" });
    expect(await readRefusal(server.visitor.parked.list({}))).toMatchObject({ code: "sign-in-needed" });
    expect((await readRow("1")).giveUp).toBe(false);
  });
});
