import { expect, it } from "vitest";
import type { OpenStep } from "../behaviour";
import { makeContext, makeMessage, makeRawMessage } from "../testing/node-context";
import { isFailure, leavesBy, type StepResult } from "../verdict";
import { filterBehaviour } from "./filter.behaviour";

const batchContext = { signal: new AbortController().signal, attempt: 1 };
const open = (when: string): OpenStep => filterBehaviour.open({ when }, makeContext());
const portsOf = (results: StepResult[]) =>
  results.map((result) => (isFailure(result) ? result.cause.code : "leavesBy" in result && result.leavesBy));

it("parts a batch in its order, and hands the messages on as they came", () => {
  const batch = [120, 80, 100.5].map((total) => makeMessage({ total }));
  const results = open("body.total > 100").process(batch, batchContext) as StepResult[];
  expect(results).toEqual(["pass", "rest", "pass"].map(leavesBy));
});

it("leaves the others alone when one message fails", () => {
  const bytes = new TextEncoder().encode("no json");
  const batch = [
    makeMessage({ total: 1 }),
    makeMessage({ total: "many" }),
    makeRawMessage({ value: bytes }),
    makeMessage({ total: 2 }),
  ];
  const results = open("body.total > 1").process(batch, batchContext) as StepResult[];
  expect(portsOf(results)).toEqual(["rest", "expression-failed", "codec-decode", "pass"]);
  const [, failed] = results;
  expect(failed).toMatchObject({
    verdict: "reject",
    cause: { message: expect.stringContaining("`when` of node `here`") },
  });
});

it("takes an answer that is neither true nor false for a failure", () => {
  const results = open("body.total").process([makeMessage({ total: 1 })], batchContext) as StepResult[];
  expect(portsOf(results)).toEqual(["expression-failed"]);
});

it("reads no body when it asks for the key alone", () => {
  const unreadable = makeRawMessage({
    key: new TextEncoder().encode("c-7"),
    value: new TextEncoder().encode("no json"),
  });
  expect(portsOf(open("key == 'c-7'").process([unreadable], batchContext) as StepResult[])).toEqual(["pass"]);
});

it("cannot be opened with an expression that cannot be read", () => {
  expect(() => open("body.total >")).toThrow();
});
