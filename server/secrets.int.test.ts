import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecrets } from "@/prisma/secrets";
import { database } from "./database";
import { openTestServer, readRefusal, type TestServer } from "./testing";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer("secrets");
});
afterAll(() => server.close());

const password = "p4ssw0rd-that-nobody-sees";
const kafka = {
  name: "cloud",
  kind: "kafka",
  config: { brokers: "broker.example.com:9092", mechanism: "plain", username: "me" },
};

describe("secrets", () => {
  it("are stored sealed, and shown only by name", async () => {
    const admin = server.as("admin");
    const without = await admin.connections.save({ ...kafka, secrets: {} });
    expect(without).toEqual({ created: true });
    const [incomplete] = await admin.connections.list();
    expect(incomplete).toMatchObject({ secretsSet: [], missing: [expect.stringContaining("password")] });
    expect(await admin.connections.save({ ...kafka, secrets: { password } })).toEqual({ created: false });
    const [connection] = await admin.connections.list();
    expect(connection).toMatchObject({ secretsSet: ["password"], missing: [] });
    const row = await database().prisma.connection.findFirstOrThrow({ where: { name: "cloud" } });
    expect(Buffer.from(row.secrets!).toString("latin1")).not.toContain(password);
    expect(openSecrets(process.env.MILLRACE_SECRET!, row.secrets)).toEqual({ password });
  });

  it("stay when a save leaves them out, and go when they are emptied", async () => {
    const admin = server.as("admin");
    await admin.connections.save({ ...kafka, secrets: {} });
    expect((await admin.connections.list())[0]?.secretsSet).toEqual(["password"]);
    await admin.connections.save({ ...kafka, secrets: { password: "" } });
    expect((await admin.connections.list())[0]?.secretsSet).toEqual([]);
    await admin.connections.save({ ...kafka, secrets: { password } });
  });

  it("are in no answer, no error, and not in the audit trail", async () => {
    const admin = server.as("admin");
    const document = {
      format: "millrace/flow@1" as const,
      name: "orders",
      nodes: [
        { id: "in", kind: "kafka-source", config: { connection: "cloud", topic: "orders" } },
        { id: "seen", kind: "log", config: {} },
      ],
      edges: [{ from: "in", to: "seen" }],
    };
    const ask = async (call: () => Promise<unknown>) => JSON.stringify(await call().catch(readWhole));
    const answers = await Promise.all([
      ask(() => admin.flows.push({ document })),
      ask(() => admin.flows.check({ document })),
      ask(() => admin.flows.list()),
      ask(() => admin.connections.list()),
      ask(() => admin.connections.save({ ...kafka, secrets: { password, other: password } })),
      ask(() => admin.connections.save({ ...kafka, config: { brokers: 7 }, secrets: { password } })),
      ask(() => admin.connections.save({ ...kafka, kind: "http", secrets: { password } })),
      ask(() => admin.connections.test({ ref: { ...kafka, secrets: { password } } })),
      ask(() => admin.connections.places({ name: "cloud" })),
      ask(() => admin.health.workers()),
      ask(() => admin.health.notices()),
      ask(() => admin.settings.users()),
      ask(() => admin.settings.tokens()),
      ask(() => database().prisma.auditEntry.findMany()),
    ]);
    expect(answers).toHaveLength(14);
    for (const answer of answers) expect(answer).not.toContain(password);
  });

  it("that a kind does not have are refused by name", async () => {
    const refused = await readRefusal(server.as("admin").connections.save({ ...kafka, secrets: { token: "a" } }));
    expect(refused.code).toBe("connection-secret-unknown");
    expect(refused.message).toContain("It has password.");
  });

  it("sealed under another MILLRACE_SECRET are named as such, and can be entered anew", async () => {
    const admin = server.as("admin");
    const { prisma } = database();
    const row = await prisma.connection.findFirstOrThrow({ where: { name: "cloud" } });
    const other = new Uint8Array(row.secrets!);
    other[3] = other[3]! ^ 1;
    await prisma.connection.update({ where: { id: row.id }, data: { secrets: other } });
    const refused = await readRefusal(admin.connections.save({ ...kafka, secrets: {} }));
    expect(refused.code).toBe("secrets-other-key");
    expect(await admin.connections.save({ ...kafka, secrets: { password } })).toEqual({ created: false });
  });
});

describe("connections", () => {
  it("that flows name are not deleted", async () => {
    const refused = await readRefusal(server.as("operator").connections.remove({ name: "cloud" }));
    expect(refused).toMatchObject({ status: "PRECONDITION_FAILED", code: "connection-used" });
    expect(refused.message).toContain("“orders”");
  });
});

/** An error with all that it carries, as a careless log would write it. */
function readWhole(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return { ...error, message: error.message, cause: error.cause instanceof Error ? error.cause.message : error.cause };
}
