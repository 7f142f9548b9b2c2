import { expect, test } from "vitest";
import { DueTimes } from "./due-times";

test("tells the next time, rounded up, and forgets what has come", () => {
  const times = new DueTimes();
  expect(times.next).toBeUndefined();
  expect(times.take(5_000)).toBe(false);
  times.note(2_000, 0);
  times.note(1_005, 0);
  expect(times.next).toBe(1_020);
  expect(times.take(1_019)).toBe(false);
  expect(times.take(1_020)).toBe(true);
  expect(times.next).toBe(2_000);
  expect(times.take(9_000)).toBe(true);
  expect(times.next).toBeUndefined();
});

test("what is far away is not remembered: it is found by looking now and then", () => {
  const times = new DueTimes();
  times.note(3_600_000, 0);
  expect(times.next).toBeUndefined();
});
