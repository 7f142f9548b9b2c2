import { describe, expect, it } from "vitest";
import { describeAge, filterAt, readSagaFilter, settleSagas, writeSagaFilter } from "./saga-filter";
import { base, summary } from "./testing";

const read = (query: string) => readSagaFilter(new URLSearchParams(query));

describe("the address of a list", () => {
  it("comes back as it was written", () => {
    const query =
      "?flow=place-order&status=asking,running&version=2&key=o-4711&step=charge&text=409&older=15m&within=7d";
    expect(writeSagaFilter(read(query))).toBe(query);
    expect(writeSagaFilter({})).toBe("");
  });
  it("leaves out what it does not understand", () => {
    expect(read("status=asking,broken&version=x&older=soon&key=")).toEqual({ status: ["asking"] });
  });
  it("asks for times where it says ages", () => {
    expect(filterAt({ older: "1h", within: "2d", key: "a" }, base)).toEqual({
      key: "a",
      startedBefore: new Date(base - 3_600_000),
      startedAfter: new Date(base - 172_800_000),
    });
    expect(["30s", "15m", "2h", "7d"].map(describeAge)).toEqual(["30 s", "15 min", "2 h", "7 d"]);
  });
});

describe("a list that is read anew", () => {
  const [a, b, c] = [summary("a", 10), summary("b", 20), summary("c", 30)];
  const shown = [c, b, a].map((saga) => ({ saga, gone: false }));
  const whole = { more: false };

  it("shows all of the first answer", () => {
    expect(settleSagas([], [c, b, a], whole)).toEqual({ listed: shown, fresh: [] });
  });
  it("keeps every row in its place, with what is known now", () => {
    const later = { ...b, status: "completed" as const };
    const { listed } = settleSagas(shown, [c, later, a], whole);
    expect(listed.map(({ saga }) => saga)).toEqual([c, later, a]);
    expect(listed[0]).toBe(shown[0]);
  });
  it("holds back what is new at the top and in the middle", () => {
    const [young, middle] = [summary("d", 40), summary("e", 15)];
    const { listed, fresh } = settleSagas(shown, [young, c, b, middle, a], whole);
    expect(listed.map(({ saga }) => saga.id)).toEqual(["c", "b", "a"]);
    expect(fresh).toEqual([young, middle]);
  });
  it("lets older ones in below", () => {
    const older = summary("z", 1);
    const { listed, fresh } = settleSagas(shown, [c, b, a, older], whole);
    expect(listed.map(({ saga }) => saga.id)).toEqual(["c", "b", "a", "z"]);
    expect(fresh).toEqual([]);
  });
  it("dims what no longer belongs, and only what the answer speaks of", () => {
    expect(settleSagas(shown, [c, a], whole).listed.map(({ gone }) => gone)).toEqual([false, true, false]);
    expect(settleSagas(shown, [c, b], { more: true }).listed.map(({ gone }) => gone)).toEqual([false, false, false]);
    expect(settleSagas(shown, [], whole).listed.every(({ gone }) => gone)).toBe(true);
  });
});
