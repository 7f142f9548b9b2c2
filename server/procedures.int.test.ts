import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actionWords } from "@/flow/audit-actions";
import { includesRole, roles } from "./can";
import { createContext, hashToken } from "./context";
import { database } from "./database";
import { appRouter, createAppCaller } from "./router";
import { openTestServer, readRefusal, type TestServer } from "./testing";
import { audited, excepted } from "./testing/audited-mutations";
import type { Role } from "./views";

/** Who may come in, at least. A procedure that is missing here fails the test: it is to be decided, not forgotten. */
const smallest: Readonly<Record<string, Role | "visitor">> = {
  "session.state": "visitor",
  // The secret of an invitation is the right to take it.
  "session.invitation": "visitor",
  "session.join": "visitor",
  ...ofRouter("flows", { viewer: ["list", "get", "check", "impact", "search", "neighbours"] }),
  ...ofRouter("flows", { editor: ["create", "save", "push", "applyAll", "rename", "duplicate", "remove"] }),
  ...ofRouter("versions", { viewer: ["list", "get"], editor: ["name"] }),
  ...ofRouter("deployments", {
    viewer: ["status", "waiting", "guarantee", "history", "nodeHistory", "versionFigures", "sagaImpact"],
    operator: ["deploy", "start", "stop", "rollback"],
  }),
  ...ofRouter("connections", {
    viewer: ["list", "places", "newest"],
    operator: ["save", "remove", "test", "createPlace"],
  }),
  ...ofRouter("recordings", { viewer: ["list"], operator: ["start", "stop"] }),
  ...ofRouter("runs", {
    viewer: ["list", "found", "elsewhere", "kept", "get", "again", "ofNode"],
    operator: ["sendFrom"],
  }),
  ...ofRouter("savedViews", { viewer: ["list", "save", "rename", "remove"] }),
  ...ofRouter("deadLetters", {
    viewer: ["list", "groups", "counts", "forwards", "get", "export"],
    operator: ["redrive", "preview", "discard", "takeBack"],
  }),
  ...ofRouter("redrives", { viewer: ["list", "get"], operator: ["pause", "resume", "stop"] }),
  ...ofRouter("parked", { viewer: ["list", "groups"], operator: ["tryNow", "giveUp"] }),
  // An approval may take an editor's word; what else it takes is looked at with the saga (`sagas.int.test.ts`).
  ...ofRouter("sagas", { viewer: ["list", "these", "counts", "get"], editor: ["foresee", "act"] }),
  ...ofRouter("messages", { viewer: ["sample", "webhookAddress"], editor: ["send", "sendAll"] }),
  ...ofRouter("trials", { viewer: ["runCases"], editor: ["try", "capture"] }),
  ...ofRouter("settings", {
    viewer: ["tokens", "createToken", "revokeToken", "sessions", "endSession", "endOtherSessions", "changePassword"],
    admin: ["users", "addUser", "setRole", "removeUser", "invitations", "invite", "revokeInvitation"],
  }),
  ...ofRouter("audit", { operator: ["list"] }),
  ...ofRouter("health", { viewer: ["workers", "notices", "failing"] }),
  ...ofRouter("live", { viewer: ["events", "here"] }),
};

function ofRouter(router: string, byRole: Partial<Record<Role, string[]>>): Record<string, Role> {
  return Object.fromEntries(
    Object.entries(byRole).flatMap(([role, names]) => names.map((name) => [`${router}.${name}`, role as Role])),
  );
}

let server: TestServer;
let expired: TestServer["visitor"];
/** Of an administrator, for one flow; and one that only reads. */
let narrow: TestServer["visitor"];
let reading: TestServer["visitor"];
beforeAll(async () => {
  server = await openTestServer("procedures");
  const { prisma } = database();
  await prisma.user.create({ data: { id: "root", name: "Root", email: "root@example.com", role: "admin" } });
  const own = { project: "default", environment: "default", userId: "root", role: "admin" };
  const flow = await prisma.flow.create({ data: { name: "mine", title: "Mine", draft: {}, updatedBy: "a" } });
  const past = new Date(Date.now() - 1);
  await prisma.apiToken.create({ data: { ...own, name: "old", hash: hashToken("old"), expiresAt: past } });
  await prisma.apiToken.create({ data: { ...own, name: "narrow", hash: hashToken("narrow"), flowIds: [flow.id] } });
  await prisma.apiToken.create({ data: { ...own, name: "reading", hash: hashToken("reading"), readOnly: true } });
  const known = async (token: string) =>
    createAppCaller(await createContext({ headers: new Headers({ authorization: `Bearer ${token}` }) }));
  [expired, narrow, reading] = await Promise.all([known("old"), known("narrow"), known("reading")]);
});
afterAll(() => server.close());

/** Calls it with what no procedure takes, so that whoever is let in does nothing. */
function call(caller: TestServer["visitor"], path: string): Promise<unknown> {
  const [router, procedure] = path.split(".") as [string, string];
  const routers = caller as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>;
  return routers[router]![procedure]!(42);
}
const readCode = (asked: Promise<unknown>) =>
  readRefusal(asked).then(
    ({ code }) => code,
    () => "",
  );

describe("every procedure", () => {
  it("has its role in the table", () => {
    expect(Object.keys(smallest).sort()).toEqual(Object.keys(appRouter._def.procedures).sort());
  });

  it.each(Object.entries(smallest).filter(([, role]) => role !== "visitor"))("%s is for a %s", async (path, needed) => {
    expect(await readCode(call(server.visitor, path))).toBe("sign-in-needed");
    expect(await readCode(call(expired, path))).toBe("token-expired");
    for (const role of roles) {
      const code = await readCode(call(server.as(role), path));
      if (includesRole(role, needed as Role)) expect([role, code]).not.toEqual([role, "role-too-small"]);
      else expect([role, code]).toEqual([role, "role-too-small"]);
    }
  });
});

describe("every mutation", () => {
  const mutations = Object.entries(appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>)
    .filter(([, procedure]) => procedure._def.type === "mutation")
    .map(([path]) => path);

  it("writes into the audit, or is excepted with a reason", () => {
    expect([...Object.keys(audited), ...Object.keys(excepted)].sort()).toEqual(mutations.sort());
  });

  it("has words for what it writes", () => {
    expect(Object.values(audited).filter((action) => !(action in actionWords))).toEqual([]);
  });

  it("is refused to a token that only reads", async () => {
    for (const path of mutations.filter((each) => smallest[each] !== "visitor")) {
      expect([path, await readCode(call(reading, path))]).toEqual([path, "token-read-only"]);
    }
  });
});

describe("a token that is limited to a flow", () => {
  it("reaches nothing that does not name that flow", async () => {
    const free = ["flows.check", "health.workers"];
    for (const path of Object.keys(smallest).filter((each) => smallest[each] !== "visitor" && !free.includes(each))) {
      expect([path, await readCode(call(narrow, path))]).toEqual([path, "token-out-of-scope"]);
    }
  });

  it("reaches its flow, no other, and no rows by their ids", async () => {
    expect(await narrow.deployments.status({ flow: "mine" })).toEqual([]);
    const refused = await readRefusal(narrow.deployments.status({ flow: "other" }));
    expect(refused).toMatchObject({ code: "token-out-of-scope" });
    expect(refused.message).toContain("limited to the flows mine; “other” is not one of them");
    const byId = narrow.deadLetters.discard({ flow: "mine", ids: ["1"], reason: "x" });
    expect((await readRefusal(byId)).code).toBe("token-out-of-scope");
    const more = narrow.settings.createToken({ name: "wider", role: "viewer" });
    expect((await readRefusal(more)).code).toBe("token-out-of-scope");
  });
});
