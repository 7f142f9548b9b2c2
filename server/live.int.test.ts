import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeploymentLive, RunDetail } from "@/flow/control";
import { packRunDetail } from "@/prisma/run-detail";
import { database } from "./database";
import { openStandInWorker, openTestServer, readRefusal, type TestServer } from "./testing";
import type { LiveEvent } from "./views";
import { passWebhook, webhookLimitBytes } from "./webhook-gate";

let server: TestServer;
let flowId: string;
let deploymentId: string;
beforeAll(async () => {
  server = await openTestServer("live");
  const operator = server.as("operator");
  await operator.flows.push({
    document: {
      format: "millrace/flow@1",
      name: "hooks",
      nodes: [
        { id: "hook", kind: "webhook-source", config: { path: "orders/new" } },
        { id: "seen", kind: "log", config: {} },
      ],
      edges: [{ from: "hook", to: "seen" }],
    },
  });
  await operator.deployments.deploy({ flow: "hooks", begin: { from: "continue" } });
  const deployment = await database().prisma.deployment.findFirstOrThrow();
  deploymentId = deployment.id;
  flowId = deployment.flowId;
});
afterAll(() => server.close());

const post = (path: string, body: BodyInit | null = '{"id":1}', more: RequestInit = {}) =>
  passWebhook(new Request(`http://127.0.0.1:3000/in/${path}`, { method: "POST", body, ...more }));

describe("webhooks", () => {
  it("wait for a worker", async () => {
    const answer = await post("orders/new");
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(await answer.json()).toMatchObject({ code: "worker-missing" });
  });

  it("are passed to a worker whole, without credentials, and its answer comes back", async () => {
    const worker = await openStandInWorker(() => ({ status: 202, json: { accepted: true } }));
    const headers = {
      "content-type": "application/json",
      "x-signature": "s",
      cookie: "a=b",
      authorization: "Basic c2VjcmV0",
    };
    const answer = await post("orders/new?from=a", '{"id":1}', { headers });
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ accepted: true });
    const [asked] = worker.asked;
    expect(asked?.path).toBe("/in/orders/new?from=a");
    expect(asked?.body.toString()).toBe('{"id":1}');
    expect(asked?.headers).toMatchObject({ "x-signature": "s", "content-type": "application/json" });
    expect(JSON.stringify(asked?.headers)).not.toMatch(/a=b|c2VjcmV0/);
    await worker.close();
  });

  it("that no running flow serves are 404, those that are just starting 503", async () => {
    const worker = await openStandInWorker(() => ({ status: 404, json: { code: "webhook-unknown" } }));
    expect((await post("orders/old")).status).toBe(404);
    expect((await passWebhook(new Request("http://127.0.0.1:3000/in/orders/new", { method: "GET" }))).status).toBe(404);
    // The connection to the worker of the test before may break only now, which is another 503.
    const askStarting = async () => {
      const starting = await post("orders/new");
      return [starting.status, (await starting.json()).code];
    };
    await expect.poll(askStarting, { timeout: 5_000 }).toEqual([503, "flow-starting"]);
    await worker.close();
  });

  it("are refused past the limit without being read whole", async () => {
    const declared = await post("orders/new", new Uint8Array(webhookLimitBytes + 1));
    expect([declared.status, (await declared.json()).code]).toEqual([413, "body-too-large"]);
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled += 65_536;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    const streamed = await post("orders/new", endless, { duplex: "half" } as RequestInit);
    expect(streamed.status).toBe(413);
    expect(pulled).toBeLessThan(2 * webhookLimitBytes);
  });
});

describe("live", () => {
  const live = (count: number): DeploymentLive => ({
    state: "running",
    version: 1,
    revision: 1,
    nodes: {
      hook: {
        state: "running",
        since: 0,
        in: count,
        ports: { out: count },
        failed: 0,
        retried: 0,
        dead: 0,
        inFlight: 0,
      },
    },
    lanes: [],
    tracesDropped: 0,
  });
  const detail: RunDetail = {
    payloads: [{ key: "k", headers: [], value: '{"id":1}', encoding: "text", truncated: false }],
    steps: [{ node: "seen", startMs: 1, durationMs: 2, attempt: 1, in: 0, out: [], state: "done" }],
  };

  function putRun(id: string, more: object = {}) {
    return database().prisma.run.create({
      data: {
        id,
        startedAt: new Date(),
        flowId,
        flow: "hooks",
        version: 1,
        workerId: "w",
        traceId: "t".repeat(32),
        spanId: "s".repeat(16),
        source: "hook",
        lane: "orders",
        position: "1",
        key: "k",
        state: "done",
        durationMs: 3,
        attempts: 1,
        detail: packRunDetail(detail),
        ...more,
      },
    });
  }

  it("tells states, rates and new runs, once a second, to every tab", async () => {
    const worker = await openStandInWorker(() => ({ json: {} }));
    const { prisma } = database();
    const { id: workerId } = await prisma.worker.findFirstOrThrow();
    let count = 0;
    const report = () => {
      count += 100;
      const data = { updatedAt: new Date(), live: live(count) as object };
      const key = { workerId, deploymentId };
      return prisma.liveCount.upsert({
        where: { workerId_deploymentId: key },
        create: { ...key, ...data },
        update: data,
      });
    };
    await report();
    const timer = setInterval(() => void report().catch(() => {}), 1_000);
    const runId = "0196f000-0000-4000-8000-000000000001";
    const stream = (await server.as("viewer").live.events({})) as AsyncIterable<unknown>;
    let rate = 0;
    let told: string[] = [];
    for await (const entry of stream) {
      const event = (Array.isArray(entry) ? entry[1] : entry) as LiveEvent;
      if (event.type === "notice") await putRun(runId);
      if (event.type === "live") rate = event.flows[0]?.nodes.hook?.rateIn ?? 0;
      if (event.type === "runs") told = event.runs.map((run) => run.id);
      if (told.length > 0 && rate > 0) break;
    }
    clearInterval(timer);
    expect(told).toEqual([runId]);
    expect(rate).toBeGreaterThan(50);
    expect(rate).toBeLessThan(150);
    const [view] = await server.as("viewer").deployments.status({ flow: "hooks" });
    expect(view).toMatchObject({
      state: "running",
      desired: "running",
      workers: [{ pid: process.pid, state: "running" }],
    });
    await worker.close();
  });

  it("opens a run whose drawing is not there, and says why", async () => {
    const { prisma } = database();
    const deleted = "0196f000-0000-4000-8000-00000000000a";
    await prisma.flowVersion.create({
      data: { flowId, number: 70, document: { format: "millrace/flow@99" }, hash: "none" },
    });
    const cases = [
      ["0196f000-0000-4000-8000-000000000071", { version: 70, position: "71" }, "version-unreadable"],
      ["0196f000-0000-4000-8000-000000000072", { version: 71, position: "72" }, "version-missing"],
      ["0196f000-0000-4000-8000-000000000073", { flowId: deleted, position: "73" }, "flow-deleted"],
    ] as const;
    for (const [id, more, drawing] of cases) {
      await putRun(id, { traceId: id.replaceAll("-", ""), ...more });
      const view = await server.as("viewer").runs.get({ id });
      expect(view).toMatchObject({ drawing, detail, document: { name: "hooks", nodes: [] } });
      await prisma.run.deleteMany({ where: { id } });
    }
  });

  it("opens a run with its steps, what the trace did elsewhere, and the messages of a node", async () => {
    const other = "0196f000-0000-4000-8000-000000000002";
    await putRun(other, { position: "2", state: "failed", errorNode: "seen", error: "It failed." });
    const viewer = server.as("viewer");
    const view = await viewer.runs.get({ id: "0196f000-0000-4000-8000-000000000001" });
    expect(view).toMatchObject({ flow: "hooks", detail, related: [{ id: other }], document: { name: "hooks" } });
    expect(view.drawing).toBe("there");
    expect((await viewer.runs.ofNode({ flow: "hooks", node: "seen" }))[0]).toMatchObject({ key: "k", in: '{"id":1}' });
    const failed = await viewer.runs.list({ flow: "hooks", state: ["failed", "dead"] });
    expect(failed.runs.map((run) => run.id)).toEqual([other]);
    expect((await viewer.runs.list({ text: "it FAILED" })).runs).toHaveLength(1);
    expect((await viewer.runs.list({ limit: 1 })).more).toBe(true);
    expect(await readRefusal(viewer.runs.get({ id: "no" }))).toMatchObject({ status: "NOT_FOUND" });
  });

  it("keep the name of a flow that was renamed", async () => {
    await server.as("operator").flows.rename({ name: "hooks", title: "Hooks", newName: "catches" });
    const { runs } = await server.as("viewer").runs.list({ flow: "catches" });
    expect(new Set(runs.map((run) => run.flow))).toEqual(new Set(["catches"]));
  });
});

describe("messages", () => {
  it("begin with the newest real one, and tell how to call a webhook", async () => {
    const viewer = server.as("viewer");
    expect(await viewer.messages.sample({ flow: "catches", node: "seen" })).toMatchObject({
      key: "k",
      value: '{"id":1}',
    });
    const { url, curl } = await viewer.messages.webhookAddress({ flow: "catches", node: "hook" });
    expect(url).toBe("http://127.0.0.1:3000/in/orders/new");
    expect(curl).toMatch(/^curl -X POST -H 'content-type: application\/json' -d '.*' 'http:\/\/127/s);
  });
});
