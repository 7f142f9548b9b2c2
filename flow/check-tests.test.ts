import { expect, it } from "vitest";
import { checkFlow } from "./check";
import type { TestCase } from "./test-case";
import { drawFlow } from "./testing/drawing";

const drawn = drawFlow(
  [
    ["in", "kafka-source", { connection: "kafka", topic: "in" }],
    ["big", "filter", { when: "body.n > 1" }],
    ["out", "kafka-sink", { connection: "kafka", topic: "out" }],
  ],
  "in>big",
  "big.pass>out",
);

function look(tests: Partial<TestCase>[], requireTests?: boolean) {
  const cases = tests.map((each): TestCase => ({ name: "one", at: "in", message: {}, expect: {}, ...each }));
  const flow = { ...drawn, tests: cases, ...(requireTests ? { settings: { requireTests } } : {}) };
  return checkFlow(flow)
    .filter(({ field }) => field?.startsWith("tests."))
    .map(({ code, severity, field, node }) => [code, severity, field, node]);
}

it("takes cases at sources, with sinks and ports that there are", () => {
  expect(look([{ expect: { out: [], "big.pass": [], "big.error": [] }, fails: [{ node: "big", code: "x" }] }])).toEqual(
    [],
  );
});

it("names the place of what cannot be", () => {
  expect(look([{ at: "big" }])).toEqual([["test-source-unknown", "warning", "tests.0.at", "big"]]);
  expect(look([{ at: "gone" }])).toEqual([["test-source-unknown", "warning", "tests.0.at", undefined]]);
  expect(look([{}, {}])).toEqual([["test-name-duplicate", "warning", "tests.1.name", undefined]]);
  expect(look([{ expect: { "out.done": [] } }])).toEqual([
    ["test-endpoint-unknown", "warning", "tests.0.expect.out.done", "out"],
  ]);
  expect(look([{ expect: { big: [], gone: [] } }]).map(([, , field]) => field)).toEqual([
    "tests.0.expect.big",
    "tests.0.expect.gone",
  ]);
  expect(look([{ fails: [{ node: "gone", code: "x" }] }])).toEqual([
    ["test-endpoint-unknown", "warning", "tests.0.fails.0.node", undefined],
  ]);
  expect(look([{ answers: { out: [] } }])).toEqual([["test-answer-unused", "warning", "tests.0.answers.out", "out"]]);
});

it("is an error where the flow asks for all cases to pass", () => {
  expect(look([{ at: "big" }], true)).toEqual([["test-source-unknown", "error", "tests.0.at", "big"]]);
});

it("warns where cases are asked for and there are none", () => {
  const problems = checkFlow({ ...drawn, settings: { requireTests: true } });
  expect(problems.map(({ code, severity, field }) => [code, severity, field])).toEqual([
    ["tests-none", "warning", "settings.requireTests"],
  ]);
});
