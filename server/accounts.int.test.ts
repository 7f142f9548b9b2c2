import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localUser } from "@/prisma/local-user";
import { auth } from "./auth";
import { createContext, hashToken } from "./context";
import { database } from "./database";
import { createAppCaller } from "./router";
import { openTestServer, readRefusal, type TestServer } from "./testing";
import type { Role } from "./views";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer("accounts");
  // What `npm start` puts there before anybody came.
  await database().prisma.user.create({ data: { ...localUser, emailVerified: true } });
});
afterAll(() => server.close());

const address = "http://127.0.0.1:3000";

function askAuth(path: string, body: object): Promise<Response> {
  const headers = { "content-type": "application/json", origin: address, host: "127.0.0.1:3000" };
  const request = new Request(`${address}/api/auth/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  return auth().handler(request);
}

const signUp = (name: string, more: object = {}) =>
  askAuth("sign-up/email", { name, email: `${name}@example.com`, password: "long enough a word", ...more });

async function callAs(headers: Record<string, string>) {
  return createAppCaller(await createContext({ headers: new Headers({ host: "127.0.0.1:3000", ...headers }) }));
}

describe("the first account", () => {
  it("is asked for although the command line has a user of its own", async () => {
    expect(await server.visitor.session.state()).toEqual({ me: null, firstRun: true });
  });

  it("is one, however many sign up at once, and its owner is the administrator", async () => {
    const answers = await Promise.all(["ada", "ben", "cleo", "dan"].map((name) => signUp(name)));
    const statuses = answers.map((answer) => answer.status).sort();
    expect(statuses).toEqual([200, 403, 403, 403]);
    const users = await server.as("admin").settings.users();
    expect(users.map((user) => user.role)).toEqual(["admin"]);
  });

  it("closes sign-up for good", async () => {
    // Once more after the claim has run out.
    await database().prisma.verification.deleteMany();
    const refused = await signUp("eve", { role: "admin" });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ code: "SIGN_UP_CLOSED" });
    expect(await database().prisma.user.count({ where: { email: "eve@example.com" } })).toBe(0);
    expect(await server.visitor.session.state()).toMatchObject({ firstRun: false });
  });
});

describe("people", () => {
  it("whom an administrator adds can sign in, with the role that they were given", async () => {
    await server.as("admin").settings.addUser({
      name: "Vera",
      email: "Vera@example.com",
      password: "long enough a word",
      role: "viewer",
    });
    const answer = await askAuth("sign-in/email", { email: "vera@example.com", password: "long enough a word" });
    expect(answer.status).toBe(200);
    const cookie = answer.headers
      .getSetCookie()
      .map((each) => each.split(";")[0])
      .join("; ");
    const vera = await callAs({ cookie });
    expect((await vera.session.state()).me).toMatchObject({ name: "Vera", role: "viewer" });
    const refused = await readRefusal(vera.flows.create({ title: "Mine" }));
    expect(refused).toMatchObject({ status: "FORBIDDEN", code: "role-too-small" });
    expect(refused.message).toContain("the role editor; you have viewer");
  });

  it("are never without an administrator", async () => {
    const admin = server.as("admin");
    const [first] = await admin.settings.users();
    expect(await readRefusal(admin.settings.setRole({ id: first!.id, role: "viewer" }))).toMatchObject({
      code: "user-last-admin",
    });
    expect(await readRefusal(admin.settings.removeUser({ id: first!.id }))).toMatchObject({ code: "user-last-admin" });
    expect(await readRefusal(admin.settings.removeUser({ id: localUser.id }))).toMatchObject({ status: "NOT_FOUND" });
  });
});

describe("tokens", () => {
  async function makeToken(role: Role, days?: number): Promise<string> {
    const [owner] = await server.as("admin").settings.users();
    const asOwner = createAppCaller({
      origin: address,
      environment: "default",
      by: "session",
      me: { ...owner!, role: "admin" },
    });
    return (await asOwner.settings.createToken({ name: `a ${role}`, role, ...(days ? { days } : {}) })).token;
  }

  it.each(["viewer", "editor", "operator", "admin"] as const)("of a %s may what its role may", async (role) => {
    const caller = await callAs({ authorization: `Bearer ${await makeToken(role)}` });
    const mayRead = await caller.flows.list();
    expect(mayRead).toEqual([]);
    const outcomes = await Promise.all([
      readRefusal(caller.flows.duplicate({ name: "none" })),
      readRefusal(caller.deployments.stop({ flow: "none" })),
      readRefusal(caller.settings.removeUser({ id: "none" })),
    ]);
    const allowed = { viewer: 0, editor: 1, operator: 2, admin: 3 }[role];
    expect(outcomes.map((outcome) => outcome.status)).toEqual(
      [0, 1, 2].map((index) => (index < allowed ? "NOT_FOUND" : "FORBIDDEN")),
    );
  });

  it("are not told again, are kept as a hash, and end when revoked, expired, or wrong", async () => {
    const token = await makeToken("viewer", 1);
    const { prisma } = database();
    const row = await prisma.apiToken.findUniqueOrThrow({ where: { hash: hashToken(token) } });
    expect(JSON.stringify(row)).not.toContain(token);
    await prisma.apiToken.update({ where: { id: row.id }, data: { expiresAt: new Date(Date.now() - 1) } });
    for (const bad of [token, `${token}x`, "Bearer"]) {
      const refused = await readRefusal((await callAs({ authorization: `Bearer ${bad}` })).flows.list());
      expect(refused).toMatchObject({ status: "UNAUTHORIZED", code: "sign-in-needed" });
    }
    const other = await makeToken("viewer");
    const { id } = await prisma.apiToken.findUniqueOrThrow({ where: { hash: hashToken(other) } });
    await server.as("admin").settings.revokeToken({ id });
    await expect(readRefusal((await callAs({ authorization: `Bearer ${other}` })).flows.list())).resolves.toMatchObject(
      {
        status: "UNAUTHORIZED",
      },
    );
  });

  it("shrink with the role of their owner, and nobody makes a greater one", async () => {
    const refused = await readRefusal(server.as("editor").settings.createToken({ name: "big", role: "operator" }));
    expect(refused).toMatchObject({ status: "FORBIDDEN", code: "role-too-small" });
    const { prisma } = database();
    const vera = await prisma.user.findUniqueOrThrow({ where: { email: "vera@example.com" } });
    await prisma.apiToken.create({ data: { name: "old", role: "admin", userId: vera.id, hash: hashToken("old") } });
    const caller = await callAs({ authorization: "Bearer old" });
    expect((await caller.session.state()).me?.role).toBe("viewer");
  });

  it("are never mistaken for a visitor: every procedure but the session's state needs one", async () => {
    for (const call of [
      server.visitor.flows.list(),
      server.visitor.connections.list(),
      server.visitor.runs.list({}),
      server.visitor.health.notices(),
      server.visitor.settings.tokens(),
    ]) {
      expect(await readRefusal(call)).toMatchObject({ status: "UNAUTHORIZED" });
    }
  });
});
