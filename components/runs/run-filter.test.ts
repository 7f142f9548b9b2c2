import { describe, expect, it } from "vitest";
import type { RunSummary } from "@/server/views";
import { addRuns, matchesFilter, newRunsFor, readFilter, writeFilter } from "./run-filter";

const run = (change: Partial<RunSummary> = {}): RunSummary => ({
  id: "r1",
  flow: "orders",
  version: 2,
  state: "done",
  key: "c-1",
  source: "in",
  lane: "orders/0",
  position: "1",
  startedAt: new Date(100_000),
  durationMs: 1,
  attempts: 1,
  traceId: "abc",
  workerId: "w",
  errorNode: null,
  error: null,
  ...change,
});

describe("the address of a list", () => {
  it("comes back as it was written", () => {
    const filter = {
      flow: "orders",
      state: ["dead", "failed"] as const,
      version: 3,
      node: "tax",
      key: "c 1&2",
      traceId: "abc",
      text: "503",
      by: "value:order" as const,
      within: "15m",
      from: "2026-11-27T10:00:00.000Z",
      to: "2026-11-27T11:00:00.000Z",
      longerMs: 1_000,
      attempts: 3,
    };
    const query = writeFilter({ ...filter, state: [...filter.state] });
    expect(readFilter(new URLSearchParams(query))).toEqual(filter);
  });
  it("leaves out what is not understood", () => {
    expect(
      readFilter(
        new URLSearchParams("?state=nonsense,dead&version=x&flow=%20&within=soon&from=then&longer=-1&attempts=1"),
      ),
    ).toEqual({ state: ["dead"] });
    expect(writeFilter({})).toBe("");
  });
});

describe("live rows", () => {
  it("belong when every part of the filter fits", () => {
    expect(matchesFilter(run(), {})).toBe(true);
    expect(matchesFilter(run(), { flow: "orders", state: ["done"], key: "c-1", traceId: "abc", version: 2 })).toBe(
      true,
    );
    expect(matchesFilter(run(), { flow: "other" })).toBe(false);
    expect(matchesFilter(run({ attempts: 3, durationMs: 50 }), { attempts: 2, longerMs: 50 })).toBe(true);
    expect(matchesFilter(run(), { attempts: 2 })).toBe(false);
    expect(matchesFilter(run(), { from: new Date(100_001).toISOString() })).toBe(false);
    expect(matchesFilter(run(), { state: ["dead"] })).toBe(false);
    expect(matchesFilter(run(), { text: "anything" })).toBe(false);
  });
  it("are those not shown yet, without old ones that filters or pages left out", () => {
    const shown = [run({ id: "b", startedAt: new Date(200_000) }), run({ id: "a" })];
    const live = [
      run({ id: "c", startedAt: new Date(300_000) }),
      run({ id: "late", startedAt: new Date(199_000) }),
      run({ id: "b", startedAt: new Date(200_000) }),
      run({ id: "old", startedAt: new Date(1000) }),
    ];
    expect(newRunsFor(live, shown, {}).map(({ id }) => id)).toEqual(["c", "late"]);
  });
  it("are none of those behind the last that is shown, however short before the newest they began", () => {
    const shown = [run({ id: "b", startedAt: new Date(20_000) }), run({ id: "a", startedAt: new Date(19_000) })];
    const live = [
      run({ id: "between", startedAt: new Date(19_500) }),
      run({ id: "behind", startedAt: new Date(18_000) }),
      ...shown,
    ];
    expect(newRunsFor(live, shown, {}, true).map(({ id }) => id)).toEqual(["between"]);
    expect(newRunsFor(live, shown, {}, false)).toHaveLength(2);
  });
});

describe("a list that lets runs in", () => {
  const old = [run({ id: "b", startedAt: new Date(2_000) }), run({ id: "a", startedAt: new Date(1_000) })];
  it("has each once, the newest first", () => {
    const added = [run({ id: "c", startedAt: new Date(1_500) }), run({ id: "b", startedAt: new Date(2_000) })];
    expect(addRuns(old, added, 9).runs.map(({ id }) => id)).toEqual(["b", "c", "a"]);
  });
  it("forgets its end, and says so", () => {
    const { runs, cut } = addRuns(old, [run({ id: "c", startedAt: new Date(3_000) })], 2);
    expect([runs.map(({ id }) => id), cut]).toEqual([["c", "b"], true]);
  });
});
