import { describe, expect, it } from "vitest";
import { rowsOfSaga, scaleTime } from "./saga-time";
import { base, doneStep, order, stateOf, visit } from "./testing";

const hourMs = 3_600_000;

describe("the time axis of a saga", () => {
  it("has two rows for a step, one for a wait, none for what takes no time", () => {
    const visits = [
      doneStep("reserve", base),
      visit("charge", { at: base + 10, endedAt: base + 10 }),
      visit("mail", { state: "waiting", at: base + 10, awaits: "payment 7" }),
    ];
    const rows = rowsOfSaga(stateOf(visits), order, base + 500);
    expect(rows.map(({ node, side, bars }) => [node, side, bars.length])).toEqual([
      ["reserve", "action", 1],
      ["reserve", "compensation", 0],
      ["mail", null, 1],
    ]);
    expect(rows[2]!.bars[0]).toMatchObject({
      from: base + 10,
      to: base + 500,
      look: "wait",
      words: "Waiting: payment 7",
    });
  });
  it("lets an attempt that is under way reach up to now", () => {
    const working = visit("reserve", { state: "working", at: base });
    expect(rowsOfSaga(stateOf([working]), order, base + 70)[0]!.bars[0]).toMatchObject({
      to: base + 70,
      tone: "accent",
    });
  });
});

describe("its scale", () => {
  const rowsWith = (...times: [number, number][]) =>
    rowsOfSaga(
      stateOf([
        visit("reserve", {
          attempts: times.map(([at, endedAt], index) => ({ side: "action", number: index + 1, at, endedAt })),
        }),
      ]),
      order,
      base,
    );

  it("is even while attempts fill it", () => {
    const scale = scaleTime(rowsWith([base, base + 40], [base + 60, base + 100]), base, base + 100);
    expect(scale.folds).toEqual([]);
    expect([base, base + 50, base + 100].map(scale.at)).toEqual([0, 0.5, 1]);
  });
  it("folds long waits, so that attempts on both sides can be seen", () => {
    const [late, end] = [base + hourMs, base + hourMs + 100];
    const scale = scaleTime(rowsWith([base, base + 100], [late, end]), base, end);
    expect(scale.folds).toEqual([{ left: expect.closeTo(0.47), width: 0.06, ms: hourMs - 100 }]);
    expect(scale.at(base + 100)).toBeCloseTo(0.47);
    expect(scale.at(late)).toBeCloseTo(0.53);
    expect(scale.at(end)).toBe(1);
  });
  it("stays within its ends, and does without attempts", () => {
    const scale = scaleTime([], base, base + 100);
    expect([base - 50, base + 25, base + 900].map(scale.at)).toEqual([0, 0.25, 1]);
    expect(scaleTime([], base, base).at(base)).toBe(0);
  });
});
