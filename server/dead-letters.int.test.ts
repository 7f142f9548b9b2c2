import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { database } from "./database";
import { openTestServer, readRefusal, type TestServer } from "./testing";

let server: TestServer;
let flowId: string;
beforeAll(async () => {
  server = await openTestServer("dead");
  await server.as("admin").flows.push({
    document: {
      format: "millrace/flow@1",
      name: "orders",
      nodes: [
        { id: "hook", kind: "webhook-source", config: { path: "orders" } },
        { id: "call", kind: "http-request", config: { connection: "http", url: "/a" } },
      ],
      edges: [{ from: "hook", to: "call" }],
    },
  });
  flowId = (await database().prisma.flow.findFirstOrThrow()).id;
});
afterAll(() => server.close());

async function putLetter(position: string, body: string, more: object = {}): Promise<string> {
  const letter = await database().prisma.deadLetter.create({
    data: {
      flowId,
      flow: "orders",
      version: 1,
      node: "call",
      source: "hook",
      lane: "orders",
      position,
      causeCode: "http-status",
      causeMessage: "The endpoint answered 422.",
      fingerprint: "f-422",
      key: Buffer.from("k"),
      value: Buffer.from(body),
      headers: [["a", Buffer.from("b").toString("base64")]],
      codec: "json",
      timestamp: new Date(),
      attempts: 1,
      ...more,
    },
  });
  return letter.id;
}

const readLetter = (id: string) => database().prisma.deadLetter.findUniqueOrThrow({ where: { id } });
const textOf = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());

beforeEach(async () => {
  await database().prisma.deadLetter.deleteMany();
});

describe("dead letters", () => {
  it("are listed in pages, counted, and grouped by cause", async () => {
    const at = new Date();
    for (const position of ["1", "2", "3"]) await putLetter(position, "{}", { createdAt: at });
    await putLetter("4", "{", { causeCode: "codec-decode", causeMessage: "Not JSON.", fingerprint: "f-json" });
    const viewer = server.as("viewer");
    const first = await viewer.deadLetters.list({ flow: "orders", fingerprint: "f-422", limit: 2 });
    expect(first).toMatchObject({ more: true, total: 3 });
    const last = first.items.at(-1)!;
    const page = { flow: "orders", fingerprint: "f-422", limit: 2, before: last.createdAt, beforeId: last.id };
    const second = await viewer.deadLetters.list(page);
    expect(second).toMatchObject({ more: false, total: 3 });
    expect(new Set([...first.items, ...second.items].map((item) => item.position))).toEqual(new Set(["1", "2", "3"]));
    const groups = await viewer.deadLetters.groups({});
    expect(groups.map(({ causeCode, count, flow }) => ({ causeCode, count, flow }))).toEqual([
      { causeCode: "http-status", count: 3, flow: "orders" },
      { causeCode: "codec-decode", count: 1, flow: "orders" },
    ]);
  });

  it("are counted by flow and state", async () => {
    await putLetter("1", "{}");
    await putLetter("2", "{}", { state: "queued" });
    await putLetter("3", "{}", { state: "queued" });
    const counts = await server.as("viewer").deadLetters.counts({ flow: "orders" });
    expect(counts.toSorted((left, right) => left.count - right.count)).toEqual([
      { flow: "orders", state: "waiting", count: 1 },
      { flow: "orders", state: "queued", count: 2 },
    ]);
  });

  it("are shown whole: text as text, other bytes as base64", async () => {
    const id = await putLetter("1", '{"id":1}');
    expect(await server.as("viewer").deadLetters.get({ id })).toMatchObject({
      key: "k",
      value: '{"id":1}',
      encoding: "text",
      headers: [["a", "b"]],
    });
    const bytes = await putLetter("2", "", { value: Buffer.from([0xff, 0x00]) });
    expect(await server.as("viewer").deadLetters.get({ id: bytes })).toMatchObject({
      value: "/wA=",
      encoding: "base64",
    });
  });
});

describe("sending again", () => {
  it("queues what waits, once, by cause", async () => {
    const ours = await putLetter("1", "{}");
    const other = await putLetter("2", "{", { causeCode: "codec-decode", fingerprint: "f-json" });
    const operator = server.as("operator");
    expect(await operator.deadLetters.redrive({ flow: "orders", cause: "http-status", target: "node" })).toEqual({
      queued: 1,
    });
    expect(await readLetter(ours)).toMatchObject({ state: "queued", target: "node" });
    expect(await readLetter(other)).toMatchObject({ state: "waiting" });
    expect(await operator.deadLetters.redrive({ ids: [ours], target: "source" })).toEqual({ queued: 0 });
  });

  it("edits one by hand beside what is kept, which stays as it was", async () => {
    const operator = server.as("operator");
    const [toNode, toSource] = [await putLetter("1", '{"id":1}'), await putLetter("2", '{"id":2}')];
    const edit = { value: '{"id":9}', encoding: "text" as const };
    await operator.deadLetters.redrive({ ids: [toNode], target: "node", edit });
    const first = await readLetter(toNode);
    expect([textOf(first.value), textOf(first.editedValue), first.editedFor]).toEqual(['{"id":1}', '{"id":9}', "node"]);
    expect(await server.as("viewer").deadLetters.get({ id: toNode })).toMatchObject({
      value: '{"id":1}',
      edited: { value: '{"id":9}', encoding: "text", target: "node" },
    });
    await operator.deadLetters.redrive({ ids: [toSource], target: "source", edit });
    const sent = await readLetter(toSource);
    expect([textOf(sent.value), textOf(sent.editedValue), sent.editedFor]).toEqual(['{"id":2}', '{"id":9}', "source"]);
    expect([sent.sourceValue, sent.sourceHeaders]).toEqual([null, null]);
  });

  it("edits many by an expression over each", async () => {
    const ids = [await putLetter("1", '{"id":1,"quantity":3}'), await putLetter("2", '{"id":2,"quantity":4}')];
    await server.as("operator").deadLetters.redrive({
      flow: "orders",
      target: "node",
      edit: { cel: '{"id": body.id, "quantity": body.quantity * 2}' },
    });
    const values = await Promise.all(
      ids.map(async (id) => JSON.parse(textOf((await readLetter(id)).editedValue) ?? "")),
    );
    expect(values).toEqual([
      { id: 1, quantity: 6 },
      { id: 2, quantity: 8 },
    ]);
  });

  it("changes none when the expression fails on one of them", async () => {
    const good = await putLetter("1", '{"quantity":3}');
    await putLetter("2", "not json");
    const call = server
      .as("operator")
      .deadLetters.redrive({ flow: "orders", target: "node", edit: { cel: "body.quantity" } });
    expect(await readRefusal(call)).toMatchObject({ status: "BAD_REQUEST", code: "edit-failed" });
    const row = await readLetter(good);
    expect([row.state, textOf(row.value)]).toEqual(["waiting", '{"quantity":3}']);
  });

  it("refuses an expression that cannot be read", async () => {
    const call = server.as("operator").deadLetters.redrive({ flow: "orders", target: "node", edit: { cel: "body." } });
    expect(await readRefusal(call)).toMatchObject({ code: "expression-syntax" });
  });

  it("discards with a reason, and leaves it readable", async () => {
    const id = await putLetter("1", "{}");
    expect(await server.as("operator").deadLetters.discard({ ids: [id], reason: "A test order." })).toEqual({
      discarded: 1,
    });
    expect(await server.as("viewer").deadLetters.get({ id })).toMatchObject({
      state: "discarded",
      reason: "A test order.",
    });
    const trail = await database().prisma.auditEntry.findFirstOrThrow({ where: { action: "dead-letter.discard" } });
    expect(trail).toMatchObject({ actor: "operator@example.com", detail: { count: 1, reason: "A test order." } });
  });
});
