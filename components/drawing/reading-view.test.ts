import { describe, expect, it } from "vitest";
import { nodeWidth } from "./measures";
import { findReadingView, revealNode } from "./reading-view";

const pane = { width: 800, height: 600 };
const row = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `n${index}`,
    kind: "log",
    config: {},
    position: { x: index * 300, y: 0 },
  }));
/** Where a node's left and right are on the pane. */
const placeOf = (index: number, { x, zoom }: { x: number; zoom: number }) => [
  index * 300 * zoom + x,
  (index * 300 + nodeWidth) * zoom + x,
];

describe("a view to read a drawing in", () => {
  it("shows a short one as a whole, in the middle", () => {
    const view = findReadingView(row(2), pane, "n0");
    const [left] = placeOf(0, view);
    const [, right] = placeOf(1, view);
    expect(view.zoom).toBeGreaterThan(1);
    expect(left! + right!).toBeCloseTo(pane.width);
  });
  it("shows of a long one what is looked at, at a size that can be read", () => {
    const view = findReadingView(row(12), pane, "n6");
    const [left, right] = placeOf(6, view);
    expect(view.zoom).toBe(0.72);
    expect((left! + right!) / 2).toBeCloseTo(pane.width / 2);
  });
  it("shows nothing beyond its ends", () => {
    const [first] = placeOf(0, findReadingView(row(12), pane, "n0"));
    const [, last] = placeOf(11, findReadingView(row(12), pane, "n11"));
    expect([first, last].map((place) => Math.round(place!))).toEqual([48, pane.width - 48]);
  });
  it("does with an empty drawing, and before it has a size", () => {
    expect(findReadingView([], pane, null)).toEqual({ x: 0, y: 0, zoom: 1 });
    expect(findReadingView(row(1), { width: 0, height: 0 }, "n0").zoom).toBe(1);
  });
});

describe("a node that is chosen", () => {
  it("moves the view only when it is out of sight", () => {
    const view = findReadingView(row(12), pane, "n6");
    expect(revealNode(row(12)[6]!, pane, view)).toBeNull();
    const moved = revealNode(row(12)[0]!, pane, view)!;
    const [left, right] = placeOf(0, moved);
    expect((left! + right!) / 2).toBeCloseTo(pane.width / 2);
    expect(moved.zoom).toBe(view.zoom);
  });
});
