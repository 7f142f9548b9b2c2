import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { packRunDetail } from "@/prisma/run-detail";
import { database } from "./database";
import { openStandInWorker, openTestServer, readRefusal, type StandInWorker, type TestServer } from "./testing";

const drawn = (topic: string, sinks: object[]) => ({
  format: "millrace/flow@1",
  name: "orders",
  nodes: [
    { id: "in", title: "Orders", kind: "kafka-source", config: { connection: "kafka", topic } },
    { id: "tick", kind: "generate-source", config: {} },
    { id: "hook", kind: "webhook-source", config: { path: "orders" } },
    ...sinks,
  ],
  edges: (sinks as { id: string }[]).flatMap(({ id }) => ["in", "hook", "tick"].map((from) => ({ from, to: id }))),
});
const sink = (id: string, config: object) => ({
  id,
  kind: "queue-sink",
  config: { connection: "queue", queue: id, ...config },
});
/** What ran: one sink, nothing is told apart. What runs now: others, two of which tell apart. */
const first = drawn("orders", [sink("bill", {})]);
const second = drawn("orders-2", [
  sink("ship", {}),
  sink("by-place", { deduplicateFor: "1d" }),
  sink("by-id", { deduplicateFor: "1d", deduplicateBy: "body.id" }),
]);

let server: TestServer;
let worker: StandInWorker;
let flowId: string;
beforeAll(async () => {
  server = await openTestServer("again");
  worker = await openStandInWorker((path) => ({
    json: { ok: true, answer: path === "/ask/message-send" ? { lane: "orders-2/0", position: "7" } : {} },
  }));
  await server.as("admin").flows.push({ document: first });
  flowId = (await database().prisma.flow.findFirstOrThrow()).id;
  for (const [number, document] of [first, second].entries())
    await database().prisma.flowVersion.create({ data: { flowId, number: number + 1, document, hash: "" } });
});
afterAll(async () => {
  await worker.close();
  await server.close();
});
beforeEach(() => database().prisma.run.deleteMany());

async function deploy(version: number, desired = "running"): Promise<void> {
  await database().prisma.deployment.upsert({
    where: { environment_flowId: { environment: "default", flowId } },
    create: { flowId, groupName: "orders", version, desired, start: { from: "kind" } },
    update: { version, desired },
  });
}

async function putRun(source = "in", of = flowId, came: readonly string[] = []): Promise<string> {
  const id = randomUUID();
  const payload = { key: "k", headers: [], value: '{"id":1}', encoding: "text" as const, truncated: false };
  const step = { node: source, startMs: 0, durationMs: 0, attempt: 1, in: null, state: "done" as const };
  await database().prisma.run.create({
    data: {
      ...{ id, flowId: of, flow: "orders", version: 1, startedAt: new Date(), workerId: "w", source, state: "done" },
      ...{
        traceId: "a".repeat(32),
        spanId: "b".repeat(16),
        lane: "orders/0",
        position: "3",
        durationMs: 1,
        attempts: 1,
      },
      detail: Buffer.from(
        packRunDetail({
          steps: [
            { ...step, out: [{ port: "out", payload: 0 }] },
            ...came.map((node) => ({ ...step, node, in: 0, out: [] })),
          ],
          payloads: [payload],
        }),
      ),
    },
  });
  return id;
}

describe("what sending a run's message again comes to", () => {
  it("is told from the version that runs now, with both numbers where they differ", async () => {
    const id = await putRun("in", flowId, ["bill"]);
    await deploy(1);
    const same = await server.as("viewer").runs.again({ id });
    expect(same).toMatchObject({ ran: 1, now: 1, running: true, notes: [], why: null });
    expect(same.repeat).toBe(
      "It is put into “orders” once more, for all who read that. Where the run's message has been, “bill” will have it twice.",
    );
    const elsewhere = await server.as("viewer").runs.again({ id: await putRun() });
    expect(elsewhere.repeat).toContain("This run did not come to “bill”.");
    expect(elsewhere.repeat).not.toContain("twice");
    await deploy(2);
    const other = await server.as("viewer").runs.again({ id });
    expect(other).toMatchObject({ ran: 1, now: 2, running: true, why: null });
    // Its place is new: who tells messages apart by that has it twice.
    expect(other.repeat).toContain("“ship” and “by-place” will have it twice");
    expect(other.repeat).toContain("recognised at “by-id” by `body.id`");
    expect(other.repeat).not.toContain("bill");
    expect(other.notes).toEqual([expect.stringContaining("It goes to “orders-2”")]);
  });

  it("says what is possible when the flow does not run, and why it is not", async () => {
    await deploy(2, "stopped");
    const viewer = server.as("viewer");
    const stopped = await viewer.runs.again({ id: await putRun() });
    expect(stopped).toMatchObject({ now: 2, running: false, why: null });
    expect(stopped.notes[0]).toContain("waits there until a version is deployed");
    expect((await viewer.runs.again({ id: await putRun("hook") })).why).toContain("Deploy it first");
    await deploy(2);
    expect((await viewer.runs.again({ id: await putRun("hook") })).why).toBeNull();
    expect((await viewer.runs.again({ id: await putRun("tick") })).why).toContain("makes its messages itself");
    expect((await viewer.runs.again({ id: await putRun("gone") })).why).toContain(
      "Version 2, which runs now, has no node",
    );
    expect((await viewer.runs.again({ id: await putRun("in", "gone") })).why).toContain("deleted");
    expect((await readRefusal(viewer.runs.again({ id: randomUUID() }))).code).toBe("run-missing");
  });

  it("is told of a dead letter from the version that runs now, too", async () => {
    await deploy(2);
    const letter = (node: string) =>
      database().prisma.deadLetter.create({
        data: {
          ...{ flowId, flow: "orders", version: 1, node, source: "in", lane: "orders/0", position: "1" },
          ...{ causeCode: "c", causeMessage: "m", fingerprint: "f", headers: [], codec: "json", attempts: 1 },
          timestamp: new Date(),
        },
      });
    const gone = await server.as("viewer").deadLetters.get({ id: (await letter("bill")).id });
    expect(gone.repeat).toBe("Version 2, which runs now, has no node “bill”, so it cannot be sent there.");
    const there = await server.as("viewer").deadLetters.get({ id: (await letter("by-place")).id });
    expect(there.repeat).toContain("Version 2 works it now; it failed on version 1. A second delivery is recognised");
  });
});

describe("a message that is sent again from a run", () => {
  it("carries the run's id, the same for each time, and the audit has it", async () => {
    await deploy(2);
    const run = await putRun();
    const message = {
      key: "k",
      value: "{}",
      headers: [["tenant", "a"]] as [string, string][],
      encoding: "text" as const,
    };
    const editor = server.as("editor");
    const send = async (given: typeof message) => {
      expect(await editor.messages.send({ flow: "orders", node: "in", message: given, run })).toMatchObject({
        position: "7",
      });
      return JSON.parse(String(worker.asked.at(-1)!.body)).message.headers;
    };
    const headers = await send(message);
    expect(headers).toEqual([
      ["tenant", "a"],
      ["millrace-run-id", run],
    ]);
    const earlier = [["millrace-run-id", "first"]] as [string, string][];
    expect(await send({ ...message, headers: earlier })).toEqual(earlier);
    const entry = await database().prisma.auditEntry.findFirst({ where: { action: "message.send" } });
    expect(entry).toMatchObject({ object: "orders/in", detail: { run, position: "7" } });
    const told = await server.as("viewer").runs.get({ id: run });
    const again = { at: expect.any(Date), by: "editor@example.com", find: "orders-2/0@7" };
    expect(told).toMatchObject({ sentAgain: [again, again], from: null });
  });
});
