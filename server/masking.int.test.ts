import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunDetail } from "@/flow/control";
import type { FlowDocument } from "@/flow/document";
import { maskText } from "@/flow/masking";
import { matchesOf } from "@/flow/run-search";
import { packRunDetail } from "@/prisma/run-detail";
import { database } from "./database";
import { liveBoard } from "./live";
import { appRouter } from "./router";
import { openStandInWorker, openTestServer, readRefusal, type StandInWorker, type TestServer } from "./testing";
import { KeptSaga } from "./testing/kept-saga";

const secret = "4111-s3cr3t-1111";
const call = { call: "http", connection: "http", method: "POST", url: "/reserve" };
const document = {
  format: "millrace/flow@1",
  name: "cards",
  settings: {
    searchable: { card: "body.card.number", order: "body.id" },
    masked: [{ path: "body.card.number", below: "operator" }],
  },
  nodes: [
    { id: "orders", kind: "kafka-source", config: { connection: "kafka", topic: "orders" } },
    { id: "rename", kind: "map", config: { set: { pan: "body.card.number" } } },
    { id: "out", kind: "kafka-sink", config: { connection: "kafka", topic: "out" } },
    { id: "hook", kind: "webhook-source", config: { path: "cards" } },
    { id: "begin", kind: "saga-start", config: {} },
    { id: "reserve", kind: "saga-step", config: { action: call, compensation: call, into: "stock" } },
    { id: "end", kind: "saga-end", config: {} },
  ],
  edges: [
    { from: "orders", to: "rename" },
    { from: "rename", to: "out" },
    { from: "hook", to: "begin" },
    { from: "begin", to: "reserve" },
    { from: "reserve", to: "end" },
  ],
} as FlowDocument;
const body = { id: "o-1", card: { number: secret } };
const value = JSON.stringify(body);
const words = `The endpoint refused ${secret}.`;
const runId = randomUUID();
const traceId = "t".repeat(32);

let server: TestServer;
let worker: StandInWorker;
let flowId: string;
let letterId: string;
let sagaId: string;

beforeAll(async () => {
  server = await openTestServer("masking");
  const { prisma } = database();
  for (const [name, kind] of [
    ["kafka", "kafka"],
    ["http", "http"],
  ] as const)
    await prisma.connection.create({ data: { name, kind, config: {} } });
  await server.as("admin").flows.push({ document });
  flowId = (await prisma.flow.findFirstOrThrow()).id;
  await prisma.flowVersion.create({ data: { flowId, number: 1, document: document as object, hash: "h" } });
  const { id: deploymentId } = await prisma.deployment.create({
    data: { flowId, version: 1, desired: "running", updatedBy: "a", groupName: "cards", start: {} },
  });
  const seen = { key: secret, headers: [], value, encoding: "text", lane: "orders/0", position: "1", timestamp: 1 };
  worker = await openStandInWorker((path) => ({
    json: path.includes("newest") ? { ok: true, answer: { messages: [{ ...seen, truncated: false }] } } : {},
  }));
  const { id: workerId } = await prisma.worker.findFirstOrThrow();
  const failing = { ...{ since: 0, in: 1, ports: {}, failed: 1, retried: 0, dead: 0, inFlight: 0 }, state: "degraded" };
  const cause = { code: "http-status", message: words, detail: words };
  const live = {
    ...{ state: "degraded", version: 1, revision: 1, cause, tracesDropped: 0 },
    nodes: { rename: { ...failing, cause } },
    lanes: [{ node: "orders", lane: "orders/0", state: "stalled", since: 0, lastError: { ...cause, at: 1 } }],
  };
  await prisma.liveCount.create({ data: { workerId, deploymentId, updatedAt: new Date(), live } });
  const condition = `body.card.number == '${secret}'`;
  await server.as("admin").recordings.start({ flow: "cards", condition, minutes: 60 });
  await putRuns();
  await putLetters();
  const kept = new KeptSaga({ flowId, version: 1, document, start: "begin" }, secret, Date.now());
  await (await kept.begin(body)).tell({
    is: "outcome",
    node: "reserve",
    side: "action",
    result: { ok: false, final: true, effect: "none", cause },
  });
  sagaId = kept.id;
});
afterAll(async () => {
  await worker.close();
  await server.close();
});

async function putRuns(): Promise<void> {
  const { prisma } = database();
  const payload = (of: unknown) => ({
    ...{ key: secret, headers: [["x", secret]] as [string, string][] },
    ...{ value: JSON.stringify(of), encoding: "text" as const, truncated: false },
  });
  const cause = { code: "http-status", message: words, detail: words };
  const step = { startMs: 0, durationMs: 1, attempt: 1, note: { said: secret } };
  const detail: RunDetail = {
    payloads: [payload(body), payload({ renamed: { pan: secret } })],
    steps: [{ ...step, node: "rename", in: 0, out: [{ port: "out", payload: 1 }], state: "dead", cause }],
  };
  const startedAt = new Date();
  await prisma.run.create({
    data: {
      ...{ id: runId, startedAt, flowId, flow: "cards", version: 1, workerId: "w", traceId, spanId: "s".repeat(16) },
      ...{ source: "orders", lane: "orders/0", position: "1", key: secret, state: "dead", durationMs: 1, attempts: 1 },
      ...{ errorNode: "rename", errorCode: "http-status", error: words, detail: packRunDetail(detail) },
    },
  });
  await prisma.runValue.createMany({
    data: [
      { startedAt, runId, flowId, name: "card", value: secret, below: "operator" },
      { startedAt, runId, flowId, name: "order", value: "o-1" },
      // The same under a name that nobody masks.
      { startedAt, runId, flowId, name: "contact", value: secret },
    ],
  });
}

async function putLetters(): Promise<void> {
  const { prisma } = database();
  const bytes = Buffer.from(value);
  const message = {
    ...{ flowId, node: "rename", source: "orders", lane: "orders/0", position: "1", codec: "json", attempts: 1 },
    ...{ causeCode: "http-status", causeMessage: words, causeDetail: words, timestamp: new Date() },
    ...{ key: Buffer.from(secret), headers: [["x", Buffer.from(secret).toString("base64")]] },
    value: Buffer.from(JSON.stringify({ pan: secret })),
    ...{ sourceKey: null, sourceValue: bytes, sourceHeaders: [] },
  };
  const letter = await prisma.deadLetter.create({
    data: {
      ...message,
      ...{ flow: "cards", version: 1, fingerprint: "f", runId, traceId, reason: words },
      ...{ editedKey: message.key, editedHeaders: message.headers },
      ...{ editedValue: bytes, editedFor: "node", causes: [{ node: "out", code: "x", message: words, times: 1 }] },
    },
  });
  letterId = letter.id;
  const where = `body.card.number == '${secret}'`;
  const by = { by: "admin@example.com", createdAt: new Date(), endedAt: new Date(), state: "stopped" };
  await prisma.redrive.create({
    data: {
      ...by,
      flowId,
      flow: "cards",
      condition: where,
      edit: where,
      target: "node",
      reason: words,
      skippedWords: words,
    },
  });
  await prisma.parked.create({
    data: { ...message, id: "p", environment: "default", part: "0", orderKey: "k", dueAt: new Date(), runId },
  });
}

/** What a viewer may ask that messages, or words about them, are told by. The others tell nothing of messages. */
const asked: Readonly<Record<string, readonly unknown[]>> = {
  "runs.list": [{}, { flow: "cards" }, { text: "o-1" }, { text: secret }, { key: secret }, { text: "refused" }],
  "runs.get": [{ id: runId }],
  "runs.ofNode": [{ flow: "cards", node: "rename" }],
  "deadLetters.list": [{}, { flow: "cards" }, { key: secret }, { text: secret }],
  "deadLetters.groups": [{}],
  "deadLetters.get": ["letter"],
  "deadLetters.export": [{}],
  "parked.list": [{}, { key: secret }],
  "sagas.list": [{}, { text: secret }],
  "sagas.get": ["saga"],
  "sagas.these": ["sagas"],
  "messages.sample": [
    { flow: "cards", node: "orders" },
    { flow: "cards", node: "rename" },
  ],
  "connections.newest": [
    { name: "kafka", place: "orders" },
    { name: "kafka", place: "out" },
  ],
  "recordings.list": [{ flow: "cards" }],
  "redrives.list": [{}],
  "deployments.status": [{}],
};
const tellNothing = [
  // Counts, of nothing that is masked.
  "runs.elsewhere",
  "runs.found",
  "runs.kept",
  // Titles of nodes, names of places.
  "runs.again",
  ...["session.state", "flows.list", "flows.get", "flows.check", "flows.impact", "flows.search", "flows.neighbours"],
  ...["versions.list", "versions.get", "deployments.guarantee", "deployments.history", "deployments.sagaImpact"],
  ...[
    "deployments.nodeHistory",
    "deployments.versionFigures",
    "deployments.waiting",
    "connections.list",
    "connections.places",
    "deadLetters.counts",
  ],
  ...["deadLetters.forwards", "redrives.get", "parked.groups", "sagas.counts"],
  ...[
    "messages.webhookAddress",
    "trials.runCases",
    "savedViews.list",
    "settings.tokens",
    "settings.sessions",
    "session.invitation",
    "health.workers",
    "health.notices",
    "health.failing",
  ],
  ...["live.events"],
];

async function ask(role: "viewer" | "editor" | "operator", path: string, input: unknown): Promise<unknown> {
  const [router, name] = path.split(".") as [string, string];
  const routers = server.as(role) as unknown as Record<string, Record<string, (given: unknown) => Promise<unknown>>>;
  const given =
    input === "letter"
      ? { id: letterId }
      : input === "saga"
        ? { id: sagaId }
        : input === "sagas"
          ? { ids: [sagaId] }
          : input;
  return routers[router]![name]!(given);
}

describe("a masked field", () => {
  it("is in no answer that a viewer gets", async () => {
    for (const [path, inputs] of Object.entries(asked)) {
      for (const input of inputs) {
        const answer = JSON.stringify(await ask("viewer", path, input));
        expect([path, input, answer.includes(secret)]).toEqual([path, input, false]);
      }
    }
  });

  it("is looked for in every question", () => {
    const questions = Object.entries(appRouter._def.procedures)
      .filter(([, procedure]) => (procedure as unknown as { _def: { type: string } })._def.type !== "mutation")
      .map(([path]) => path);
    const known = new Set([...Object.keys(asked), ...tellNothing, "deadLetters.preview", "audit.list"]);
    const others = questions.filter((path) => !known.has(path) && !path.startsWith("settings."));
    expect(others).toEqual([]);
  });

  it("is shown to who has the role, and all else to everybody", async () => {
    for (const [path, inputs] of Object.entries(asked)) {
      if (path === "deployments.status") continue;
      const answer = JSON.stringify(await ask("operator", path, inputs[0]));
      expect([path, answer.includes(secret)]).toEqual([path, true]);
    }
    const run = await server.as("viewer").runs.get({ id: runId });
    expect(run).toMatchObject({ key: maskText, error: `The endpoint refused ${maskText}.` });
    expect(run.detail.payloads.map((payload) => JSON.parse(payload.value!))).toEqual([
      { id: "o-1", card: { number: maskText } },
      { renamed: { pan: maskText } },
    ]);
  });

  it("is found by nobody who does not see it", async () => {
    const find = async (role: "viewer" | "operator", filter: object) =>
      (await server.as(role).runs.list(filter)).runs.map(({ id }) => id);
    for (const filter of [{ text: secret }, { key: secret }, { text: `refused ${secret}` }]) {
      expect([filter, await find("viewer", filter)]).toEqual([filter, []]);
      expect([filter, await find("operator", filter)]).toEqual([filter, [runId]]);
    }
    // Wildcards of SQL, with which one could feel one's way.
    for (const text of [`refused ${secret.slice(0, 3)}%`, `refused ${secret.slice(0, -1)}_`, ` ${secret.slice(2, 8)}`])
      expect([text, await find("viewer", { text })]).toEqual([text, []]);
    for (const text of ["o-1", runId, "endpoint refused"])
      expect([text, await find("viewer", { text })]).toEqual([text, [runId]]);
    const told = async (role: "viewer" | "operator", text: string) => ({
      found: (await server.as(role).runs.found({ text })).map(({ by }) => by).sort(),
      matched: (await server.as(role).runs.list({ text })).runs.flatMap(matchesOf).sort(),
    });
    const both = (kinds: string[]) => ({ found: kinds, matched: kinds });
    for (const text of [secret, `card=${secret}`, `contact=${secret}`])
      expect([text, await told("viewer", text)]).toEqual([text, both([])]);
    expect(await told("operator", secret)).toEqual(both(["error", "key", "value:card", "value:contact"]));
    expect(await told("viewer", "o-1")).toEqual(both(["value:order"]));
    // What is found by what is seen does not tell that it is hidden elsewhere in the same run, too.
    for (const by of ["key", "value", "value:card", "value:contact"] as const)
      expect([by, (await server.as("viewer").runs.list({ text: secret, by })).runs]).toEqual([by, []]);
    expect((await server.as("viewer").sagas.list({ text: secret })).sagas).toEqual([]);
    const nowhere = { sagas: 0, deadLetters: 0, deadLetter: null, parked: 0 };
    expect(await server.as("viewer").runs.elsewhere({ text: secret })).toEqual(nowhere);
    expect(await server.as("operator").runs.elsewhere({ text: secret })).not.toEqual(nowhere);
    const byKey = async (role: "viewer" | "operator") => [
      (await server.as(role).deadLetters.list({ key: secret })).total,
      (await server.as(role).deadLetters.export({ key: secret })).letters.length,
      (await server.as(role).parked.list({ key: secret })).total,
    ];
    expect([await byKey("viewer"), await byKey("operator")]).toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ]);
    expect((await server.as("operator").sagas.list({ key: secret })).sagas).toHaveLength(1);
  });

  it("is in no event of a viewer's tab", async () => {
    const end = new AbortController();
    const viewer = {
      environment: "default",
      me: { id: "v", name: "V", email: "v@example.com", role: "viewer" as const },
    };
    for await (const event of liveBoard("default").watch(viewer, undefined, end.signal)) {
      expect(JSON.stringify(event)).not.toContain(secret);
      if (event.type === "live") {
        expect(event.flows[0]?.cause?.message).toBe("The endpoint answered with an error.");
        break;
      }
    }
    end.abort();
  });

  it("is named, with the role that it takes, to whom it is hidden, and to nobody else", async () => {
    const masked = [{ path: "body.card.number", below: "operator" }];
    expect((await server.as("viewer").runs.get({ id: runId })).masked).toEqual(masked);
    expect((await server.as("viewer").deadLetters.get({ id: letterId })).masked).toEqual(masked);
    expect((await server.as("operator").runs.get({ id: runId })).masked).toEqual([]);
    expect((await server.as("operator").deadLetters.get({ id: letterId })).masked).toEqual([]);
  });

  it("is read by no expression of who does not see it, and its stand-in is not sent", async () => {
    const { prisma } = database();
    await prisma.flowVersion.update({
      where: { flowId_number: { flowId, number: 1 } },
      data: {
        document: { ...document, settings: { masked: [{ path: "body.card.number", below: "admin" }] } } as object,
      },
    });
    const { deadLetters, messages } = server.as("operator");
    const chosen = { ids: [letterId], target: "node" as const };
    const refused = async (asking: Promise<unknown>) => (await readRefusal(asking)).code;
    const reading = { ...chosen, flow: "cards", where: "body.card.number.startsWith('4')" };
    expect(await refused(deadLetters.preview(reading))).toBe("field-masked");
    expect(await refused(deadLetters.redrive({ ...chosen, edit: { cel: "{'x': body}" } }))).toBe("field-masked");
    expect(await refused(deadLetters.discard({ ...reading, reason: "" }))).toBe("field-masked");
    const edit = { value: `{"card":"${maskText}"}`, encoding: "text" as const };
    expect(await refused(deadLetters.redrive({ ...chosen, edit }))).toBe("payload-masked");
    const inHeader = { value: "{}", encoding: "text" as const, headers: [["x", maskText]] as [string, string][] };
    expect(await refused(deadLetters.redrive({ ...chosen, edit: inHeader }))).toBe("payload-masked");
    const message = { key: null, headers: [], ...edit };
    expect(await refused(messages.send({ flow: "cards", node: "hook", message }))).toBe("payload-masked");
    const preview = await deadLetters.preview({ ...chosen, edit: { cel: "{'id': body.id}" } });
    expect(JSON.stringify(preview)).not.toContain(secret);
  });

  it("is unmasked by a deploy of who sees it alone", async () => {
    const { deployments, flows } = server.as("admin");
    const { revision } = await flows.get({ name: "cards" });
    const unmasked = { ...document, settings: {} };
    await flows.save({ name: "cards", document: unmasked, revision });
    const begin = { from: "continue" as const };
    const refused = await readRefusal(server.as("operator").deployments.deploy({ flow: "cards", begin }));
    expect(refused).toMatchObject({ code: "field-masked", message: expect.stringContaining("body.card.number") });
    expect((await deployments.deploy({ flow: "cards", begin, strand: true })).ok).toBe(true);
    expect(JSON.stringify(await ask("viewer", "runs.get", { id: runId }))).not.toContain(secret);
  });

  it("stays masked when its flow is deleted", async () => {
    const { prisma } = database();
    await prisma.deployment.updateMany({ data: { desired: "stopped" } });
    await prisma.held.deleteMany();
    await server.as("admin").flows.remove({ name: "cards" });
    for (const [path, input] of [
      ["runs.list", {}],
      ["runs.get", { id: runId }],
      ["deadLetters.get", { id: letterId }],
      ["deadLetters.export", {}],
    ] as const)
      expect([path, JSON.stringify(await ask("viewer", path, input)).includes(secret)]).toEqual([path, false]);
  });
});
