import { expect, it } from "vitest";
import { explainCut, findOriginal, findStepInput } from "./kept-payload";
import { type Payload, type RunDetail, type RunStep, runLimits } from "./run-detail";

const payload: Payload = { key: "k", headers: [], value: "{}", encoding: "text", truncated: false };
const step = (node: string, input: number | null): RunStep => ({
  ...{ node, startMs: 0, durationMs: 0, attempt: 1, in: input, out: [], state: "done" },
});

it("tells what was not kept whole", () => {
  expect(explainCut(payload)).toBeNull();
  expect(explainCut({ ...payload, truncated: true })).toContain("beginning");
  expect(explainCut({ ...payload, partial: true })).toContain("not kept whole");
  expect(explainCut({ ...payload, key: "k".repeat(1_024) })).toContain("not kept whole");
});

it("finds what came to a step, or says why it cannot be sent", () => {
  const detail: RunDetail = { steps: [step("in", null), step("map", 0)], payloads: [payload] };
  expect(findStepInput(detail, 1)).toEqual({ payload });
  expect(findStepInput(detail, 0)).toMatchObject({ why: expect.stringContaining("from its source") });
  expect(findStepInput(detail, 2)).toMatchObject({ why: expect.stringContaining("no such step") });
  const unkept = { ...detail, steps: [{ ...step("map", null), unkept: true as const }] };
  expect(findStepInput(unkept, 0)).toMatchObject({ why: expect.stringContaining("kept nothing") });
  expect(findStepInput({ ...detail, payloads: [] }, 1)).toMatchObject({ why: expect.stringContaining("Nothing") });
  // Whatever did not fit shares the last payload that is kept.
  const full = { steps: [step("map", runLimits.payloads - 1)], payloads: new Array(runLimits.payloads).fill(payload) };
  expect(findStepInput(full, 0)).toMatchObject({ why: expect.stringContaining("not certain") });
  expect(findStepInput({ ...full, steps: [...full.steps, ...unkept.steps] }, 0)).toEqual({ payload });
});

it("finds the message as it came, of a run that begins at its source", () => {
  const first = { ...step("in", null), out: [{ port: "out", payload: 0 }] };
  expect(findOriginal({ steps: [first], payloads: [payload] }, "in")).toBe(payload);
  expect(findOriginal({ steps: [first], payloads: [{ ...payload, truncated: true }] }, "in")).toBeUndefined();
  expect(findOriginal({ steps: [step("map", 0)], payloads: [payload] }, "in")).toBeUndefined();
});
