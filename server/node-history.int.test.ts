import { afterAll, beforeAll, expect, test } from "vitest";
import { database } from "./database";
import { openTestServer, type TestServer } from "./testing";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer("history");
});
afterAll(() => server.close());

test("the last hour of a node by minutes, and its versions beside each other", async () => {
  const viewer = server.as("viewer");
  await server.as("admin").flows.push({
    document: {
      format: "millrace/flow@1",
      name: "orders",
      nodes: [{ id: "hook", kind: "webhook-source", config: { path: "orders" } }],
      edges: [],
    },
  });
  const asked = { flow: "orders", node: "hook" };
  expect(await viewer.deployments.nodeHistory(asked)).toEqual({ minutes: [], versions: [] });
  expect(await viewer.deployments.versionFigures({ flow: "orders" })).toEqual({ versions: [], figures: [] });

  const { prisma } = database();
  const flow = await prisma.flow.findFirstOrThrow({ where: { name: "orders" } });
  const { id: deploymentId } = await prisma.deployment.create({
    data: { flowId: flow.id, groupName: "orders", version: 2, desired: "running", start: {} },
  });
  const stepOf = (seconds: number, ago: number) =>
    new Date((Math.floor(Date.now() / 1_000 / seconds) - ago) * seconds * 1_000);
  const row = { deploymentId, node: "hook", retried: 0, dead: 0, p50Ms: 1 };
  await prisma.nodeHistory.createMany({
    data: [
      { ...row, stepSeconds: 60, at: stepOf(60, 2), version: 1, messages: 5, failed: 1, p95Ms: 4 },
      { ...row, stepSeconds: 60, at: stepOf(60, 2), version: 2, messages: 7, failed: 0, p95Ms: 9 },
      { ...row, stepSeconds: 60, at: stepOf(60, 90), version: 1, messages: 100, failed: 0, p95Ms: 4 },
      { ...row, stepSeconds: 3_600, at: stepOf(3_600, 0), version: 2, messages: 7, failed: 0, p95Ms: 9 },
      { ...row, stepSeconds: 3_600, at: stepOf(3_600, 3), version: 1, messages: 100, failed: 2, p95Ms: 4 },
      { ...row, stepSeconds: 3_600, at: stepOf(3_600, 30), version: 1, messages: 9_000, failed: 0, p95Ms: 4 },
    ],
  });
  const { minutes, versions } = await viewer.deployments.nodeHistory(asked);
  expect(minutes).toHaveLength(60);
  expect(minutes.filter(({ messages }) => messages > 0)).toEqual([
    { at: stepOf(60, 2), messages: 12, failed: 1, p95Ms: 9 },
  ]);
  expect(minutes[0]!.at.getTime()).toBeLessThan(minutes[59]!.at.getTime());
  const { figures, ...told } = await viewer.deployments.versionFigures({ flow: "orders" });
  expect(told).toEqual({ versions: [2, 1] });
  expect(figures).toEqual([
    { version: 2, node: "hook", messages: 7, perSecond: 7 / 60, failed: 0, dead: 0, p50Ms: 1, p95Ms: 9 },
    { version: 1, node: "hook", messages: 105, perSecond: 105 / 120, failed: 1, dead: 0, p50Ms: 1, p95Ms: 4 },
  ]);
  expect(versions).toMatchObject([
    { version: 2, messages: 7, failed: 0, p95Ms: 9 },
    { version: 1, messages: 100, failed: 2, p95Ms: 4 },
  ]);
});

test("a node of what runs that fails most of its messages is told; one of an older version, or that did long ago, is not", async () => {
  const { prisma } = database();
  const { id: deploymentId } = await prisma.deployment.findFirstOrThrow();
  const minute = (ago: number) => new Date((Math.floor(Date.now() / 60_000) - ago) * 60_000);
  const row = { deploymentId, stepSeconds: 60, retried: 0, dead: 0, messages: 30, failed: 29 };
  await prisma.nodeHistory.createMany({
    data: [
      { ...row, node: "older", at: minute(1), version: 1 },
      { ...row, node: "earlier", at: minute(20), version: 2 },
      { ...row, node: "well", at: minute(1), version: 2, failed: 15 },
      { ...row, node: "few", at: minute(1), version: 2, messages: 4, failed: 4 },
      { ...row, node: "bad", at: minute(1), version: 2 },
    ],
  });
  expect(await server.as("viewer").health.failing()).toEqual([
    { flow: "orders", node: "bad", title: "bad", version: 2, messages: 30, failed: 29 },
  ]);
  await prisma.deployment.update({ where: { id: deploymentId }, data: { desired: "stopped" } });
  expect(await server.as("viewer").health.failing()).toEqual([]);
});
