import { describe, expect, it } from "vitest";
import { attemptsOf } from "./attempts";
import { placeToShow, readPlace, settlePlace, writePlace } from "./saga-place";
import { describeNote, describeReason, tellSaga } from "./saga-story";
import { base, doneStep, order, stateOf, visit } from "./testing";

const name = (node: string) => node;

describe("the story of a saga", () => {
  it("tells attempts, the turn, compensations and the end in order", () => {
    const cause = { code: "http-status", message: "The endpoint answered 503." };
    const final = { code: "http-status", message: "The endpoint answered 409." };
    const reserve = doneStep("reserve", base + 1, {
      undo: { state: "done", attempt: 1, at: base + 60, endedAt: base + 70 },
      attempts: [
        { side: "action", number: 1, at: base + 1, endedAt: base + 5, cause },
        { side: "action", number: 2, at: base + 8, endedAt: base + 11 },
        { side: "compensation", number: 1, at: base + 50, endedAt: base + 70 },
      ],
    });
    const charge = visit("charge", {
      from: "reserve",
      state: "failed",
      at: base + 20,
      endedAt: base + 50,
      cause: final,
      attempts: [{ side: "action", number: 1, at: base + 20, endedAt: base + 50, cause: final }],
    });
    const state = stateOf([reserve, charge], {
      // A compensation begins in the moment of the failure.
      phase: "ended",
      outcome: "compensated",
      endedAt: base + 80,
      reason: { ...final, node: "charge" },
    });
    expect(tellSaga(state, "begin", order).map(({ title, line, tone }) => `${title} / ${line} / ${tone}`)).toEqual([
      "Started / o-4711 / ok",
      "Reserve stock / attempt 1 · answered 503 / warn",
      "Reserve stock / attempt 2 · done / ok",
      "Charge card / answered 409 / bad",
      "Turned back / after Charge card failed / undo",
      "Undo Reserve stock / done / undo",
      "Compensated / 1 step undone / undo",
    ]);
    expect(describeReason(state, name)).toBe("charge failed: The endpoint answered 409.");
  });
  it("tells waits, ports, persons and what came too late", () => {
    const state = stateOf(
      [
        visit("reserve", { port: "large", at: base + 1, endedAt: base + 1 }),
        visit("charge", { state: "waiting", at: base + 2, awaits: "payment 7" }),
      ],
      {
        notes: [
          { at: base + 3, node: "charge", by: "Ada", what: "skip", words: "paid in cash" },
          { at: base + 4, node: "charge", what: "late-answer", times: 3 },
        ],
      },
    );
    expect(tellSaga(state, "begin", order).map(({ title, line, icon }) => `${icon}: ${title} / ${line}`)).toEqual([
      "start: Started / o-4711",
      "pass: Reserve stock / left by large",
      "wait: Charge card / waits for payment 7",
      "person: Skipped / Charge card · by Ada · paid in cash",
      "late: Answer came too late / Charge card · 3 times",
    ]);
  });
  it("shows an attempt that failed, and one that is under way, written or not", () => {
    const late = { code: "http-timeout", message: "http://shop:80/charge did not answer within 2,000 ms." };
    const tried = visit("charge", {
      attempts: [{ side: "action", number: 1, at: base, endedAt: base + 9, cause: late }],
    });
    expect(tellSaga(stateOf([tried]), "begin", order)[1]?.line).toBe("did not answer within 2,000 ms.");
    const working = visit("charge", { state: "working", attempt: 2, at: base });
    expect(attemptsOf(working, "action")).toEqual([{ side: "action", number: 2, at: base }]);
    const written = { ...working, attempts: [{ side: "action" as const, number: 2, at: base + 5 }] };
    expect(attemptsOf(written, "action")).toEqual(written.attempts);
    expect(attemptsOf(working, "compensation")).toEqual([]);
  });
  it("names deeds that it does not know", () => {
    expect(describeNote({ at: 0, what: "moved-on" }, name)).toBe("Moved on");
    expect(describeNote({ at: 0, what: "moved-on", node: "a" }, name)).toBe("Moved on: a");
    expect(describeNote({ at: 0, what: "approve", node: "a" }, name)).toBe("Approved: a");
  });
  it("says who cancelled", () => {
    const reason = { code: "saga-cancelled", message: "customer called", by: "Ada" };
    expect(describeReason(stateOf([], { reason }), name)).toBe("Cancelled by Ada: customer called");
    expect(describeReason(stateOf([]), name)).toBeNull();
  });
});

describe("a place in the address", () => {
  it("comes back as it was written", () => {
    for (const text of ["charge", "charge.do", "charge.do.2", "charge.undo.1", "begin.note.0"]) {
      expect(writePlace(readPlace(text)!)).toBe(text);
    }
  });
  it("is none for anything else", () => {
    expect([null, "", "a.b", "A", "a.do.x", "a.undo.1.2"].map(readPlace)).toEqual(Array(6).fill(null));
  });
  it("is settled to the last attempt of the side that was worked at last", () => {
    const charge = doneStep("charge", base, {
      undo: { state: "stuck", attempt: 2, at: base + 20 },
      attempts: [
        { side: "action", number: 1, at: base, endedAt: base + 10 },
        { side: "compensation", number: 1, at: base + 20, endedAt: base + 25 },
        { side: "compensation", number: 2, at: base + 30, endedAt: base + 35 },
      ],
    });
    const state = stateOf([doneStep("reserve", base), charge, visit("done")], { phase: "backward" });
    expect(writePlace(settlePlace({ node: "charge" }, state))).toBe("charge.undo.2");
    expect(writePlace(settlePlace({ node: "charge", side: "action", attempt: 9 }, state))).toBe("charge.do.1");
    expect(writePlace(settlePlace({ node: "done" }, state))).toBe("done");
    expect(writePlace(settlePlace({ node: "charge", note: 0 }, state))).toBe("charge.note.0");
    expect(placeToShow(state, "begin")).toEqual({ node: "charge", side: "compensation" });
    expect(placeToShow(stateOf([]), "begin")).toEqual({ node: "begin" });
  });
});
