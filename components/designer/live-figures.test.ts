import { describe, expect, it } from "vitest";
import type { LaneView } from "@/server/views";
import { pressureOf, wordsOfFigures, wordsOfPressure } from "./live-figures";

describe("what a node does now", () => {
  /** Spaces that a line does not break at are spaces all the same. */
  const say = (own: Parameters<typeof wordsOfFigures>[0]) => wordsOfFigures(own)?.replaceAll("\u00a0", " ");
  const still = { inFlight: 0, retried: 0 };
  it("says nothing of one that takes no time", () => {
    expect(wordsOfFigures(still)).toBeNull();
    expect(wordsOfFigures({ ...still, p50: 0.1, p95: 0.4, inFlight: 3 })).toBeNull();
  });
  it("says how long it takes, what is in it, and what was tried again", () => {
    expect(say({ p50: 4, p95: 20, inFlight: 3, retried: 1_200 })).toBe(
      "4 ms · p95 20 ms · 3 in flight · 1.2k tried again",
    );
    expect(say({ ...still, retried: 2 })).toBe("2 tried again");
  });
  it("breaks a line only between two of these", () => {
    expect(wordsOfFigures({ ...still, p50: 4, p95: 20, retried: 2 })?.split(" ")).toHaveLength(3);
  });
});

describe("what waits before a flow", () => {
  const lane = (change: Partial<LaneView>) =>
    ({ node: "in", lag: 0, full: false, state: "flowing", ...change }) as LaneView;
  it("is summed over the lanes of a source", () => {
    const lanes = [lane({ lag: 700 }), lane({ lag: 800, full: true }), lane({ node: "other", lag: null })];
    expect(pressureOf(lanes, "in")).toEqual({ lag: 1_500, full: true });
    expect(pressureOf(lanes, "other")).toEqual({ lag: 0, full: false });
    expect(pressureOf(lanes, "none")).toBeUndefined();
  });
  it("is told when it is more than what passes in a moment", () => {
    expect(wordsOfPressure({ lag: 1_500, full: true }, 0)).toEqual({
      short: "1.5k, full",
      whole: "1,500 messages wait before it. It takes no more now: a node behind it does not keep up.",
    });
    expect(wordsOfPressure({ lag: 1_500, full: false }, 100)?.short).toBe("1.5k behind");
    expect(wordsOfPressure({ lag: 1_500, full: true }, 1_000)).toBeNull();
    expect(wordsOfPressure({ lag: 9, full: true }, 0)).toBeNull();
    expect(wordsOfPressure(undefined, 0)).toBeNull();
  });
});
