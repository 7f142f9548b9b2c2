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

/** Signs in, and gives the caller and the cookie. */
async function enter(email: string, password: string) {
  const answer = await askAuth("sign-in/email", { email, password });
  expect(answer.status).toBe(200);
  const cookie = answer.headers
    .getSetCookie()
    .map((each) => each.split(";")[0])
    .join("; ");
  return { cookie, caller: await callAs({ cookie }) };
}

describe("invitations", () => {
  const admin = () => server.as("admin").settings;
  const secretOf = ({ path }: { path: string }) => path.split("/").at(-1)!;
  const word = "a long enough word";

  it("open one account, once, with the role they name; only a hash of the link is kept", async () => {
    const secret = secretOf(await admin().invite({ email: "Wim@example.com", name: "Wim", role: "editor" }));
    expect(JSON.stringify(await database().prisma.invitation.findMany())).not.toContain(secret);
    const look = { state: "open", email: "wim@example.com", name: "Wim", role: "editor" };
    expect(await server.visitor.session.invitation({ secret })).toEqual(look);
    const tries = await Promise.allSettled(
      [1, 2, 3].map(() => server.visitor.session.join({ secret, name: "Wim", password: word })),
    );
    expect(tries.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(await server.visitor.session.invitation({ secret })).toEqual({ state: "used" });
    const { caller } = await enter("wim@example.com", word);
    expect((await caller.session.state()).me).toMatchObject({ name: "Wim", role: "editor" });
    expect(await admin().invitations()).toEqual([]);
  });

  it("end when withdrawn, replaced or expired, and say so", async () => {
    const first = secretOf(await admin().invite({ email: "xia@example.com", role: "viewer" }));
    const made = await admin().invite({ email: "xia@example.com", role: "viewer" });
    expect((await admin().invitations()).map(({ id }) => id)).toEqual([made.id]);
    await database().prisma.invitation.update({ where: { id: made.id }, data: { expiresAt: new Date(0) } });
    const join = (secret: string) => readRefusal(server.visitor.session.join({ secret, name: "Xia", password: word }));
    expect((await join(first)).code).toBe("invitation-revoked");
    expect((await join(secretOf(made))).code).toBe("invitation-expired");
    expect((await join("nonsense")).code).toBe("invitation-unknown");
    const third = await admin().invite({ email: "xia@example.com", role: "viewer" });
    await admin().revokeInvitation({ id: third.id });
    expect((await join(secretOf(third))).code).toBe("invitation-revoked");
    expect(await database().prisma.user.count({ where: { email: "xia@example.com" } })).toBe(0);
  });
});

describe("sessions", () => {
  it("are listed, the own marked, and end at once: the next request, and an open stream", async () => {
    const here = await enter("wim@example.com", "a long enough word");
    const there = await enter("wim@example.com", "a long enough word");
    const mine = await here.caller.settings.sessions();
    expect(mine.every(({ email }) => email === "wim@example.com")).toBe(true);
    expect(mine.filter(({ current }) => current)).toHaveLength(1);
    const stream = (await there.caller.live.events({}))[Symbol.asyncIterator]();
    await stream.next();
    await here.caller.settings.endOtherSessions();
    expect(await readRefusal(drain(stream))).toMatchObject({ code: "session-ended" });
    expect((await readRefusal((await callAs({ cookie: there.cookie })).flows.list())).status).toBe("UNAUTHORIZED");
    expect(await here.caller.settings.sessions()).toHaveLength(1);
    const vera = await enter("vera@example.com", "long enough a word");
    const other = (await vera.caller.settings.sessions())[0]!;
    expect((await readRefusal(here.caller.settings.endSession({ id: other.id }))).code).toBe("session-missing");
    await server.as("admin").settings.endSession({ id: other.id });
  });

  it("have another role at once, and their streams begin anew", async () => {
    const { caller, cookie } = await enter("wim@example.com", "a long enough word");
    const stream = (await caller.live.events({}))[Symbol.asyncIterator]();
    await stream.next();
    const wim = await database().prisma.user.findUniqueOrThrow({ where: { email: "wim@example.com" } });
    await server.as("admin").settings.setRole({ id: wim.id, role: "viewer" });
    expect(await readRefusal(drain(stream))).toMatchObject({ code: "role-changed" });
    expect((await (await callAs({ cookie })).session.state()).me?.role).toBe("viewer");
  });

  async function drain(stream: AsyncIterator<unknown>): Promise<void> {
    while (!(await stream.next()).done);
  }
});

describe("one's own password", () => {
  const [old, next] = ["a word of the past", "a word of the present"];

  it("is changed by who knows it, ends the other sessions, and the audit has it", async () => {
    await server.as("admin").settings.addUser({ name: "Pia", email: "pia@example.com", password: old, role: "viewer" });
    const here = await enter("pia@example.com", old);
    const there = await enter("pia@example.com", old);
    const change = (current: string, to: string) => here.caller.settings.changePassword({ current, next: to });
    expect((await readRefusal(change("not that", next))).code).toBe("password-wrong");
    expect((await readRefusal(change(old, "short"))).message).toContain("at least 8");
    expect((await readRefusal(change(old, old))).code).toBe("password-same");
    expect(await change(old, next)).toEqual({ ended: 1 });
    expect((await readRefusal((await callAs({ cookie: there.cookie })).flows.list())).status).toBe("UNAUTHORIZED");
    expect((await here.caller.session.state()).me?.email).toBe("pia@example.com");
    expect((await askAuth("sign-in/email", { email: "pia@example.com", password: old })).status).toBe(401);
    expect((await askAuth("sign-in/email", { email: "pia@example.com", password: next })).status).toBe(200);
    const { items } = await server.as("operator").audit.list({ object: "pia@", action: "user" });
    expect(items.map(({ action, actor }) => [action, actor])).toEqual([
      ["user.password", "pia@example.com"],
      ["user.password-refused", "pia@example.com"],
      ["user.add", "admin@example.com"],
    ]);
    expect(JSON.stringify(items)).not.toContain(next);
  });

  it("is not found out by guessing with somebody's session, and not changed by a token", async () => {
    const { caller } = await enter("pia@example.com", next);
    const guess = (current: string) => readRefusal(caller.settings.changePassword({ current, next: "another word" }));
    for (let time = 0; time < 5; time++) expect((await guess(`guess ${time}`)).code).toBe("password-wrong");
    expect((await guess(next)).code).toBe("password-guesses");
    const { token } = await caller.settings.createToken({ name: "own", role: "viewer" });
    const byToken = await callAs({ authorization: `Bearer ${token}` });
    const refused = await readRefusal(byToken.settings.changePassword({ current: next, next: "another word" }));
    expect(refused.code).toBe("session-needed");
  });
});

describe("the audit", () => {
  it("tells of sign-ins, failed ones, invitations, sessions and roles, filtered and paged", async () => {
    const wrong = await askAuth("sign-in/email", { email: "Wim@example.com", password: "not the right word" });
    expect(wrong.status).toBe(401);
    const { cookie } = await enter("wim@example.com", "a long enough word");
    const request = new Request(`${address}/api/auth/sign-out`, {
      method: "POST",
      headers: { cookie, "content-type": "application/json", origin: address, host: "127.0.0.1:3000" },
      body: "{}",
    });
    expect((await auth().handler(request)).status).toBe(200);
    const audit = server.as("operator").audit;
    const { items } = await audit.list({ object: "wim@" });
    expect(items.slice(0, 3).map(({ action }) => action)).toEqual([
      "session.sign-out",
      "session.sign-in",
      "session.sign-in-failed",
    ]);
    const actions = new Set(items.map(({ action }) => action));
    for (const each of ["user.invite", "user.join", "session.end-others", "user.role"]) expect(actions).toContain(each);
    expect((await audit.list({ action: "user", actor: "wim@example.com" })).items.map(({ action }) => action)).toEqual([
      "user.join",
    ]);
    const walked: string[] = [];
    let next: { before?: Date; beforeId?: string } = {};
    for (let more = true; more; ) {
      const page = await audit.list({ object: "wim@", limit: 2, ...next });
      walked.push(...page.items.map(({ id }) => id));
      const last = page.items.at(-1);
      if (last) next = { before: last.at, beforeId: last.id };
      more = page.more;
    }
    expect(walked).toEqual(items.map(({ id }) => id));
  });

  it.each([
    `UPDATE "AuditEntry" SET "actor" = 'nobody'`,
    `DELETE FROM "AuditEntry"`,
    `TRUNCATE "AuditEntry"`,
    `SET LOCAL session_replication_role = replica; DELETE FROM "AuditEntry"`,
  ])("cannot be changed in the database: %s", async (sql) => {
    const { pool } = database();
    const before = await database().prisma.auditEntry.count();
    await expect(pool.query(sql)).rejects.toThrow("append-only");
    expect(await database().prisma.auditEntry.count()).toBe(before);
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
      expect(refused).toMatchObject({ status: "UNAUTHORIZED" });
      expect(refused.code).toMatch(/^token-|^sign-in-needed/);
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
