import { describe, expect, it } from "vitest";
import { type Box, hullOf } from "./hull";

const box = (x: number, y: number): Box => ({ x, y, width: 200, height: 100 });
const own = new Map([
  ["start", box(0, 0)],
  ["end", box(600, 200)],
]);
const wires = [{ from: { node: "start" }, to: { node: "end" } }];

describe("a saga's hull", () => {
  it("is one box with room around all its nodes", () =>
    expect(hullOf(own, [box(900, 0)], wires)).toEqual({
      boxes: [{ x: -20, y: -20, width: 840, height: 340 }],
      bands: [],
    }));
  it("goes around each and along the wires when something else stands between them", () => {
    const hull = hullOf(own, [box(300, 0)], wires);
    expect(hull?.boxes).toEqual([
      { x: -20, y: -20, width: 240, height: 140 },
      { x: 580, y: 180, width: 240, height: 140 },
    ]);
    expect(hull?.bands).toEqual([{ from: { x: 200, y: 26 }, to: { x: 600, y: 226 } }]);
  });
  it("is none where nothing is", () => expect(hullOf(new Map(), [], [])).toBeNull());
});
