import { expect, it } from "vitest";
import { RecordedHolding } from "../testing/holding";
import { makeContext, makeMessage } from "../testing/node-context";
import { sagaStep } from "./saga-step";
import { sagaStepBehaviour } from "./saga-step.behaviour";

it("hands answers on by their correlation id", async () => {
  const holding = new RecordedHolding();
  const context = { ...makeContext(), holding, input: "reply" };
  const sink = sagaStepBehaviour.open(sagaStep.config.parse({ action: { call: "topic", topic: "t" } }), context);
  const known = makeMessage({ ok: true }, { headers: { "correlation-id": "s-1.reserve" } });
  const unknown = makeMessage({ ok: true });
  await sink.write([known, unknown], { signal: new AbortController().signal, attempt: 1 });
  expect(holding.answered).toEqual([
    { message: known, part: "", correlationId: "s-1.reserve" },
    { message: unknown, part: "", correlationId: null },
  ]);
});

const inputs = (config: Record<string, unknown>) => sagaStep.ports(sagaStep.config.parse(config)).in;

it("takes replies when it calls by topic or queue, on either side", () => {
  expect(inputs({ action: { url: "/a" } })).toEqual(["in"]);
  expect(inputs({ action: { call: "topic", topic: "t" } })).toEqual(["in", "reply"]);
  expect(inputs({ action: { url: "/a" }, compensation: { call: "queue", queue: "q" } })).toEqual(["in", "reply"]);
});

it("uses the connection of its way of calling, unless it names one", () => {
  const config = sagaStep.config.parse({
    action: { call: "topic", topic: "t" },
    compensation: { call: "queue", queue: "q", connection: "jobs" },
  });
  expect([config.action.connection, config.compensation?.connection]).toEqual(["kafka", "jobs"]);
  expect(sagaStep.config.parse({}).action).toMatchObject({ call: "http", connection: "http", attempts: 3 });
  expect(sagaStep.config.parse({ compensation: {} }).compensation?.attempts).toBe(10);
});

it("names what a call lacks", () => {
  const problems = (config: Record<string, unknown>) =>
    sagaStep.check!(sagaStep.config.parse(config)).map(({ code, field }) => [code, field]);
  expect(problems({ action: { url: "/a" } })).toEqual([]);
  expect(problems({})).toEqual([["config-field-missing", "action.url"]]);
  expect(problems({ action: { url: "/a" }, compensation: { call: "topic" } })).toEqual([
    ["config-field-missing", "compensation.topic"],
  ]);
  expect(problems({ action: { call: "queue", queue: "a:b" } })).toEqual([["config-field-invalid", "action.queue"]]);
  expect(problems({ action: { call: "queue", queue: "a-${body.x}" } })).toEqual([]);
});

it("says in a word what it does", () => {
  expect(sagaStep.subtitle({} as never)).toBe("POST —");
  expect(sagaStep.subtitle(sagaStep.config.parse({ action: { call: "topic", topic: "t" } }))).toBe("topic t");
  expect(sagaStep.subtitle(sagaStep.config.parse({ action: { call: "queue" } }))).toBe("queue —");
});
