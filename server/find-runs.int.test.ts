import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packRunDetail } from "@/prisma/run-detail";
import { database } from "./database";
import { openTestServer, readRefusal, type TestServer } from "./testing";

const document = {
  format: "millrace/flow@1",
  name: "orders",
  nodes: [{ id: "hook", kind: "webhook-source", config: { path: "orders" } }],
  edges: [],
};

let server: TestServer;
let flowId: string;
const traceId = "0af7651916cd43dd8448eb211c80319c";

beforeAll(async () => {
  server = await openTestServer("find");
  await server.as("admin").flows.push({ document });
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

  it("and tells by what", async () => {
    const { runs } = await server.as("viewer").runs.list({ text: "4711" });
    expect(Object.fromEntries(runs.map(({ key, foundBy }) => [key, foundBy]))).toEqual({
      4711: [{ by: "key" }],
      "c-1": [{ by: "value", name: "order" }],
    });
  });

  it("page by page, whatever found it", async () => {
    const at = new Date(Date.now() - 60_000);
    for (let count = 0; count < 7; count++) {
      const inError = { key: `p-${count}`, state: "dead", error: "Paged out.", startedAt: at };
      await putRun(count % 2 === 0 ? inError : { key: "Paged", startedAt: at }, count === 0 ? { page: "paged" } : {});
      await putRun({ key: `v-${count}`, startedAt: at }, { page: "paged" });
    }
    const seen: string[] = [];
    for (let before = {}, more = true; more; ) {
      const page = await server.as("viewer").runs.list({ text: "paged", limit: 3, ...before });
      seen.push(...page.runs.map(({ id }) => id));
      before = { before: page.runs.at(-1)!.startedAt, beforeId: page.runs.at(-1)!.id };
      more = page.more;
    }
    expect([seen.length, new Set(seen).size]).toEqual([11, 11]);
  });

  it("and narrowed by that, and counted", async () => {
    const viewer = server.as("viewer");
    const narrowed = async (by: "key" | "value" | "value:order" | "error" | "place") =>
      (await viewer.runs.list({ text: "4711", by })).runs.map(({ key }) => key);
    expect(await narrowed("key")).toEqual(["4711"]);
    expect([await narrowed("value"), await narrowed("value:order")]).toEqual([["c-1"], ["c-1"]]);
    expect([await narrowed("error"), await narrowed("place")]).toEqual([[], []]);
    const counted = { count: 1, more: false };
    expect(await viewer.runs.found({ text: "4711" })).toEqual([
      { by: "key", ...counted },
      { by: "value:order", ...counted },
    ]);
    expect(await viewer.runs.found({ text: "4711", state: ["dead"] })).toEqual([]);
    expect(await viewer.runs.found({ text: "city=Ulm" })).toEqual([{ by: "value:city", ...counted }]);
    expect((await viewer.runs.list({})).runs[0]).not.toHaveProperty("foundBy");
  });

  it("and counted up to a hundred of each, the few among the many, too", async () => {
    await putRun({ key: "Crowded", startedAt: new Date(Date.now() - 3_600_000) });
    for (let count = 0; count < 102; count++) await putRun({ key: "e", state: "dead", error: "It is crowded here." });
    expect(await server.as("viewer").runs.found({ text: "Crowded" })).toEqual([
      { by: "error", count: 100, more: true },
      { by: "key", count: 1, more: false },
    ]);
    await database().prisma.run.deleteMany({ where: { key: { in: ["e", "Crowded"] } } });
  });

  it("how far back runs are kept, and what of them", async () => {
    const kept = await server.as("viewer").runs.kept({ flow: "orders" });
    expect(Date.now() - kept.since!.getTime()).toBeGreaterThan(3_600_000);
    expect(kept).toMatchObject({ partly: [], own: [], names: [], of: 0 });
  });

  it("tells which flows keep their runs for a time of their own, and the names of what they are found by", async () => {
    const { prisma } = database();
    const settings = { recording: { days: 3 }, trace: { share: 1 }, searchable: { order: "body.id" } };
    await prisma.flowVersion.create({ data: { flowId, number: 9, document: { ...document, settings }, hash: "" } });
    const deployment = await prisma.deployment.create({
      data: { flowId, groupName: "orders", version: 9, desired: "stopped", start: { from: "kind" } },
    });
    const kept = await server.as("viewer").runs.kept({ flow: "orders" });
    expect(kept).toMatchObject({ partly: [], own: [{ flow: "orders", kept: "3 days" }], names: ["order"], of: 1 });
    await prisma.deployment.delete({ where: { id: deployment.id } });
  });

  it("by when, how long and how often", async () => {
    const since = new Date(Date.now() - 3_600_000);
    expect(await keysOf({ until: since })).toEqual(["c-5"]);
    expect(await keysOf({ since, limit: 200 })).toHaveLength(19);
    expect(await keysOf({ longerMs: 1_000 })).toEqual(["4711"]);
    expect(await keysOf({ attempts: 2 })).toEqual(["4711"]);
  });

  it("and what has the number as its offset alone comes last, however new it is", async () => {
    await putRun({ key: "meant-1" }, { order: "9021" });
    await putRun({ key: "by-chance", position: "9021" });
    const { runs } = await server.as("viewer").runs.list({ text: "9021" });
    expect(runs.map(({ key }) => key)).toEqual(["meant-1", "by-chance"]);
  });

  it("and a failed run tells what became of its dead letters", async () => {
    const id = randomUUID();
    await putRun({ id, key: "settled-1", state: "dead", error: "The endpoint answered 502." });
    const letter = await database().prisma.deadLetter.create({
      data: {
        ...{ flowId, flow: "orders", version: 1, node: "hook", source: "hook", lane: "orders/0", position: "502" },
        ...{ causeCode: "http-status", causeMessage: "502", fingerprint: "f", headers: [], codec: "json" },
        ...{ timestamp: new Date(), attempts: 1, runId: id, state: "waiting" },
      },
    });
    const settled = async () => (await server.as("viewer").runs.list({ key: "settled-1" })).runs[0]!.settled;
    expect(await settled()).toBeUndefined();
    await database().prisma.deadLetter.update({ where: { id: letter.id }, data: { state: "sent" } });
    expect(await settled()).toBe("sent");
    expect((await server.as("viewer").runs.get({ id })).settled).toBe("sent");
    await database().prisma.deadLetter.delete({ where: { id: letter.id } });
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
    const listed = async (key: string) => [
      (await viewer.deadLetters.list({ key })).total,
      (await viewer.deadLetters.export({ key })).letters.length,
      (await viewer.parked.list({ key })).items.length,
    ];
    expect([await listed("4711"), await listed("471")]).toEqual([
      [1, 1, 1],
      [0, 0, 0],
    ]);
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
    expect(await readRefusal(viewer.savedViews.rename({ id, name: "x" }))).toMatchObject({ code: "view-of-another" });
    await editor.savedViews.save({ ...own, name: "Other", page: "flow-runs" });
    const second = await editor.savedViews.save({ ...own, name: "Other" });
    expect(await readRefusal(editor.savedViews.rename({ id: second.id, name: "All dead" }))).toMatchObject({
      code: "view-name-taken",
    });
    await editor.savedViews.rename({ id, name: "Dead" });
    expect(await viewer.savedViews.list({ page: "runs" })).toMatchObject([{ name: "Dead" }, { name: "Mine" }]);
    expect(await editor.savedViews.list({ page: "flow-runs" })).toMatchObject([{ name: "Other" }]);
    await editor.savedViews.remove({ id });
    expect(await viewer.savedViews.list({ page: "runs" })).toHaveLength(1);
    const audited = await database().prisma.auditEntry.findMany({ where: { action: { startsWith: "view." } } });
    expect(audited.map(({ action }) => action).sort()).toEqual(["view.remove", "view.rename", "view.share"]);
  });
});
