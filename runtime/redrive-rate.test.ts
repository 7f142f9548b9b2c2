import { expect, it } from "vitest";
import { draw } from "./redrive-rate";

/** Letters that go in a time when it is asked for them each `everyMs`. */
function countIn(ms: number, rate: number, everyMs: number): number {
  let left = 1;
  let sent = 0;
  for (let at = 0; at <= ms; at += everyMs) {
    const drawn = draw({ rate, left, sinceMs: at === 0 ? 0 : everyMs }, 50);
    left = drawn.available - drawn.granted;
    sent += drawn.granted;
  }
  return sent;
}

it.each([
  [1, 10_000, 37, 11],
  [5, 10_000, 200, 51],
  [20, 10_000, 100, 201],
  [400, 10_000, 100, 4_001],
])("keeps %i a second", (rate, ms, everyMs, most) => {
  expect(countIn(ms, rate, everyMs)).toBeLessThanOrEqual(most);
  expect(countIn(ms, rate, everyMs)).toBeGreaterThan(most * 0.9 - 1);
});

it("makes up for a pause by half a second's worth at most", () => {
  expect(draw({ rate: 20, left: 0, sinceMs: 60_000 }, 50).granted).toBe(10);
  expect(draw({ rate: 1, left: 0, sinceMs: 60_000 }, 50).granted).toBe(1);
});

it("says when the next one may go, and gives no more than is wanted", () => {
  expect(draw({ rate: 1, left: 0, sinceMs: 0 }, 50)).toMatchObject({ granted: 0, againInMs: 1_000 });
  expect(draw({ rate: 1, left: 0.5, sinceMs: 0 }, 50).againInMs).toBe(500);
  expect(draw({ rate: 1_000, left: 400, sinceMs: 0 }, 50)).toMatchObject({ granted: 50, againInMs: 100 });
  expect(draw({ rate: 10, left: 3, sinceMs: -5_000 }, 50).granted).toBe(3);
});
