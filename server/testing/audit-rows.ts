import "server-only";
import { randomUUID } from "node:crypto";
import type { FlowDocument } from "@/flow/document";
import { packRunDetail } from "@/prisma/run-detail";
import { database } from "../database";
import type { TestServer } from "../testing";

const call = { call: "http", connection: "http", method: "POST", url: "/reserve" };
/** A flow that needs no broker, with a call and a saga. */
export const draw = (name: string, url = "/a"): FlowDocument => ({
  format: "millrace/flow@1",
  name,
  nodes: [
    { id: "hook", kind: "webhook-source", config: { path: name } },
    { id: "ask", kind: "http-request", config: { connection: "http", method: "POST", url } },
    { id: "log", kind: "log", config: {} },
    { id: "start", kind: "webhook-source", config: { path: `${name}-start` } },
    { id: "begin", kind: "saga-start", config: {} },
    { id: "reserve", kind: "saga-step", config: { action: call, compensation: call } },
    { id: "end", kind: "saga-end", config: {} },
  ],
  edges: [
    { from: "hook", to: "ask" },
    { from: "ask", to: "log" },
    { from: "start", to: "begin" },
    { from: "begin", to: "reserve" },
    { from: "reserve", to: "end" },
  ],
});

/** Rows that procedures may be called on: flows, of which `running` is deployed, what fell out of it, people. */
export class AuditRows {
  constructor(
    readonly server: TestServer,
    /** Of the flow `running`. */
    public flowId = "",
  ) {}

  async putFlow(name = `flow-${randomUUID().slice(0, 8)}`): Promise<string> {
    await this.server.as("editor").flows.push({ document: draw(name) });
    return (await database().prisma.flow.findFirstOrThrow({ where: { name } })).id;
  }

  async nameOfNew(): Promise<string> {
    return (await database().prisma.flow.findUniqueOrThrow({ where: { id: await this.putFlow() } })).name;
  }

  async putDeployed(): Promise<string> {
    const name = await this.nameOfNew();
    for (let time = 0; time < 2; time++) {
      await this.server.as("operator").deployments.deploy({ flow: name, begin: { from: "kind" } });
      const { revision } = await this.server.as("editor").flows.get({ name });
      const document = draw(name, `/time-${time}`);
      await this.server.as("editor").flows.save({ name, revision, document });
    }
    return name;
  }

  async putLetter(): Promise<string> {
    const data = { ...this.#place, ...kept, flow: "running", version: 1, fingerprint: "f", timestamp: new Date() };
    return (await database().prisma.deadLetter.create({ data })).id;
  }

  async putParked(): Promise<string> {
    const id = randomUUID();
    const data = {
      ...this.#place,
      ...kept,
      id,
      environment: "default",
      orderKey: id,
      dueAt: new Date(Date.now() + 60_000),
    };
    await database().prisma.parked.create({ data: { ...data, timestamp: new Date() } });
    return id;
  }

  async putRedrive(state: "running" | "paused"): Promise<{ id: string }> {
    const data = { flowId: this.flowId, flow: "running", target: "node", state, chosen: true, createdAt: new Date() };
    return { id: (await database().prisma.redrive.create({ data })).id };
  }

  async putRun(): Promise<string> {
    const id = randomUUID();
    const payload = { key: null, headers: [], value: "{}", encoding: "text" as const, truncated: false };
    const step = { node: "ask", startMs: 0, durationMs: 1, attempt: 1, in: 0, out: [], state: "done" as const };
    await database().prisma.run.create({
      data: {
        ...{
          id,
          flowId: this.flowId,
          flow: "running",
          version: 1,
          startedAt: new Date(),
          workerId: "w",
          source: "hook",
          state: "done",
        },
        ...{
          traceId: "a".repeat(32),
          spanId: "b".repeat(16),
          lane: "running",
          position: "1",
          durationMs: 1,
          attempts: 1,
        },
        detail: Buffer.from(packRunDetail({ steps: [step], payloads: [payload] })),
      },
    });
    return id;
  }

  async putUser(): Promise<{ id: string; email: string }> {
    const user = {
      name: "Ida",
      email: `ida-${randomUUID().slice(0, 8)}@example.com`,
      password: "long enough",
      role: "viewer" as const,
    };
    return { ...(await this.server.as("admin").settings.addUser(user)), email: user.email };
  }

  async putSession(userId: string, id: string = randomUUID()): Promise<string> {
    const expiresAt = new Date(Date.now() + 60_000);
    await database().prisma.session.create({
      data: { id, token: id, userId, expiresAt, createdAt: new Date(), updatedAt: new Date() },
    });
    return id;
  }

  get #place() {
    return { flowId: this.flowId, node: "ask", source: "hook", lane: "running", position: randomUUID(), part: "0" };
  }
}

const kept = { causeCode: "http-status", causeMessage: "422", headers: [], codec: "json", attempts: 1 };

export const invited = () => ({ email: `eve-${randomUUID().slice(0, 8)}@example.com`, role: "viewer" as const });
