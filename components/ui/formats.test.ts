import { describe, expect, it } from "vitest";
import {
  formatAge,
  formatAgo,
  formatBytes,
  formatCompact,
  formatCount,
  formatDuration,
  formatPlural,
  formatRate,
  formatTime,
  initialsOf,
} from "./formats";

describe("rates and counts", () => {
  it.each([
    [0, "0/s"],
    [0.01, "<0.1/s"],
    [0.4, "0.4/s"],
    [38, "38/s"],
    [999.4, "999/s"],
    [999.6, "1k/s"],
    [1234, "1.2k/s"],
    [9960, "10k/s"],
    [34_321, "34k/s"],
    [999_600, "1M/s"],
    [1_234_000, "1.2M/s"],
  ])("%f per second is %s", (rate, words) => expect(formatRate(rate)).toBe(words));

  it("shows a dash for what is not known", () => {
    expect(formatRate(undefined)).toBe("–");
    expect(formatCount(null)).toBe("–");
    expect(formatDuration(Number.NaN)).toBe("–");
  });

  it("separates thousands and counts in words", () => {
    expect(formatCount(1_234_567)).toBe("1,234,567");
    expect(formatPlural(1, "run")).toBe("1 run");
    expect(formatPlural(1200, "dead letter")).toBe("1,200 dead letters");
    expect(formatCompact(12)).toBe("12");
  });
});

describe("durations", () => {
  it.each([
    [0, "0 ms"],
    [0.01, "<0.1 ms"],
    [0.12, "0.1 ms"],
    [12.4, "12 ms"],
    [999.9, "1.00 s"],
    [3700, "3.70 s"],
    [12_340, "12.3 s"],
    [60_000, "1 min"],
    [125_000, "2 min 5 s"],
    [11_520_000, "3 h 12 min"],
    [90_000_000, "1 d 1 h"],
  ])("%f ms is %s", (ms, words) => expect(formatDuration(ms)).toBe(words));
});

describe("times", () => {
  const then = new Date(2026, 10, 22, 14, 2, 11, 204);
  it("tells how long ago", () => {
    const at = then.getTime();
    expect(formatAgo(then, at + 500)).toBe("just now");
    expect(formatAgo(then, at + 12_000)).toBe("12 s ago");
    expect(formatAgo(then, at + 59_700)).toBe("1 min ago");
    expect(formatAgo(then, at + 3 * 3_600_000)).toBe("3 h ago");
    expect(formatAgo(then, at + 30 * 86_400_000)).toBe("22 Nov 2026");
  });
  it("does not call a clock that runs ahead the past", () =>
    expect(formatAgo(then, then.getTime() - 60_000)).toBe("14:02:11"));
  it("shows milliseconds on demand", () => expect(formatTime(then, true)).toBe("14:02:11.204"));
});

describe("bytes and names", () => {
  it.each([
    [812, "812 B"],
    [1_400, "1.4 kB"],
    [350_000_000, "350 MB"],
    [999_900, "1 MB"],
  ])("%d bytes are %s", (bytes, words) => expect(formatBytes(bytes)).toBe(words));
  it("makes initials", () => {
    expect(initialsOf("Mira Keller")).toBe("MK");
    expect(initialsOf("mira")).toBe("MI");
    expect(initialsOf("  ")).toBe("?");
  });
});

describe("ages", () => {
  it.each([
    [-5, "0 s"],
    [8_900, "8 s"],
    [14 * 60_000 + 30_000, "14 min"],
    [3.9 * 3_600_000, "3 h"],
    [50 * 3_600_000, "2 d"],
  ])("%d ms is %s", (ms, words) => expect(formatAge(ms)).toBe(words));
});
