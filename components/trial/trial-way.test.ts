import { expect, test } from "vitest";
import type { FlowDocument } from "@/flow/document";
import { flowFormat } from "@/flow/document";
import type { Trial } from "@/flow/trial";
import { countCoverage, wayOfCase, wayOfCoverage } from "../cases/case-ways";
import { describeStep, wayOfTrial } from "./trial-way";

const flow: FlowDocument = {
  format: flowFormat,
  name: "orders",
  nodes: [
    { id: "in", kind: "kafka-source", config: { topic: "orders" } },
    { id: "large", kind: "filter", config: { when: "body.total > 10" } },
    { id: "out", kind: "kafka-sink", config: { topic: "large" } },
  ],
  edges: [
    { from: "in", to: "large" },
    { from: "large.pass", to: "out" },
  ],
};
const payload = { key: null, headers: [], value: '{"total":20}', encoding: "text" as const, truncated: false };
const step = { startMs: 0, durationMs: 1, attempt: 1, in: 0, state: "done" as const };
const trial: Trial = {
  state: "done",
  durationMs: 3,
  detail: {
    payloads: [payload],
    steps: [
      { ...step, node: "in", in: null, out: [{ port: "out", payload: 0 }] },
      { ...step, node: "large", out: [{ port: "pass", payload: 0 }] },
      { ...step, node: "out", out: [] },
    ],
  },
  effects: [{ step: 2, is: "would-write", to: "topic large" }],
  answers: {},
  outcome: { expect: { out: [{ body: { total: 20 } }] } },
};

test("each node on the way says what it gave, a sink what it would write", () => {
  const way = wayOfTrial(trial, flow.edges);
  expect(way.nodes.large).toMatchObject({ tone: "ok", says: 'pass: {"total":20}' });
  expect(way.nodes.out).toMatchObject({ tone: "ok", says: "would write to topic large" });
  expect(Object.keys(way.edges)).toEqual(["in>large", "large.pass>out"]);
  expect(describeStep(trial, [2])).toBe("would write to topic large");
  expect(describeStep(trial, [1])).toBe("left by pass");
});

test("a failure stands at its node with its cause; what would be held is none", () => {
  const cause = { code: "cel-failed", message: "`total` is no number." };
  const failed = { ...trial.detail.steps[1]!, state: "dead" as const, out: [], cause };
  const dead: Trial = {
    ...trial,
    state: "dead",
    detail: { ...trial.detail, steps: [trial.detail.steps[0]!, failed] },
    effects: [],
  };
  expect(wayOfTrial(dead, flow.edges).nodes.large).toMatchObject({ tone: "bad", words: cause.message });
  const held = wayOfTrial({ ...dead, effects: [{ step: 1, is: "would-hold", why: "It waits." }] }, flow.edges);
  expect(held.nodes.large).toMatchObject({ word: "Would wait here", says: "would wait: It waits." });
});

test("a case that fails shows the difference at the node where it first differs", () => {
  const difference = { at: "out", node: "out", message: 0, field: "body.total", expected: "40", actual: "20" };
  const result = { name: "x", passed: false, differences: [difference], trial, tookMs: 3 };
  expect(wayOfCase(result, flow)!.nodes.out).toEqual({
    tone: "bad",
    word: "Differs from what is expected",
    words: "`body.total` is 20, expected 40",
  });
});

test("what no case comes by is marked in words and by a frame, and counted", () => {
  const coverage = { nodes: ["in", "large"], ports: ["in.out", "large.rest"] };
  const way = wayOfCoverage(flow, coverage);
  expect(way.nodes.out).toMatchObject({ untested: true, words: "No case comes by" });
  expect(way.nodes.large?.words).toBe("No case leaves by `pass`");
  expect(way.edges["large.pass>out"]).toEqual({ tone: "warn", label: "no case" });
  expect(countCoverage(flow, coverage)).toEqual({ nodes: { covered: 2, all: 3 }, ports: { covered: 2, all: 3 } });
});
