import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { maskText } from "@/flow/masking";
import { packRunDetail } from "@/prisma/run-detail";
import { database } from "./database";
import { openTestServer, readRefusal, type TestServer } from "./testing";

const call = { call: "http", connection: "http", method: "POST", url: "/reserve" };
const document = {
  format: "millrace/flow@1",
  name: "orders",
  settings: { masked: [{ path: "body.card", below: "admin" }] },
  nodes: [
    { id: "in", kind: "kafka-source", config: { connection: "kafka", topic: "orders" } },
    { id: "price", title: "Price", kind: "map", config: { set: { total: "body.price * 2" } } },
    { id: "closed", kind: "map", config: { set: {} }, disabled: "block" },
    { id: "bill", kind: "queue-sink", config: { connection: "queue", queue: "bill" } },
    { id: "begin", kind: "saga-start", config: {} },
    { id: "reserve", kind: "saga-step", config: { action: call, compensation: call } },
    { id: "end", kind: "saga-end", config: {} },
  ],
  edges: [
    { from: "in", to: "price" },
    { from: "in", to: "closed" },
    { from: "closed", to: "bill" },
    { from: "price", to: "bill" },
    { from: "price", to: "begin" },
    { from: "begin", to: "reserve" },
    { from: "reserve", to: "end" },
  ],
};

let server: TestServer;
let flowId: string;
beforeAll(async () => {
  server = await openTestServer("send_from");
  const { prisma } = database();
  await server.as("admin").flows.push({ document });
  flowId = (await prisma.flow.findFirstOrThrow()).id;
  await prisma.flowVersion.create({ data: { flowId, number: 1, document, hash: "" } });
  await prisma.flowVersion.create({ data: { flowId, number: 2, document, hash: "" } });
});
afterAll(() => server.close());
beforeEach(async () => {
  const { prisma } = database();
  await prisma.run.deleteMany();
  await prisma.deadLetter.deleteMany();
  await prisma.redrive.deleteMany();
  await prisma.auditEntry.findMany();
  await deploy();
});

async function deploy(desired = "running"): Promise<void> {
  await database().prisma.deployment.upsert({
    where: { environment_flowId: { environment: "default", flowId } },
    create: { flowId, groupName: "orders", version: 2, desired, start: { from: "kind" } },
    update: { desired },
  });
}

const value = '{"price":2,"card":"4111"}';
/** Step 0 is the source, step 1 the node. */
async function putRun(node = "price", change: object = {}, of = flowId): Promise<string> {
  const id = randomUUID();
  const headers: [string, string][] = [
    ["tenant", "a"],
    ["traceparent", `00-${"c".repeat(32)}-${"d".repeat(16)}-01`],
  ];
  const payload = { key: "k", headers, value, encoding: "text" as const, truncated: false, ...change };
  const step = { startMs: 0, durationMs: 0, attempt: 1, state: "done" as const };
  const steps = [
    { ...step, node: "in", in: null, out: [{ port: "out", payload: 0 }] },
    { ...step, node, in: 0, out: [] },
  ];
  await database().prisma.run.create({
    data: {
      ...{
        id,
        flowId: of,
        flow: "orders",
        version: 1,
        startedAt: new Date(),
        workerId: "w",
        source: "in",
        state: "done",
      },
      ...{
        traceId: "a".repeat(32),
        spanId: "b".repeat(16),
        lane: "orders/0",
        position: "3",
        durationMs: 1,
        attempts: 1,
      },
      detail: Buffer.from(packRunDetail({ steps, payloads: [payload] })),
    },
  });
  return id;
}
const letterOf = (id: string) => database().prisma.deadLetter.findUniqueOrThrow({ where: { id } });
const text = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString();

describe("what came to a step", () => {
  it("is sent to its node as a letter of its own, in the trace of its run, and the audit has it", async () => {
    const id = await putRun();
    const operator = server.as("operator");
    const told = await operator.runs.again({ id, step: 1 });
    expect(told).toMatchObject({ ran: 1, now: 2, running: true, why: null });
    expect(told.repeat).toContain("“bill” will have it twice");
    const sent = await operator.runs.sendFrom({ id, step: 1 });
    expect(sent).toMatchObject({ flow: "orders", node: "price", version: 2 });
    const letter = await letterOf(sent.letter);
    expect(letter).toMatchObject({
      ...{
        node: "price",
        source: "in",
        lane: "run",
        position: `${id}/1`,
        state: "queued",
        target: "node",
        codec: "json",
      },
      ...{ redriveId: sent.redrive, causeCode: "sent-from-run", runId: null, editedFor: null },
    });
    expect([text(letter.key), text(letter.value), text(letter.sourceValue)]).toEqual(["k", value, value]);
    const headers = (letter.headers as [string, string][]).map(([name, told64]) => [
      name,
      Buffer.from(told64, "base64").toString(),
    ]);
    expect(headers).toEqual([
      ["tenant", "a"],
      ["millrace-run-id", id],
      ["traceparent", `00-${"a".repeat(32)}-${"b".repeat(16)}-01`],
      ["tracestate", "millrace=keep"],
    ]);
    // Once it went through it is no dead letter, but for who asks for this one.
    await database().prisma.deadLetter.updateMany({ where: { id: sent.letter }, data: { state: "sent" } });
    expect((await operator.deadLetters.list({ state: "sent" })).total).toBe(0);
    expect(await operator.deadLetters.counts({})).toEqual([]);
    expect((await operator.deadLetters.list({ redrive: sent.redrive, state: "sent" })).total).toBe(1);
    await database().prisma.deadLetter.updateMany({ where: { id: sent.letter }, data: { state: "queued" } });
    // The run did not fail: the page offers no dead letter of it.
    expect((await operator.runs.get({ id })).deadLetters).toEqual([]);
    const redrive = await operator.redrives.get({ id: sent.redrive });
    expect(redrive).toMatchObject({ state: "running", asked: 1, left: 1, ids: 1, by: "operator@example.com" });
    const entry = await database().prisma.auditEntry.findFirst({ where: { action: "run.send-from" } });
    expect(entry).toMatchObject({
      ...{ actor: "operator@example.com", object: "orders/price" },
      detail: { run: id, step: 1, version: 2, edited: false, deadLetter: sent.letter },
    });
  });

  it("is one letter each time it is sent, and is not sent while it is on its way", async () => {
    const id = await putRun();
    const operator = server.as("operator");
    const first = await operator.runs.sendFrom({ id, step: 1 });
    expect((await readRefusal(operator.runs.sendFrom({ id, step: 1 }))).code).toBe("step-on-its-way");
    expect(await database().prisma.redrive.count()).toBe(1);
    await database().prisma.deadLetter.updateMany({ data: { state: "sent" } });
    const edit = { value: '{"price":3}', encoding: "text" as const };
    const second = await operator.runs.sendFrom({ id, step: 1, edit });
    expect(second.letter).toBe(first.letter);
    const letter = await letterOf(second.letter);
    expect([text(letter.value), text(letter.editedValue), letter.editedFor]).toEqual([value, edit.value, "node"]);
    const two = [operator.runs.sendFrom({ id: await putRun(), step: 1 }), operator.runs.sendFrom({ id, step: 1 })];
    expect((await Promise.allSettled(two)).map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });

  it("stays what its source reads, also edited to what that cannot be: then it fails there", async () => {
    const id = await putRun();
    const send = async (edited?: string) => {
      const edit = edited === undefined ? {} : { edit: { value: edited, encoding: "text" as const } };
      const { letter } = await server.as("operator").runs.sendFrom({ id, step: 1, ...edit });
      await database().prisma.deadLetter.updateMany({ data: { state: "sent" } });
      return letterOf(letter);
    };
    expect((await send("{ no JSON")).codec).toBe("json");
    expect((await send('{"price":3}')).codec).toBe("json");
    // What came as bytes goes as bytes, and an edit may make it readable.
    const bytes = await putRun("price", { value: "no JSON" });
    const sendBytes = (edit?: string) =>
      server
        .as("operator")
        .runs.sendFrom({ id: bytes, step: 1, ...(edit ? { edit: { value: edit, encoding: "text" } } : {}) });
    const first = await letterOf((await sendBytes()).letter);
    expect(first.codec).toBe("bytes");
    await database().prisma.deadLetter.updateMany({ data: { state: "sent" } });
    expect((await letterOf((await sendBytes('{"price":3}')).letter)).codec).toBe("json");
  });

  it("is not sent with the stand-in of what is masked in it", async () => {
    const id = await putRun();
    const edit = { value: `{"card":"${maskText}"}`, encoding: "text" as const };
    expect((await readRefusal(server.as("operator").runs.sendFrom({ id, step: 1, edit }))).code).toBe("payload-masked");
    // As it was it goes whole, also by who does not see all of it.
    const { letter } = await server.as("operator").runs.sendFrom({ id, step: 1 });
    expect(text((await letterOf(letter)).value)).toBe(value);
  });

  it.each([
    ["gone", {}, "no node “gone” any more"],
    ["price", { truncated: true }, "Only the beginning"],
    ["price", { partial: true }, "not kept whole"],
    ["closed", {}, "is disabled and lets nothing in"],
    ["reserve", {}, "stands in a saga"],
  ])("is refused in words: %s %o", async (node, change, words) => {
    const id = await putRun(node, change);
    const operator = server.as("operator");
    expect((await operator.runs.again({ id, step: 1 })).why).toContain(words);
    const refused = await readRefusal(operator.runs.sendFrom({ id, step: 1 }));
    expect(refused).toMatchObject({ code: "step-not-sendable", message: expect.stringContaining(words) });
    expect(await database().prisma.deadLetter.count()).toBe(0);
  });

  it("is refused where no lane takes it", async () => {
    const operator = server.as("operator");
    const id = await putRun();
    expect((await readRefusal(operator.runs.sendFrom({ id, step: 0 }))).message).toContain("from its source");
    expect((await readRefusal(operator.runs.sendFrom({ id, step: 9 }))).message).toContain("no such step");
    await deploy("stopped");
    expect((await readRefusal(operator.runs.sendFrom({ id, step: 1 }))).message).toContain("does not run");
    const orphan = await putRun("price", {}, "deleted");
    expect((await readRefusal(operator.runs.sendFrom({ id: orphan, step: 1 }))).message).toContain("deleted");
  });

  it("may be bytes, and a tombstone", async () => {
    const operator = server.as("operator");
    const bytes = await operator.runs.sendFrom({
      id: await putRun("price", { value: "/wA=", encoding: "base64" }),
      step: 1,
    });
    expect(await letterOf(bytes.letter)).toMatchObject({ codec: "bytes", value: new Uint8Array([0xff, 0]) });
    const none = await operator.runs.sendFrom({ id: await putRun("price", { value: null, key: null }), step: 1 });
    expect(await letterOf(none.letter)).toMatchObject({ codec: "json", value: null, key: null });
  });
});
