import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Question, SagaActOutcome } from "@/flow/control";
import type { FlowDocument } from "@/flow/document";
import { encodeSaga } from "@/flow/saga/coding";
import { subSagaIdOf } from "@/prisma/held-id";
import { database } from "./database";
import { openStandInWorker, openTestServer, readRefusal, type StandInWorker, type TestServer } from "./testing";
import { KeptSaga } from "./testing/kept-saga";

const call = (url: string) => ({ call: "http", connection: "http", method: "POST", url });
const nodes = [
  { id: "hook", kind: "webhook-source", config: { path: "orders" } },
  { id: "begin", kind: "saga-start", config: {} },
  {
    id: "reserve",
    kind: "saga-step",
    config: { action: call("/reserve"), compensation: call("/release"), into: "stock" },
  },
  { id: "approve", kind: "saga-approval", config: { question: "Ship ${key}?", role: "editor" } },
  { id: "paid", kind: "saga-wait", config: { awaits: "key", into: "payment" } },
  { id: "charge", kind: "saga-step", config: { action: call("/charge"), compensation: call("/refund"), pivot: true } },
  { id: "end", kind: "saga-end", config: {} },
  { id: "payments", kind: "webhook-source", config: { path: "payments" } },
];
const edges = [
  { from: "hook", to: "begin" },
  { from: "begin", to: "reserve" },
  { from: "reserve", to: "approve" },
  { from: "approve.approved", to: "paid" },
  { from: "paid", to: "charge" },
  { from: "charge", to: "end" },
  { from: "payments", to: "paid.event" },
];
const document = { format: "millrace/flow@1", name: "place-order", nodes, edges } as FlowDocument;
/** An approval of the same drawing takes an administrator's word. */
const strict: FlowDocument = {
  ...document,
  nodes: document.nodes.map((node) =>
    node.id === "approve" ? { ...node, config: { question: "Ship ${key}?", role: "admin" } } : node,
  ),
};

/** Its step is a saga of its own. */
const outer: FlowDocument = {
  ...document,
  nodes: [
    ...document.nodes.slice(0, 2),
    { id: "ship", kind: "sub-saga", config: { flow: "shipping" } },
    ...document.nodes.slice(6, 7),
  ],
  edges: [edges[0]!, { from: "begin", to: "ship" }, { from: "ship", to: "end" }],
};

let server: TestServer;
let flowId: string;
const began = Date.UTC(2026, 10, 27, 8);
beforeAll(async () => {
  server = await openTestServer("sagas");
  const { prisma } = database();
  await prisma.connection.create({ data: { name: "http", kind: "http", config: { baseUrl: "http://127.0.0.1:9" } } });
  await server.as("admin").flows.push({ document });
  flowId = (await prisma.flow.findFirstOrThrow()).id;
  for (const [index, each] of [document, strict, outer].entries()) {
    const data = { flowId, number: index + 1, document: each as object, message: "", author: "a", hash: `h${index}` };
    await prisma.flowVersion.create({ data });
  }
  await prisma.deployment.create({
    data: { flowId, version: 1, desired: "running", updatedBy: "a", groupName: "place-order", start: {} },
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  await database().prisma.held.deleteMany();
  await database().prisma.deployment.updateMany({ data: { desired: "running" } });
});

const keep = (key: string, { version = 1, at = began } = {}) =>
  new KeptSaga({ flowId, version, document: version === 1 ? document : strict, start: "begin" }, key, at).begin({
    id: key,
    total: 40,
  });

describe("sagas are found", () => {
  it("newest first, page by page, by state, key, step, age, version and words", async () => {
    await keep("o-1");
    await (await keep("o-2", { at: began + 1_000 })).ok("reserve", { id: "r-2" });
    await (await keep("o-3", { at: began + 2_000, version: 2 })).fail("reserve");
    const { sagas } = server.as("viewer");
    const list = async (filter: Parameters<typeof sagas.list>[0]) =>
      (await sagas.list(filter)).sagas.map(({ key }) => key);
    expect(await list({})).toEqual(["o-3", "o-2", "o-1"]);
    const first = await sagas.list({ flow: "place-order", limit: 2 });
    expect(first).toMatchObject({ more: true, sagas: [{ status: "compensated" }, { status: "asking" }] });
    const last = first.sagas[1]!;
    expect(await list({ before: last.startedAt, beforeId: last.id })).toEqual(["o-1"]);
    expect(first.sagas[1]).toMatchObject({ steps: ["approve"], stepTitles: ["Approve"] });
    expect(await sagas.these({ ids: [last.id, "none"] })).toMatchObject([{ key: "o-2", status: "asking" }]);
    expect(await list({ status: ["running", "asking"] })).toEqual(["o-2", "o-1"]);
    expect(await list({ key: "o-2" })).toEqual(["o-2"]);
    expect(await list({ step: "approve" })).toEqual(["o-2"]);
    expect(await list({ version: 2 })).toEqual(["o-3"]);
    expect(await list({ text: "RESERVE answered 422" })).toEqual(["o-3"]);
    expect(await list({ text: "o-1" })).toEqual(["o-1"]);
    expect(await list({ text: last.id })).toEqual(["o-2"]);
    expect(await list({ startedBefore: new Date(began + 1_000) })).toEqual(["o-1"]);
    expect(await list({ startedAfter: new Date(began + 1_000) })).toEqual(["o-3"]);
    expect(await readRefusal(sagas.list({ flow: "nothing" }))).toMatchObject({ code: "flow-missing" });
  });

  it("counted by version and state", async () => {
    await keep("o-1");
    await keep("o-2");
    await (await keep("o-3", { version: 2 })).fail("reserve");
    const { sagas } = server.as("viewer");
    const counts = await sagas.counts({ flow: "place-order" });
    expect(counts).toEqual({
      groups: [
        { flow: "place-order", version: 2, status: "compensated", count: 1 },
        { flow: "place-order", version: 1, status: "running", count: 2 },
      ],
      unseen: null,
    });
  });
});

describe("a saga is shown", () => {
  it("with what it did, the drawing of its version, its question, and what whoever asks may do", async () => {
    const saga = await (await keep("o-1", { version: 2 })).ok("reserve", { id: 12345678901234567890n });
    const view = await server.as("operator").sagas.get({ id: saga.id });
    expect(view).toMatchObject({ key: "o-1", version: 2, start: "begin", status: "asking", steps: ["approve"] });
    expect(view.startedAt).toEqual(new Date(began));
    expect(view.state.body).toEqual({
      text: '{"id":"o-1","total":40,"stock":{"id":12345678901234567890}}',
      cut: false,
    });
    expect(view.state.visits).toMatchObject([
      { node: "reserve", state: "done", output: { text: '{"id":12345678901234567890}' } },
      { node: "approve", state: "waiting", asks: "admin", question: "Ship o-1?" },
    ]);
    expect(view.document.nodes.find(({ id }) => id === "approve")?.config).toMatchObject({ role: "admin" });
    expect(view.may).toMatchObject({ cancel: { ok: true }, nodes: { approve: { approve: { ok: false } } } });
    expect(view.may.nodes.approve?.approve).toEqual({
      ok: false,
      why: "`approve` takes the word of the role admin; you have operator. Ask somebody who has it.",
    });
    expect((await server.as("admin").sagas.get({ id: saga.id })).may.nodes).toEqual({
      approve: { approve: { ok: true }, reject: { ok: true } },
    });
    expect(await readRefusal(server.as("viewer").sagas.get({ id: "none" }))).toMatchObject({ code: "saga-missing" });
  });

  it("says what cannot be done any more", async () => {
    const saga = await (await keep("o-1")).fail("reserve");
    const { may } = await server.as("admin").sagas.get({ id: saga.id });
    expect(may).toEqual({ cancel: { ok: false, why: "The saga is compensated." }, nodes: {} });
  });

  it("with the saga whose step it is, and the sagas that are its steps", async () => {
    const parent = await new KeptSaga({ flowId, version: 3, document: outer, start: "begin" }, "o-1", began).begin({});
    const subId = subSagaIdOf({ environment: "default", flowId }, "ship", parent.id);
    const place = { flowId, version: 1, document, start: "begin" };
    const child = await new KeptSaga(place, "o-1/ship", began, subId).begin(
      {},
      { parent: { environment: "default", flowId, saga: parent.id, node: "ship" } },
    );
    const { sagas } = server.as("viewer");
    expect((await sagas.get({ id: child.id })).parent).toEqual({
      id: parent.id,
      flow: "place-order",
      node: "ship",
      key: "o-1",
    });
    expect((await sagas.get({ id: parent.id })).children).toMatchObject([{ id: child.id, node: "ship" }]);
  });
});

describe("acting on sagas", () => {
  let worker: StandInWorker | null = null;
  afterAll(() => worker?.close());

  /** A worker that answers each act by the outcomes in their order; where there is none it is done. */
  async function openWorker(outcomes: SagaActOutcome[] = []) {
    await worker?.close();
    worker = await openStandInWorker((_path, body) => {
      const { acts } = JSON.parse(body.toString()) as Question<"saga-act">;
      return {
        json: {
          ok: true,
          answer: { outcomes: acts.map((_, index) => outcomes[index] ?? { ok: true, status: "running" }) },
        },
      };
    });
    return () => worker!.asked.map(({ body }) => JSON.parse(body.toString()) as Question<"saga-act">);
  }

  it("asks a worker that runs the flow, in the name of the person, and writes it down", async () => {
    const asked = await openWorker();
    const saga = await (await keep("o-1")).ok("reserve");
    const acted = await server.as("editor").sagas.act({ ids: [saga.id], action: "approve", reason: "looks well" });
    expect(acted).toEqual([{ id: saga.id, ok: true, status: "running", nodes: ["approve"] }]);
    const event = { is: "decide", node: "approve", approved: true, by: "The editor", words: "looks well" };
    expect(asked()).toEqual([{ flowId, acts: [{ saga: saga.id, event }] }]);
    expect(
      await database().prisma.auditEntry.findFirstOrThrow({
        where: { action: "saga.approve" },
        orderBy: { at: "desc" },
      }),
    ).toMatchObject({
      actor: "editor@example.com",
      object: `place-order ${saga.id}`,
      detail: { asked: 1, done: 1, ids: [saga.id], reason: "looks well" },
    });
  });

  it("takes many at once and answers for each", async () => {
    const asked = await openWorker([
      { ok: true, status: "compensating" },
      { ok: false, cause: { code: "saga-act-unfit", message: "It is past its pivot: what was done stays." } },
    ]);
    const [one, two] = [await keep("o-1"), await keep("o-2")];
    const nobody = "00000000-0000-8000-8000-000000000000";
    const ids = [one.id, two.id, nobody].sort();
    const acted = await server.as("operator").sagas.act({ ids, action: "cancel", reason: "sold out" });
    expect(acted.map(({ id }) => id)).toEqual(ids);
    expect(acted.find(({ id }) => id === nobody)).toMatchObject({ ok: false, code: "saga-missing" });
    expect(acted.filter(({ ok }) => ok)).toHaveLength(1);
    expect(acted.filter((each) => !each.ok && each.code === "saga-act-unfit")).toHaveLength(1);
    expect(asked()[0]!.acts.map(({ event }) => event)).toEqual(
      Array(2).fill({ is: "cancel", by: "The operator", reason: "sold out" }),
    );
  });

  it("finds the step by itself where only one fits, and refuses what fits nowhere", async () => {
    const asked = await openWorker();
    const saga = await keep("o-1");
    const operator = server.as("operator").sagas;
    const act = async (request: Parameters<typeof operator.act>[0]) => (await operator.act(request))[0];
    expect(await act({ ids: [saga.id], action: "retry" })).toMatchObject({ code: "saga-act-unfit" });
    expect(await act({ ids: [saga.id], action: "approve" })).toMatchObject({
      message: "No approval of it waits for a decision.",
    });
    expect(await act({ ids: [saga.id], action: "cancel", node: "reserve", reason: "r" })).toMatchObject({ ok: false });
    expect(asked()).toEqual([]);
    expect(await act({ ids: [saga.id], action: "complete", result: '{"id": 12345678901234567890}' })).toMatchObject({
      ok: true,
      nodes: ["reserve"],
    });
    expect(asked()[0]!.acts[0]!.event).toMatchObject({ node: "reserve", result: '{"id": 12345678901234567890}' });
    const wrong = operator.act({ ids: [saga.id], action: "complete", result: "{" });
    expect(await readRefusal(wrong)).toMatchObject({ code: "input-invalid" });
    expect(await readRefusal(operator.act({ ids: [saga.id], action: "skip" }))).toMatchObject({
      status: "BAD_REQUEST",
    });
  });

  it("is for a person who may: operators act, an approval says whose word it takes", async () => {
    const asked = await openWorker();
    const stuck = await keep("o-1");
    const plain = await (await keep("o-2")).ok("reserve");
    const admins = await (await keep("o-3", { version: 2 })).ok("reserve");
    const act = (role: "viewer" | "editor" | "operator" | "admin", id: string, action: "approve" | "complete") =>
      server.as(role).sagas.act({ ids: [id], action });
    expect(await readRefusal(act("viewer", plain.id, "approve"))).toMatchObject({ code: "role-too-small" });
    expect(await act("editor", stuck.id, "complete")).toMatchObject([{ ok: false, code: "role-too-small" }]);
    const [refused] = await act("operator", admins.id, "approve");
    expect(refused).toMatchObject({
      ok: false,
      code: "role-too-small",
      message: expect.stringContaining("role admin"),
    });
    expect(asked()).toEqual([]);
    expect(await act("editor", plain.id, "approve")).toMatchObject([{ ok: true }]);
    expect(await act("admin", admins.id, "approve")).toMatchObject([{ ok: true }]);
    expect(await act("operator", stuck.id, "complete")).toMatchObject([{ ok: true }]);
  });

  it("says what to do when no worker runs the flow", async () => {
    await worker?.close();
    worker = null;
    const saga = await keep("o-1");
    const [refused] = await server.as("operator").sagas.act({ ids: [saga.id], action: "cancel", reason: "r" });
    const words = "No worker runs “place-order”, so nobody can act on its sagas. Start it, then act.";
    expect(refused).toEqual({ id: saga.id, ok: false, code: "flow-not-running", message: words });
    await openWorker();
    await database().prisma.deployment.updateMany({ data: { desired: "stopped" } });
    expect(await server.as("operator").sagas.act({ ids: [saga.id], action: "cancel", reason: "r" })).toEqual([refused]);
  });
});

describe("what an act would come to", () => {
  it("is said of each before it is confirmed, and nothing is done: those past their pivot stay as they are", async () => {
    const fresh = await keep("o-1");
    const past = await (await keep("o-2")).ok("reserve");
    await past.tell({ is: "decide", node: "approve", approved: true, by: "Ada" });
    await past.tell({ is: "arrival", node: "paid", body: {} });
    await past.tell({
      is: "outcome",
      node: "charge",
      side: "action",
      result: { ok: false, final: true, effect: "maybe", cause: { code: "http-status", message: "500" } },
    });
    const gone = "6f6b2c2e-0b0e-5d8e-9d53-0c5f3f1f7a01";
    const ids = [fresh.id, past.id, gone];
    const { sagas } = server.as("operator");
    expect(await sagas.foresee({ ids, action: "cancel" })).toEqual([
      { id: fresh.id, ok: true, status: "running", nodes: [""] },
      { id: past.id, ok: false, code: "saga-act-unfit", message: expect.stringContaining("pivot") },
      { id: gone, ok: false, code: "saga-missing", message: expect.stringContaining("There is no saga") },
    ]);
    expect(await sagas.foresee({ ids: [past.id], action: "retry" })).toEqual([
      { id: past.id, ok: true, status: "stuck", nodes: ["charge"] },
    ]);
    expect(await sagas.foresee({ ids: [fresh.id], action: "retry" })).toMatchObject([{ ok: false }]);
    const asEditor = await server.as("editor").sagas.foresee({ ids: [fresh.id], action: "cancel" });
    expect(asEditor).toMatchObject([{ ok: false, code: "role-too-small" }]);
    expect((await sagas.get({ id: fresh.id })).status).toBe("running");
  });
});

describe("what is done to a flow", () => {
  const moved = {
    ...document,
    nodes: nodes.map((node) => (node.id === "payments" ? { ...node, config: { path: "paid" } } : node)),
  };

  it("says when a deploy would strand sagas in flight, and wants that confirmed", async () => {
    await keep("o-1");
    await keep("o-2");
    // What it would wait for has come by then.
    const paid = await (await keep("o-3")).ok("reserve");
    await paid.tell({ is: "decide", node: "approve", approved: true, by: "Ada" });
    await paid.tell({ is: "arrival", node: "paid", body: {} });
    const operator = server.as("operator");
    const { revision } = await operator.flows.push({ document: moved });
    const request = { flow: "place-order", begin: { from: "continue" as const } };
    const refused = await operator.deployments.deploy(request);
    expect(refused).toMatchObject({ ok: false, confirm: "strand" });
    const impact = await operator.deployments.sagaImpact({ flow: "place-order" });
    expect(impact).toMatchObject({ count: 3, messages: 0, versions: [{ version: 1, count: 3 }] });
    expect(impact.problems).toEqual([
      {
        code: "saga-stranded",
        severity: "warning",
        node: "paid",
        message:
          "2 sagas of v1 (2 at `reserve`) may await what comes in by `paid.event` from POST /in/payments, which leads there no more. Keep that way until they have ended; else a person has to give `paid` its result, or cancel them.",
      },
    ]);
    expect((await operator.deployments.sagaImpact({ flow: "place-order", version: 1 })).problems).toEqual([]);
    const deployed = await operator.deployments.deploy({ ...request, revision, strand: true });
    expect(deployed).toMatchObject({ ok: true, version: 4 });
    // Back to where they are read again: nothing to confirm.
    expect(await operator.deployments.rollback({ flow: "place-order" })).toMatchObject({ ok: true, version: 1 });
    await operator.flows.push({ document });
  });

  it("says how many rest when it is stopped, and is not deleted before they have ended", async () => {
    const saga = await keep("o-1");
    const operator = server.as("operator");
    expect(await operator.deployments.stop({ flow: "place-order" })).toMatchObject({ sagas: 1 });
    expect(await operator.flows.impact({ name: "place-order" })).toMatchObject({ sagas: 1, messages: 0 });
    const refused = await readRefusal(server.as("admin").flows.remove({ name: "place-order" }));
    expect(refused).toMatchObject({ code: "sagas-in-flight", message: expect.stringContaining("1 saga in flight") });
    await saga.fail("reserve");
    expect(await operator.flows.impact({ name: "place-order" })).toMatchObject({ sagas: 0 });
  });

  it("keeps connections that sagas in flight use, also when the drawing names them no more", async () => {
    await keep("o-1");
    const editor = server.as("editor");
    await editor.flows.push({ document: { ...document, nodes: nodes.slice(0, 1), edges: [] } });
    const refused = await readRefusal(server.as("operator").connections.remove({ name: "http" }));
    expect(refused).toMatchObject({ code: "connection-used" });
    expect(refused.message).toContain("Sagas in flight of “place-order” use “http”");
    await database().prisma.connection.deleteMany();
    const { problems } = await editor.deployments.sagaImpact({ flow: "place-order", version: 1 });
    expect(problems).toMatchObject([{ code: "saga-stranded", fix: { do: "open-connections", connection: "http" } }]);
  });
});

describe("sagas that rest in a Redis", () => {
  let worker: StandInWorker;
  const inRedis = { ...document, settings: { holding: { connection: "queue" } } };
  const row = {
    id: "0f6f1a52-55b7-8a0c-9d0e-2a35c7f0a001",
    environment: "default",
    node: "begin",
    kind: "saga",
    key: "r-1",
    version: 9,
    revision: 1,
    status: "running",
    steps: ["reserve"],
    dueAt: null,
    error: null,
    traceId: null,
    createdAt: began + 500,
    updatedAt: began + 500,
    endedAt: null,
    expiresAt: null,
  };
  const newer = { ...row, id: "0f6f1a52-55b7-8a0c-9d0e-2a35c7f0a002", key: "r-2", createdAt: began + 5_000 };

  beforeAll(async () => {
    const data = { flowId, number: 9, document: inRedis as object, message: "", author: "a", hash: "h9" };
    await database().prisma.flowVersion.create({ data });
    await database().prisma.deployment.updateMany({ data: { version: 9 } });
    await database().prisma.connection.createMany({
      data: ["http", "queue"].map((name) => ({ name, kind: name, config: {} })),
    });
    worker = await openStandInWorker((path, body) => {
      const content = Buffer.from(encodeSaga({ ...example, id: row.id })).toString("base64");
      const { search, ids } = JSON.parse(body.toString()) as { search?: { from?: string }; ids?: string[] };
      const here = [newer, row].map((each) => ({ ...each, flowId }));
      const answers: Record<string, object> = {
        "/ask/held-list":
          search?.from === undefined ? { rows: here.slice(0, 1), next: "1" } : { rows: here.slice(1), next: null },
        "/ask/held-read": { rows: ids?.includes(row.id) ? [{ ...here[1], content }] : [] },
        "/ask/held-count": {
          counts: [
            { node: "begin", version: 9, status: "running", steps: ["reserve"], count: 2 },
            { node: "begin", version: 9, status: "completed", steps: [], count: 5 },
          ],
        },
      };
      return { json: { ok: true, answer: answers[path] } };
    });
  });
  afterAll(() => worker.close());
  const example = {
    key: "r-1",
    startedAt: began,
    phase: "forward",
    pivoted: false,
    body: {},
    headers: {},
    visits: [],
    notes: [],
    depth: 0,
  } as const;

  it("are listed between the others, counted and shown, as a worker says", async () => {
    await keep("o-1", { at: began + 1_000 });
    const { sagas } = server.as("viewer");
    const list = await sagas.list({ flow: "place-order" });
    expect(list.sagas.map(({ key }) => key)).toEqual(["r-2", "o-1", "r-1"]);
    expect(list).toMatchObject({ more: false, unseen: null });
    const page = await sagas.list({ flow: "place-order", limit: 1, version: 9, text: "r-2" });
    expect(page).toMatchObject({ more: false, sagas: [{ key: "r-2", startedAt: new Date(began + 5_000) }] });
    expect(await sagas.counts({})).toEqual({
      groups: [
        { flow: "place-order", version: 9, status: "completed", count: 5 },
        { flow: "place-order", version: 9, status: "running", count: 2 },
        { flow: "place-order", version: 1, status: "running", count: 1 },
      ],
      unseen: null,
    });
    expect(await sagas.get({ id: row.id })).toMatchObject({ key: "r-1", version: 9, state: { phase: "forward" } });
    const asked = worker.asked.map(({ path, body }) => [path, JSON.parse(body.toString()) as object] as const);
    expect(asked.find(([path]) => path === "/ask/held-read")?.[1]).toEqual({ connection: "queue", ids: [row.id] });
    const [, first] = asked.find(([path]) => path === "/ask/held-list")!;
    expect(first).toMatchObject({ connection: "queue", search: { environment: "default", flowId, kind: "saga" } });
  });

  it("go on from there when another version holds elsewhere, which a deploy says; nothing is deleted over them", async () => {
    const operator = server.as("operator");
    expect(await operator.deployments.sagaImpact({ flow: "place-order", version: 1 })).toMatchObject({
      problems: [],
      move: "This version holds in Postgres. What is held already, 2 sagas in the Redis of `queue`, is not moved: it goes on from where it is. Keep that place until it is empty.",
    });
    expect(await operator.deployments.sagaImpact({ flow: "place-order", version: 9 })).toMatchObject({ move: null });
    // Where it held before is looked at, too.
    await database().prisma.deployment.updateMany({ where: { flowId }, data: { version: 1 } });
    expect((await operator.sagas.list({ flow: "place-order" })).sagas.map(({ key }) => key)).toContain("r-2");
    await operator.deployments.stop({ flow: "place-order" });
    const removed = await readRefusal(server.as("admin").flows.remove({ name: "place-order" }));
    expect(removed).toMatchObject({ code: "sagas-in-flight" });
    const unused = await readRefusal(operator.connections.remove({ name: "queue" }));
    expect(unused).toMatchObject({ code: "connection-used" });
  });

  it("are missed aloud when no worker can be asked", async () => {
    await worker.close();
    const { sagas } = server.as("operator");
    const list = await sagas.list({});
    expect(list.unseen).toMatch(/^Sagas that rest in the Redis of “queue” are not shown. No worker is running/);
    const counts = await sagas.counts({});
    expect(counts.unseen).toMatch(/^Sagas that rest in the Redis of “queue” are not counted. No worker is running/);
    expect(await readRefusal(sagas.get({ id: row.id }))).toMatchObject({ code: "worker-missing" });
    const { problems } = await server.as("operator").deployments.sagaImpact({ flow: "place-order", version: 9 });
    expect(problems).toMatchObject([{ code: "saga-stranded", message: expect.stringContaining("cannot be told") }]);
  });
});
