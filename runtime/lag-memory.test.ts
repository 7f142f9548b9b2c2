import { describe, expect, it } from "vitest";
import { LagMemory, lagSpanMs } from "./lag-memory";

/** A look a second, from `from`, at a lane whose lag is what `lag` says. */
function look(memory: LagMemory, from: number, seconds: number, lag: (second: number) => number | null) {
  let before: number | undefined;
  for (let second = 0; second <= seconds; second++) before = memory.note(lag(second), from + second * 1_000);
  return before;
}

describe("the lag of five minutes ago", () => {
  it("is not known before five minutes have passed", () => {
    expect(look(new LagMemory(), 0, lagSpanMs / 1_000 - 1, () => 5)).toBeUndefined();
  });

  it("is that of then, half a minute more or less", () => {
    const before = look(new LagMemory(), 0, 900, (second) => second);
    expect(before).toBeGreaterThan(900 - 331);
    expect(before).toBeLessThanOrEqual(600);
  });

  it("is forgotten when the broker tells it no more, or the clock goes back", () => {
    const memory = new LagMemory();
    look(memory, 0, 600, () => 5);
    memory.note(null, 601_000);
    expect(memory.note(9, 602_000)).toBeUndefined();
    look(memory, 602_000, 600, () => 5);
    expect(memory.note(9, 1_000)).toBeUndefined();
  });
});
