import { expect, test } from "vitest";
import type { ParkedSummary } from "@/server/views";
import { formatIn, wordsOfAttempts, wordsOfNextTry, wordsOfWaiting } from "./parked-words";

const now = 1_764_000_000_000;
const waiting: ParkedSummary = {
  id: "1",
  flow: "orders",
  node: "call",
  lane: "orders/0",
  position: "7",
  key: "c-1",
  causeCode: "http-status",
  causeMessage: "The endpoint answered 500.",
  attempts: 1,
  ofAttempts: 3,
  dueAt: new Date(now + 41_300),
  behind: null,
  givenUp: false,
  runs: true,
  runId: null,
  createdAt: new Date(now),
};
const behind = { dueAt: null, behind: { id: "1", count: 2 } };

test.each([
  [{}, "In 42 s"],
  [{ dueAt: new Date(now - 1) }, "Now"],
  [{ dueAt: null }, "Now"],
  [behind, "Behind 2 messages of its key"],
  [{ runs: false }, "When the flow runs"],
  [{ ...behind, runs: false }, "When the flow runs"],
  [{ givenUp: true }, "Given up"],
  [{ givenUp: true, runs: false }, "Given up when the flow runs"],
])("%j is tried: %s", (change, words) => {
  expect(wordsOfNextTry({ ...waiting, ...change }, now).words).toBe(words);
});

test("times, attempts and counts", () => {
  expect([1, 99_000, 101_000, 5_400_000, 7_200_000].map(formatIn)).toEqual([
    "In 1 s",
    "In 99 s",
    "In 2 min",
    "In 90 min",
    "In 2 h",
  ]);
  expect([3, null].map((ofAttempts) => wordsOfAttempts({ ...waiting, ofAttempts }))).toEqual(["1 of 3", "1"]);
  expect([1, 1_200].map(wordsOfWaiting)).toEqual(["1 waits for a later try", "1,200 wait for a later try"]);
});
