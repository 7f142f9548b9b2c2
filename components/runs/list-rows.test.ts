import { describe, expect, it } from "vitest";
import { rowAfter, spansToDraw, topToReveal } from "./list-rows";

describe("a long list", () => {
  const seen = { top: 32_000, height: 640 };
  it("is drawn whole while it is short", () => {
    expect(spansToDraw(300, seen, -1)).toEqual([{ from: 0, to: 300 }]);
    expect(spansToDraw(0, seen, -1)).toEqual([]);
  });
  it("is drawn where one looks", () => {
    expect(spansToDraw(5_000, seen, -1)).toEqual([{ from: 970, to: 1_050 }]);
    expect(spansToDraw(5_000, { top: 0, height: 640 }, -1)).toEqual([{ from: 0, to: 50 }]);
    expect(spansToDraw(1_005, seen, 1_004)).toEqual([{ from: 970, to: 1_005 }]);
  });
  it("has something to show although it became shorter", () => {
    expect(spansToDraw(400, seen, -1)).toEqual([{ from: 370, to: 400 }]);
  });
  it("keeps the marked row, wherever it is", () => {
    expect(spansToDraw(5_000, seen, 2)).toEqual([
      { from: 2, to: 3 },
      { from: 970, to: 1_050 },
    ]);
    expect(spansToDraw(5_000, seen, 4_999)).toEqual([
      { from: 970, to: 1_050 },
      { from: 4_999, to: 5_000 },
    ]);
    expect(spansToDraw(5_000, seen, 1_000)).toHaveLength(1);
  });
});

it.each([
  ["ArrowDown", -1, 0],
  ["ArrowDown", 9, 9],
  ["ArrowUp", 3, 2],
  ["ArrowUp", 0, -1],
  ["ArrowUp", -1, 9],
  ["PageDown", 2, 6],
  ["PageUp", 2, 0],
  ["Home", 5, 0],
  ["End", 5, 9],
  ["a", 5, undefined],
])("%s leads from row %i to %s", (key, marked, next) => expect(rowAfter(key, marked, 10, 4)).toBe(next));

it("scrolls no further than a row needs to be seen", () => {
  const seen = { top: 320, height: 352 };
  expect(topToReveal(10, seen)).toBe(320);
  expect(topToReveal(19, seen)).toBe(320);
  expect(topToReveal(20, seen)).toBe(352);
  expect(topToReveal(4, seen)).toBe(128);
  expect(topToReveal(0, seen)).toBe(0);
});
