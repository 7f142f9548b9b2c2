import "server-only";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { deriveControlToken } from "@/prisma/secrets";
import { createTestDatabase, dropTestDatabase } from "@/prisma/testing";
import { database } from "./database";
import { createAppCaller } from "./router";
import type { Role } from "./views";

const secret = "a secret of this test, long enough";

export interface TestServer {
  /** Calls procedures as somebody of that role. */
  as(role: Role): ReturnType<typeof createAppCaller>;
  /** As a visitor without an account. */
  visitor: ReturnType<typeof createAppCaller>;
  close(): Promise<void>;
}

/** A migrated database of the test's own on the Postgres of DATABASE_URL, and the server's procedures over it. */
export async function openTestServer(name: string): Promise<TestServer> {
  const given = process.env.DATABASE_URL ?? "";
  const databaseName = `millrace_server_${name}_${process.pid}`;
  Object.assign(process.env, {
    DATABASE_URL: await createTestDatabase(given, databaseName),
    MILLRACE_SECRET: secret,
    MILLRACE_URL: "http://127.0.0.1:3000",
    MILLRACE_QUIET_LIMITS: "1",
  });
  const base = { origin: "http://127.0.0.1:3000", environment: "default" };
  return {
    as: (role) =>
      createAppCaller({
        ...base,
        by: "session",
        me: { id: role, name: `The ${role}`, email: `${role}@example.com`, role },
      }),
    visitor: createAppCaller({ ...base, by: null, me: null }),
    async close() {
      await database().close();
      process.env.DATABASE_URL = given;
      await dropTestDatabase(given, databaseName);
    },
  };
}

export interface StandInWorker {
  /** What it was asked: the path and the body. */
  asked: { path: string; body: Buffer; headers: Record<string, string | string[] | undefined> }[];
  close(): Promise<void>;
}

/** A control endpoint in the place of a worker's, with a heartbeat: answers what the test says, and checks the token. */
export async function openStandInWorker(
  reply: (path: string, body: Buffer) => { status?: number; json: unknown },
  label: string | null = null,
): Promise<StandInWorker> {
  const asked: StandInWorker["asked"] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const authorized = request.headers.authorization === `Bearer ${deriveControlToken(secret)}`;
    asked.push({ path: request.url ?? "", body, headers: request.headers });
    const { status = 200, json } = authorized ? reply(request.url ?? "", body) : { status: 401, json: {} };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { prisma } = database();
  const beat = () => ({ address: `http://127.0.0.1:${port}`, heartbeatAt: new Date() });
  const id = `stand-in-${port}`;
  await prisma.worker.create({ data: { id, host: "here", pid: process.pid, version: "test", label, ...beat() } });
  const timer = setInterval(
    () => void prisma.worker.updateMany({ where: { id }, data: beat() }).catch(() => {}),
    1_000,
  );
  return {
    asked,
    async close() {
      clearInterval(timer);
      await prisma.worker.deleteMany({ where: { id } });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Code and words of a refused call. */
export async function readRefusal(call: Promise<unknown>): Promise<{ status: string; code: string; message: string }> {
  try {
    await call;
  } catch (error) {
    const { code: status, cause, message } = error as { code: string; cause?: { code?: string }; message: string };
    return { status, code: cause?.code ?? "", message };
  }
  throw new Error("The call was not refused.");
}
