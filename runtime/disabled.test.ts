import { expect, test } from "vitest";
import { behaviourOf } from "../flow/behaviours";
import type { FlowNode } from "../flow/document";
import { planOf } from "../flow/plan";
import { drawFlow } from "../flow/testing/drawing";
import { Pipeline } from "./pipeline";
import { eventually, makeContext, makeMessages, openDelivery, silent } from "./testing";
import { tryMessage } from "./trial/try-message";

const draw = (disabled?: FlowNode["disabled"]) =>
  drawFlow(
    [
      ["in", "kafka-source", { topic: "orders" }],
      ["add", "map", { value: "body" }, disabled ? { disabled } : {}],
      ["log", "log"],
    ],
    "in>add",
    "add>log",
  );

function open(disabled?: FlowNode["disabled"]): Promise<Pipeline> {
  const plan = planOf(draw(disabled));
  const version = { flowId: "f", flow: "f", environment: "default", version: 1, trace: undefined, plan };
  return Pipeline.open(
    { ...version, delivery: "at-least-once" },
    (kind) => behaviourOf(kind)!,
    (_, { node }) => makeContext(node),
  );
}

test("passes: what comes goes on, and is counted", async () => {
  const pipeline = await open("pass");
  expect(await openDelivery().delivery.deliver(pipeline.begin("in", makeMessages(3)))).toBe(true);
  expect(pipeline.counters.get("add")).toMatchObject({ in: 3, ports: { out: 3 } });
  expect(pipeline.counters.get("log")).toMatchObject({ in: 3 });
});

test("drops: what comes is safe there, and counted", async () => {
  const pipeline = await open("drop");
  const { delivery, ...rest } = openDelivery();
  expect(await delivery.deliver(pipeline.begin("in", makeMessages(3)))).toBe(true);
  expect(pipeline.counters.get("add")).toMatchObject({ in: 3, ports: {} });
  expect(rest.letters ?? []).toEqual([]);
});

test("blocks: the lane is held with the cause, no attempt is spent, nothing is lost; the next version goes on", async () => {
  const pipeline = await open("block");
  const { delivery } = openDelivery();
  const flight = pipeline.begin("in", makeMessages(3));
  const delivered = delivery.deliver(flight);
  const add = pipeline.counters.get("add")!;
  await eventually(() => add.read(Date.now()).state === "degraded");
  expect(add.read(Date.now()).cause).toMatchObject({ code: "node-disabled" });
  // A deploy takes what is held back to its lane, where it is worked by the version that enables the node.
  await pipeline.drain();
  expect(await delivered).toBe(false);
  const enabled = await open();
  expect(await delivery.deliver(enabled.begin("in", makeMessages(3)))).toBe(true);
  expect(enabled.counters.get("log")).toMatchObject({ in: 3, dead: 0 });
});

test("tried: a trial says what is disabled and ends", async () => {
  const house = {
    environment: "default",
    log: silent,
    behaviourOf,
    connection: () => expect.fail("nothing is called"),
  };
  const now = new Date(0).toISOString();
  const { trial } = await tryMessage(house, {
    document: draw("block"),
    at: "in",
    message: { body: {} },
    calls: "given",
    answers: {},
    now,
  });
  expect(trial.state).toBe("held");
  expect(trial.detail.steps.at(-1)).toMatchObject({ node: "add", cause: { code: "node-disabled" } });
}, 20_000);
