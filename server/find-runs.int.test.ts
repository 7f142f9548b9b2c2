import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packRunDetail } from "@/prisma/run-detail";
import { database } from "./database";
import { openTestServer, readRefusal, type TestServer } from "./testing";

let server: TestServer;
let flowId: string;
const traceId = "0af7651916cd43dd8448eb211c80319c";

beforeAll(async () => {
  server = await openTestServer("find");
  await server.as("admin").flows.push({
    document: {
      format: "millrace/flow@1",
      name: "orders",
      nodes: [{ id: "hook", kind: "webhook-source", config: { path: "orders" } }],
      edges: [],
    },
  });
  flowId = (await database().prisma.flow.findFirstOrThrow()).id;
  await putRun({ key: "c-1", position: "17" }, { order: "4711", "body.city": "Ulm" });
  await putRun({ key: "4711", position: "18", attempts: 3, durationMs: 2_000 });
  await putRun({ key: "c-3", position: "17", lane: "orders/1", traceId });
  await putRun({ key: "c-4", position: "job-9", lane: "jobs", state: "dead", error: "The endpoint answered 503." });
  await putRun({ key: "c-6", position: "5", lane: "jobs-2" });
  await putRun({ key: "c-5", position: "3", startedAt: new Date(Date.now() - 2 * 3_600_000) });
});
afterAll(() => server.close());

async function putRun(change: object, values: Record<string, string> = {}): Promise<void> {
  const run = {
    id: randomUUID(),
    startedAt: new Date(),
    flowId,
    flow: "orders",
    version: 1,
    workerId: "w",
    traceId: randomUUID().replaceAll("-", ""),
    spanId: "s".repeat(16),
    source: "hook",
    lane: "orders/0",
    state: "done",
    durationMs: 3,
    attempts: 1,
    position: "1",
    detail: packRunDetail({ steps: [], payloads: [] }),
    ...change,
  };
  await database().prisma.run.create({ data: run });
  const { id: runId, startedAt } = run;
  for (const [name, value] of Object.entries(values))
    await database().prisma.runValue.create({ data: { runId, startedAt, flowId, name, value } });
}

const keysOf = async (filter: object) =>
  (await server.as("viewer").runs.list(filter)).runs.map(({ key }) => key).sort();

describe("a message is found", () => {
  it.each([
    ["4711", ["4711", "c-1"]],
    ["order=4711", ["c-1"]],
    ["city=Ulm", ["c-1"]],
    ["order=4712", []],
    [`00-${traceId}-b7ad6b7169203331-01`, ["c-3"]],
    ["orders[0]@17", ["c-1"]],
    ["orders/0 @ 17", ["c-1"]],
    ["jobs-2@5", ["c-6"]],
    ["orders-1@17", ["c-3"]],
    ["jobs@job-9", ["c-4"]],
    ["answered 503", ["c-4"]],
  ])("by %s", async (text, keys) => expect(await keysOf({ text })).toEqual(keys));

  it("by when, how long and how often", async () => {
    const since = new Date(Date.now() - 3_600_000);
    expect(await keysOf({ until: since })).toEqual(["c-5"]);
    expect(await keysOf({ since })).toHaveLength(5);
    expect(await keysOf({ longerMs: 1_000 })).toEqual(["4711"]);
    expect(await keysOf({ attempts: 2 })).toEqual(["4711"]);
  });

  it("where it rests, by its key", async () => {
    const { prisma } = database();
    const message = {
      ...{ flowId, node: "hook", source: "hook", lane: "orders/0", position: "1", part: "0", codec: "json" },
      ...{ causeCode: "x", causeMessage: "x", key: Buffer.from("4711"), headers: [], timestamp: new Date() },
    };
    const letter = { ...message, flow: "orders", version: 1, fingerprint: "f", attempts: 1 };
    const { id } = await prisma.deadLetter.create({ data: letter });
    await prisma.parked.create({
      data: { ...message, id: "p", environment: "default", orderKey: "k", attempts: 1 },
    });
    const viewer = server.as("viewer");
    expect(await viewer.runs.elsewhere({ text: "4711" })).toEqual({
      sagas: 0,
      deadLetters: 1,
      deadLetter: id,
      parked: 1,
    });
    expect(await viewer.runs.elsewhere({ text: "471" })).toMatchObject({ deadLetters: 0, deadLetter: null });
  });
});

describe("views", () => {
  it("are one's own, or shared; whoever made one removes it", async () => {
    for (const id of ["viewer", "editor"])
      await database().prisma.user.create({ data: { id, name: id, email: `${id}@example.com` } });
    const [viewer, editor] = [server.as("viewer"), server.as("editor")];
    const own = { page: "runs", name: "Mine", query: "?state=dead", shared: false } as const;
    await viewer.savedViews.save(own);
    await viewer.savedViews.save({ ...own, query: "?state=failed" });
    expect(await readRefusal(viewer.savedViews.save({ ...own, shared: true }))).toMatchObject({
      code: "role-too-small",
    });
    const { id } = await editor.savedViews.save({ ...own, name: "All dead", shared: true });
    expect(await viewer.savedViews.list({ page: "runs" })).toMatchObject([
      { name: "All dead", mine: false, shared: true },
      { name: "Mine", query: "?state=failed", mine: true, shared: false },
    ]);
    expect(await editor.savedViews.list({ page: "runs" })).toMatchObject([{ name: "All dead", mine: true }]);
    expect(await readRefusal(viewer.savedViews.remove({ id }))).toMatchObject({ code: "view-of-another" });
    await editor.savedViews.remove({ id });
    expect(await viewer.savedViews.list({ page: "runs" })).toHaveLength(1);
    const audited = await database().prisma.auditEntry.findMany({ where: { action: { startsWith: "view." } } });
    expect(audited.map(({ action }) => action).sort()).toEqual(["view.remove", "view.share"]);
  });
});
