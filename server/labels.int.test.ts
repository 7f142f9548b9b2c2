import { afterAll, beforeAll, expect, it } from "vitest";
import { type FlowDocument, flowFormat } from "@/flow/document";
import { database } from "./database";
import { openStandInWorker, openTestServer, readRefusal, type TestServer } from "./testing";
import { passWebhook } from "./webhook-gate";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer("labels");
});
afterAll(() => server.close());

const drawing = (workers?: string): FlowDocument => ({
  format: flowFormat,
  name: "costly",
  ...(workers ? { settings: { workers } } : {}),
  nodes: [
    { id: "hook", kind: "webhook-source", config: { path: "costly" } },
    { id: "seen", kind: "log", config: {} },
  ],
  edges: [{ from: "hook", to: "seen" }],
});
const begin = { from: "continue" } as const;
const post = async () => {
  const answer = await passWebhook(new Request("http://127.0.0.1:3000/in/costly", { method: "POST", body: "{}" }));
  return [answer.status, await answer.json()];
};
const message = { key: null, headers: [], value: "{}", encoding: "text" as const };
const send = () => server.as("operator").messages.send({ flow: "costly", node: "hook", message });
const open = (label: string | null) =>
  openStandInWorker(
    (path) =>
      path.startsWith("/in/")
        ? { status: 202, json: { by: label } }
        : { json: { ok: true, answer: { lane: "costly", position: label ?? "" } } },
    label,
  );

it("a flow runs on the workers of its label, waits while there are none, and moves with a deploy", async () => {
  const operator = server.as("operator");
  const plain = await open(null);
  await operator.flows.push({ document: drawing("heavy") });
  const checked = await operator.flows.check({ document: drawing("heavy") });
  expect(checked.problems).toMatchObject([{ code: "worker-label-missing", severity: "warning" }]);
  const deployed = await operator.deployments.deploy({ flow: "costly", begin });
  expect(deployed).toMatchObject({ ok: true, waits: { code: "worker-label-missing" } });
  const { prisma } = database();
  expect((await prisma.deployment.findFirstOrThrow()).label).toBe("heavy");

  const [waiting] = await operator.deployments.status({ flow: "costly" });
  expect(waiting).toMatchObject({
    state: "waiting-for-worker",
    label: "heavy",
    cause: { code: "worker-label-missing" },
  });
  expect(await post()).toMatchObject([503, { code: "worker-missing" }]);
  expect(await readRefusal(send())).toMatchObject({ status: "PRECONDITION_FAILED", code: "worker-label-missing" });
  expect(plain.asked).toEqual([]);

  const heavy = await open("heavy");
  await expect.poll(post, { timeout: 5_000 }).toEqual([202, { by: "heavy" }]);
  expect(await send()).toEqual({ lane: "costly", position: "heavy" });
  expect(plain.asked).toEqual([]);
  expect((await operator.health.workers()).map(({ label }) => label)).toEqual([null, "heavy"]);

  await operator.flows.push({ document: drawing() });
  expect(await operator.deployments.deploy({ flow: "costly", begin })).not.toHaveProperty("waits");
  await expect.poll(post, { timeout: 5_000 }).toEqual([202, { by: null }]);
  await operator.deployments.rollback({ flow: "costly" });
  expect((await prisma.deployment.findFirstOrThrow()).label).toBe("heavy");
  await Promise.all([plain.close(), heavy.close()]);
});
