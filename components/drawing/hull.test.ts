import { describe, expect, it } from "vitest";
import { type Box, drawOutline, hullOf } from "./hull";

const box = (x: number, y: number, height = 100): Box => ({ x, y, width: 200, height });

describe("a saga's hull", () => {
  it("is one box with room around all its nodes", () =>
    expect(hullOf([box(0, 0), box(600, 200)], [box(900, 0)])).toEqual({
      outline: [
        { x: -20, y: -20 },
        { x: 820, y: -20 },
        { x: 820, y: 320 },
        { x: -20, y: 320 },
      ],
      islands: [],
    }));
  it("follows its nodes column by column when something else would stand in that box", () => {
    const hull = hullOf([box(0, 0), box(300, 0), box(300, 300), box(600, 0)], [box(600, 300)]);
    expect(hull?.islands).toEqual([]);
    expect(hull?.outline).toEqual([
      { x: -20, y: -20 },
      { x: 820, y: -20 },
      { x: 820, y: 120 },
      { x: 550, y: 120 },
      { x: 550, y: 420 },
      { x: 250, y: 420 },
      { x: 250, y: 120 },
      { x: -20, y: 120 },
    ]);
  });
  it("makes no small steps", () => {
    const hull = hullOf([box(0, 0), box(300, 10), box(600, 20)], [box(300, -115)]);
    expect(new Set(hull?.outline.map(({ y }) => y)).size).toBe(2);
  });
  it("holds together where a column hangs above its neighbour", () => {
    const hull = hullOf([box(0, 0), box(300, 400)], [box(300, 0)]);
    const left = hull!.outline.filter(({ x }) => x <= 250);
    expect(Math.max(...left.map(({ y }) => y))).toBeGreaterThan(380);
  });
  it("leaves an island for what stands among its nodes", () => {
    const hull = hullOf([box(0, 0), box(0, 400)], [box(0, 200)]);
    expect(hull?.islands).toEqual([{ x: -10, y: 190, width: 220, height: 120 }]);
  });
  it("is none where nothing is", () => expect(hullOf([], [])).toBeNull());
  it("is drawn with round corners", () =>
    expect(drawOutline(hullOf([box(0, 0, 0)], [])!.outline, 16)).toBe(
      "M-20 -4Q-20 -20 -4 -20L204 -20Q220 -20 220 -4L220 4Q220 20 204 20L-4 20Q-20 20 -20 4Z",
    ));
});
