import { expect, test } from "vitest";
import { computeDependencyDelay, computeRetryDelay } from "./backoff";
import { Latency } from "./latency";
import { NodeCounters } from "./node-counters";

test("percentiles are right within a bucket, and forget what is past", () => {
  const latency = new Latency();
  expect(latency.percentile(0.5, 0)).toBeUndefined();
  latency.record(1, 90, 1_000);
  latency.record(100, 10, 1_000);
  expect(latency.percentile(0.5, 1_000)).toBeCloseTo(1, 0);
  expect(latency.percentile(0.95, 1_000)).toBeGreaterThanOrEqual(100);
  expect(latency.percentile(0.95, 1_000)).toBeLessThan(125);
  expect(latency.percentile(0.5, 7_000)).toBeCloseTo(1, 0);
  expect(latency.percentile(0.5, 20_000)).toBeUndefined();
});

test("a node shows the worst of what holds its messages, above its own good state, below its own bad one", () => {
  const counters = new NodeCounters("running", 1);
  const cause = { code: "http-status", message: "500" };
  const first = counters.hold("retrying", cause, 2);
  const second = counters.hold("retrying", cause, 3);
  expect(counters.read(0)).toMatchObject({ state: "retrying", since: 2, cause });
  second.change("degraded", { code: "http-unreachable", message: "Away." });
  expect(counters.read(0)).toMatchObject({ state: "degraded", since: 3, cause: { code: "http-unreachable" } });
  counters.become("halted", 4, { code: "position-gone", message: "Gone." });
  expect(counters.read(0)).toMatchObject({ state: "halted", since: 4 });
  counters.become("running", 5);
  second.release();
  first.release();
  expect(counters.read(0)).toMatchObject({ state: "running", since: 5 });
  expect(counters.read(0).cause).toBeUndefined();
});

test("what holds messages is told of a node that is still starting", () => {
  const counters = new NodeCounters("starting", 1);
  const hold = counters.hold("degraded", { code: "http-unreachable", message: "Away." }, 2);
  expect(counters.read(0).state).toBe("degraded");
  hold.release();
  expect(counters.read(0)).toMatchObject({ state: "starting", since: 1 });
});

test("waits grow, are limited, and vary", () => {
  const retry = { attempts: 9, backoff: "exponential" as const, delayMs: 100, maxDelayMs: 1_000 };
  const most = () => 1;
  expect([1, 2, 3, 9].map((failures) => computeRetryDelay(retry, failures, most))).toEqual([100, 200, 400, 1_000]);
  expect(computeRetryDelay({ ...retry, backoff: "fixed" }, 5, most)).toBe(100);
  expect(computeRetryDelay(retry, 1, () => 0)).toBe(50);
  expect(computeDependencyDelay(100, undefined, most)).toBe(5_000);
  expect(computeDependencyDelay(1, 3_000_000, most)).toBe(60_000);
});
