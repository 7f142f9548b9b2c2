import { describe, expect, it } from "vitest";
import { type Arrived, compareBooks, judge, type Wanted } from "./books";

/** A hundred messages of five keys that arrive as they should. */
const wanted: Wanted[] = Array.from({ length: 100 }, (_, n) => ({ id: String(n), key: `k${n % 5}`, atMost: 1 }));
const right: Arrived[] = wanted.map(({ id, key }) => ({ id, key, lane: key }));
const strict = { duplicates: 0, ordered: true };
const verdict = (arrived: readonly Arrived[], claim = strict, sent = wanted) =>
  judge("out", compareBooks(sent, arrived), claim);

describe("the checker", () => {
  it("finds nothing wrong where everything is as it was sent", () => {
    expect(verdict(right)).toEqual([]);
  });

  it("fails on one lost message", () => {
    expect(verdict(right.toSpliced(42, 1))).toEqual(["out: 1 lost (42)"]);
  });

  it("fails on one doubled message where once is claimed, and keeps to the bound elsewhere", () => {
    const doubled = [...right, right[7]!, right[8]!];
    expect(verdict(doubled)).toEqual(["out: 2 doubled where at most 0 may be (7, 8)"]);
    expect(verdict(doubled, { duplicates: 2, ordered: true })).toEqual([]);
    expect(verdict(doubled, { duplicates: 1, ordered: true })).toEqual([
      "out: 2 doubled where at most 1 may be (7, 8)",
    ]);
  });

  it("fails on two messages of a key that changed places, where order is claimed", () => {
    const swapped = right.with(10, right[15]!).with(15, right[10]!);
    expect(verdict(swapped)).toEqual(["out: 1 out of order (10 after 15, key k0)"]);
    expect(verdict(swapped, { duplicates: 0, ordered: false })).toEqual([]);
  });

  it("does not take a repetition for a disorder", () => {
    const again = [...right.slice(0, 20), ...right.slice(5)];
    expect(verdict(again, { duplicates: 15, ordered: true })).toEqual([]);
  });

  it("fails on messages of different keys changing places not at all", () => {
    expect(verdict(right.with(10, right[11]!).with(11, right[10]!))).toEqual([]);
  });

  it("fails on a key that is in two lanes", () => {
    expect(verdict(right.with(50, { ...right[50]!, lane: "elsewhere" }))).toEqual([
      "out: 1 out of order (50: key k0 in elsewhere and in k0)",
    ]);
  });

  it("fails on what nobody sent, and on another key", () => {
    const foreign = [...right, { id: "1000", key: "k0", lane: "k0" }];
    expect(verdict(foreign)).toEqual(["out: 1 that nobody sent (1000 with key k0)"]);
    expect(verdict(right.with(3, { ...right[3]!, key: "k4" }))).toEqual([
      "out: 1 lost (3)",
      "out: 1 that nobody sent (3 with key k4)",
    ]);
  });

  it("takes what was sent twice for sent twice", () => {
    const sent = wanted.with(7, { ...wanted[7]!, atMost: 2 });
    expect(verdict([...right, right[7]!], strict, sent)).toEqual([]);
    expect(verdict([...right, right[7]!, right[7]!], strict, sent)).toHaveLength(1);
  });
});
