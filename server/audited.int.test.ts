import { hashPassword } from "better-auth/crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { personHeader, writePersonHeader } from "@/flow/person-header";
import { createContext, hashToken } from "./context";
import { database } from "./database";
import { createAppCaller } from "./router";
import { openStandInWorker, openTestServer, type StandInWorker, type TestServer } from "./testing";
import { AuditRows, draw } from "./testing/audit-rows";
import { adminEmail, adminPassword, makeDeeds } from "./testing/audited-deeds";
import { audited } from "./testing/audited-mutations";

let server: TestServer;
let worker: StandInWorker;
/** The administrator's own session. */
const session = "session-of-admin";

let deeds: ReturnType<typeof makeDeeds>;

beforeAll(async () => {
  server = await openTestServer("audited");
  worker = await openStandInWorker((path) => ({ json: { ok: true, answer: answers[path.split("/").at(-1)!] ?? {} } }));
  const { prisma } = database();
  await prisma.user.create({ data: { id: "admin", name: "The admin", email: adminEmail, role: "admin" } });
  const account = { id: "account", userId: "admin", accountId: "admin", providerId: "credential" };
  await prisma.account.create({ data: { ...account, password: await hashPassword(adminPassword) } });
  const me = { id: "admin", name: "The admin", email: adminEmail, role: "admin" as const };
  const admin = createAppCaller({
    origin: "http://127.0.0.1:3000",
    environment: "default",
    by: "session",
    me,
    session,
  });
  await prisma.connection.create({ data: { name: "http", kind: "http", config: { baseUrl: "http://127.0.0.1:9" } } });
  await prisma.connection.create({ data: { name: "kafka", kind: "kafka", config: { brokers: "" } } });
  const rows = new AuditRows(server);
  const flowId = await rows.putFlow("running");
  rows.flowId = flowId;
  deeds = makeDeeds(rows, admin);
  await prisma.flowVersion.create({ data: { flowId, number: 1, document: draw("running") as object, hash: "h" } });
  const base = { flowId, groupName: "running", desired: "running", start: { from: "kind" } };
  const { id: deploymentId } = await prisma.deployment.create({ data: { ...base, version: 1 } });
  const { id: workerId } = await prisma.worker.findFirstOrThrow();
  const live = { state: "running", version: 1, revision: 1, nodes: {}, lanes: [], tracesDropped: 0 };
  await prisma.liveCount.create({ data: { workerId, deploymentId, updatedAt: new Date(), live } });
});
afterAll(async () => {
  await worker?.close();
  await server?.close();
});

/** What the worker in whose place the test stands says. */
const trial = {
  ...{ state: "done", durationMs: 1, detail: { steps: [], payloads: [] }, answers: {}, outcome: { expect: {} } },
  effects: [{ step: 1, is: "called", to: "POST /a" }],
};
const answers: Record<string, unknown> = {
  "message-send": { lane: "running", position: "200" },
  "message-try": trial,
  "place-create": { created: true, place: { name: "orders", type: "topic" } },
  "saga-act": { outcomes: [{ ok: true, status: "running" }] },
};

/** Declared audited, and not called here, with the reason. */
const uncalled: Readonly<Record<string, string>> = {};

describe("a mutation that is declared audited", () => {
  it("is called here, or named with a reason", () => {
    expect([...Object.keys(deeds), ...Object.keys(uncalled)].sort()).toEqual(Object.keys(audited).sort());
  });

  it.each(Object.keys(audited).filter((path) => !(path in uncalled)))(
    "%s writes its entry, and one alone",
    async (path) => {
      const { prisma } = database();
      const { object, actor = adminEmail, action = audited[path]!, run } = await deeds[path]!();
      const before = new Set((await prisma.auditEntry.findMany({ select: { id: true } })).map(({ id }) => id));
      await run();
      const written = (await prisma.auditEntry.findMany()).filter(({ id }) => !before.has(id));
      expect(written).toMatchObject([{ actor, action, environment: "default", project: "default" }]);
      if (typeof object === "string") expect(written[0]!.object).toBe(object);
      else expect(written[0]!.object).toMatch(object);
      // Neither what messages say nor secrets are told.
      expect(JSON.stringify(written)).not.toMatch(/a password of|long enough/);
    },
  );
});

describe("an entry", () => {
  const written = async (run: () => Promise<unknown>) => {
    const { prisma } = database();
    const before = new Set((await prisma.auditEntry.findMany({ select: { id: true } })).map(({ id }) => id));
    await run();
    return (await prisma.auditEntry.findMany()).filter(({ id }) => !before.has(id));
  };

  it("tells what of the settings was changed, each time, and not the drawing that stays", async () => {
    const caller = server.as("admin");
    await caller.flows.create({ title: "Masking", name: "masking" });
    const { draft } = await caller.flows.get({ name: "masking" });
    const masked = (below: "operator" | "admin") => ({
      ...draft!,
      settings: { masked: [{ path: "body.price", below }] },
    });
    const saves = await written(async () => {
      await caller.flows.save({ name: "masking", revision: 1, document: masked("operator") });
      await caller.flows.save({ name: "masking", revision: 2, document: masked("admin") });
    });
    expect(saves.map(({ action, detail }) => [action, (detail as { changes?: unknown }).changes])).toEqual([
      ["flow.settings", ["masked below operator: body.price"]],
      ["flow.settings", ["masked below admin: body.price (was below operator)"]],
    ]);
  });

  it("tells by which token somebody acted, and who the command line says that it is", async () => {
    const { prisma } = database();
    const token = { name: "CI of nora", role: "admin", userId: "admin", hash: hashToken("by-token") };
    await prisma.apiToken.create({ data: { ...token, project: "default", environment: "default" } });
    const headers = new Headers({ authorization: "Bearer by-token", [personHeader]: writePersonHeader("nóra@laptop") });
    const caller = createAppCaller(await createContext({ headers }));
    const [entry] = await written(() => caller.flows.create({ title: "By a token", name: "by-a-token" }));
    expect(entry).toMatchObject({ actor: adminEmail, detail: { by: { token: "CI of nora", person: "nóra@laptop" } } });
  });

  it("is one for all messages that are sent at once", async () => {
    const message = { key: null, value: "{}", headers: [], encoding: "text" as const };
    const messages = Array.from({ length: 33 }, () => message);
    const [entry, ...more] = await written(() =>
      server.as("admin").messages.sendAll({ flow: "running", node: "hook", messages }),
    );
    expect(more).toEqual([]);
    expect(entry!.detail).toMatchObject({ messages: 33, last: { lane: "running", position: "200" } });
  });
});
