import { expect, it } from "vitest";
import { measureWindow, type Watch } from "./window";

const watchOf = (counts: () => number[], changes: Partial<Watch> = {}): Watch => ({
  counts: async () => counts(),
  usage: async () => ({ ownSeconds: 1, machineSeconds: 2 }),
  seconds: 0.5,
  settleSeconds: 0,
  total: Number.POSITIVE_INFINITY,
  failure: new Promise<never>(() => {}),
  ...changes,
});

it("begins when every output has something, and counts what comes after", async () => {
  const begun = performance.now();
  const elapsed = () => performance.now() - begun;
  // Both outputs grow by one a millisecond, the second one from 200 ms on.
  const window = await measureWindow(watchOf(() => [Math.floor(elapsed()), Math.max(0, Math.floor(elapsed() - 200))]));
  expect(window.seconds).toBeGreaterThanOrEqual(0.5);
  expect(window.written / window.seconds / 2_000).toBeCloseTo(1, 1);
  expect(window.ownSeconds).toBe(0);
});

it("leaves out what comes before it is steady", async () => {
  const begun = performance.now();
  // A thousand at once, then one a millisecond.
  const window = await measureWindow(
    watchOf(() => [1_000 + Math.floor(performance.now() - begun)], { settleSeconds: 0.2 }),
  );
  expect(performance.now() - begun).toBeGreaterThanOrEqual(700);
  expect(window.written / window.seconds / 1_000).toBeCloseTo(1, 1);
});

it("ends at nine tenths, and takes no sample at which all was written", async () => {
  const samples = [[0], [10], [10], [60], [100]];
  let next = 0;
  const window = await measureWindow(watchOf(() => samples[Math.min(next++, samples.length - 1)]!, { total: 100 }));
  expect(window.written).toBe(50);
});

it("fails when the side fails, and when all was written at once", async () => {
  const failure = Promise.reject(new Error("the loop fell"));
  failure.catch(() => {});
  await expect(measureWindow(watchOf(() => [0], { failure }))).rejects.toThrow("the loop fell");
  await expect(measureWindow(watchOf(() => [100], { total: 100 }))).rejects.toThrow("before it could be measured");
});
