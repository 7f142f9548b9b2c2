import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { includesRole, roles } from "./can";
import { appRouter } from "./router";
import { openTestServer, readRefusal, type TestServer } from "./testing";
import type { Role } from "./views";

/** Who may come in, at least. A procedure that is missing here fails the test: it is to be decided, not forgotten. */
const smallest: Readonly<Record<string, Role | "visitor">> = {
  "session.state": "visitor",
  ...ofRouter("flows", { viewer: ["list", "get", "check", "impact", "search"] }),
  ...ofRouter("flows", { editor: ["create", "save", "push", "applyAll", "rename", "duplicate", "remove"] }),
  ...ofRouter("versions", { viewer: ["list", "get"], editor: ["name"] }),
  ...ofRouter("deployments", {
    viewer: ["status", "guarantee", "history", "nodeHistory", "sagaImpact"],
    operator: ["deploy", "stop", "rollback"],
  }),
  ...ofRouter("connections", {
    viewer: ["list", "places", "newest"],
    operator: ["save", "remove", "test", "createPlace"],
  }),
  ...ofRouter("recordings", { viewer: ["list"], operator: ["start", "stop"] }),
  ...ofRouter("runs", { viewer: ["list", "get", "ofNode"] }),
  ...ofRouter("deadLetters", {
    viewer: ["list", "groups", "counts", "forwards", "get", "export"],
    operator: ["redrive", "preview", "discard"],
  }),
  ...ofRouter("redrives", { viewer: ["list", "get"], operator: ["pause", "resume", "stop"] }),
  ...ofRouter("parked", { viewer: ["list", "groups"], operator: ["tryNow", "giveUp"] }),
  // An approval may take an editor's word; what else it takes is looked at with the saga (`sagas.int.test.ts`).
  ...ofRouter("sagas", { viewer: ["list", "these", "counts", "get"], editor: ["foresee", "act"] }),
  ...ofRouter("messages", { viewer: ["sample", "webhookAddress"], editor: ["send"] }),
  ...ofRouter("trials", { viewer: ["runCases"], editor: ["try", "capture"] }),
  ...ofRouter("settings", {
    viewer: ["tokens", "createToken", "revokeToken"],
    admin: ["users", "addUser", "setRole", "removeUser"],
  }),
  ...ofRouter("health", { viewer: ["workers", "notices"] }),
  ...ofRouter("live", { viewer: ["events", "here"] }),
};

function ofRouter(router: string, byRole: Partial<Record<Role, string[]>>): Record<string, Role> {
  return Object.fromEntries(
    Object.entries(byRole).flatMap(([role, names]) => names.map((name) => [`${router}.${name}`, role as Role])),
  );
}

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer("procedures");
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
    for (const role of roles) {
      const code = await readCode(call(server.as(role), path));
      if (includesRole(role, needed as Role)) expect([role, code]).not.toEqual([role, "role-too-small"]);
      else expect([role, code]).toEqual([role, "role-too-small"]);
    }
  });
});
