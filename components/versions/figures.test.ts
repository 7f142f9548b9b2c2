import { describe, expect, it } from "vitest";
import type { VersionFigures } from "@/server/views";
import { compareFigures, formatShare, judge } from "./figures";

const figures = (change: Partial<VersionFigures> = {}): VersionFigures => ({
  ...{ version: 1, node: "call", messages: 1_000, perSecond: 10, failed: 0, dead: 0, p50Ms: 4, p95Ms: 20 },
  ...change,
});
const marksOf = (later: Partial<VersionFigures>, earlier: Partial<VersionFigures> = {}) =>
  Object.fromEntries(
    compareFigures(figures(earlier), figures(later)).flatMap(({ label, mark }) => (mark ? [[label, mark]] : [])),
  );

describe("two versions of a node", () => {
  it("stand beside each other, and nothing is marked where they are alike", () => {
    const pairs = compareFigures(figures(), figures({ perSecond: 11, p95Ms: 21, failed: 0 }));
    expect(pairs).toEqual([
      { label: "rate", earlier: "10/s", later: "11/s", mark: null },
      { label: "p50", earlier: "4 ms", later: "4 ms", mark: null },
      { label: "p95", earlier: "20 ms", later: "21 ms", mark: null },
      { label: "failed", earlier: "0 %", later: "0 %", mark: null },
    ]);
    expect(judge(pairs)).toEqual({ tone: "idle", word: "about the same" });
  });

  it("mark what is slower or fails more as bad, what is faster as good, and a rate as neither", () => {
    expect(marksOf({ p95Ms: 30, p50Ms: 2, perSecond: 5 })).toEqual({
      rate: { sign: "▼", words: "−50 %", tone: "idle" },
      p50: { sign: "▼", words: "−50 %", tone: "ok" },
      p95: { sign: "▲", words: "+50 %", tone: "bad" },
    });
    expect(marksOf({ p95Ms: 400 })).toEqual({ p95: { sign: "▲", words: "20×", tone: "bad" } });
    expect(marksOf({ failed: 20 })).toEqual({ failed: { sign: "▲", words: "+2.0 points", tone: "bad" } });
    expect(marksOf({}, { failed: 20 })).toEqual({ failed: { sign: "▼", words: "−2.0 points", tone: "ok" } });
  });

  it("mark no latency that is smaller than what is measured well", () => {
    expect(marksOf({ p50Ms: 0.4, p95Ms: 0.9 }, { p50Ms: 0.1, p95Ms: 0.2 })).toEqual({});
  });

  it("are judged by all that got worse, else by what got better", () => {
    const judgeOf = (later: Partial<VersionFigures>) => judge(compareFigures(figures(), figures(later))).word;
    expect(judgeOf({ p50Ms: 1, p95Ms: 50 })).toBe("slower");
    expect(judgeOf({ failed: 50 })).toBe("fails more");
    expect(judgeOf({ failed: 50, p50Ms: 9, p95Ms: 50 })).toBe("fails more, slower");
    expect(judgeOf({ p50Ms: 1 })).toBe("faster");
  });

  it("write a share that is very small as such", () =>
    expect([formatShare(0, 5), formatShare(1, 1_000_000), formatShare(1, 3), formatShare(0, 0)]).toEqual([
      "0 %",
      "< 0.1 %",
      "33.3 %",
      "0 %",
    ]));
});
