import { expect, it } from "vitest";
import { makeContext, makeMessage } from "../testing/node-context";
import type { StepResult } from "../verdict";
import { logBehaviour } from "./log.behaviour";

function pass(show: string | undefined, body: unknown): StepResult {
  const step = logBehaviour.open({ show }, makeContext());
  return (step.process([makeMessage(body)], { signal: new AbortController().signal, attempt: 1 }) as StepResult[])[0]!;
}

it("lets the message pass as it came, without a note when nothing is to be shown", () => {
  const message = makeMessage({ id: 1 });
  const step = logBehaviour.open({}, makeContext());
  expect(step.process([message], { signal: new AbortController().signal, attempt: 1 })).toEqual([{ leavesBy: "out" }]);
});

it("shows text as text and everything else as JSON, cut to a line", () => {
  expect(pass("body.id", { id: "o-1" })).toMatchObject({ note: { shown: "o-1" } });
  expect(pass("body", { id: "o-1", n: 2 })).toMatchObject({ note: { shown: '{"id":"o-1","n":2}' } });
  expect(pass("null", {})).toMatchObject({ note: { shown: "null" } });
  const long = pass("body", "x".repeat(2000));
  expect(long.note?.shown).toHaveLength(501);
});

it("lets a message pass that it cannot show, and says why", () => {
  expect(pass("body.id * 2", { id: "o-1" })).toMatchObject({
    leavesBy: "out",
    note: { shown: expect.stringContaining("`show` of node `here`") },
  });
});
