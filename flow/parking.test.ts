import { expect, test } from "vitest";
import { longestWaitMs, mayPark } from "./parking";

test("a short wait holds the message in its lane", () => {
  expect(mayPark({ attempts: 3, backoff: "exponential", delayMs: 200, maxDelayMs: 30_000 })).toBe(false);
  expect(mayPark({ attempts: 2, backoff: "fixed", delayMs: 6_000, maxDelayMs: 30_000 })).toBe(true);
  expect(mayPark({ attempts: 10, backoff: "exponential", delayMs: 200, maxDelayMs: 30_000 })).toBe(true);
  expect(mayPark({ attempts: 10, backoff: "exponential", delayMs: 200, maxDelayMs: 4_000 })).toBe(false);
});

test("the longest wait is the last one", () => {
  expect(longestWaitMs({ attempts: 1, backoff: "fixed", delayMs: 6_000, maxDelayMs: 30_000 })).toBe(0);
  expect(longestWaitMs({ attempts: 4, backoff: "exponential", delayMs: 200, maxDelayMs: 30_000 })).toBe(800);
  expect(longestWaitMs({ attempts: 100, backoff: "exponential", delayMs: 200, maxDelayMs: 30_000 })).toBe(30_000);
  expect(longestWaitMs({ attempts: 3, backoff: "fixed", delayMs: 9_000, maxDelayMs: 4_000 })).toBe(4_000);
});
