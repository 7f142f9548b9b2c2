import { describe, expect, it, test } from "vitest";
import type { Cause } from "../flow/verdict";
import { decideLaneState, type LaneFacts, type Station } from "./lane-state";
import { LaneWatch } from "./lane-watch";

const calm: LaneFacts = { lag: 0, inFlight: 0, full: false, stillMs: 0 };
const busy: LaneFacts = { ...calm, lag: 7, inFlight: 3 };
const refused: Cause = { code: "circuit-open", message: "The circuit is open." };
const unreachable: Cause = { code: "broker-unreachable", message: "Kafka cannot be reached." };
const fetch = (forMs: number) => ({ what: "A fetch to 127.0.0.1:9092", forMs });
const at = (station: Partial<Station>): Station => ({
  node: "call",
  forMs: 12_000,
  quietMs: 12_000,
  keepsPace: false,
  ...station,
});

describe("decideLaneState", () => {
  it.each<[string, LaneFacts, string, RegExp | null]>([
    ["nothing to do", calm, "idle", null],
    ["a broker that does not say how much waits", { ...calm, lag: null }, "idle", null],
    ["nothing to do, for an hour", { ...calm, stillMs: 3_600_000 }, "idle", null],
    ["a fetch that has waited its usual time", { ...calm, call: fetch(400) }, "idle", null],
    ["nothing known to do, but the broker is silent", { ...calm, call: fetch(31_000) }, "stalled", /fetch.*31 s/],
    ["work", busy, "flowing", null],
    ["work, still for a moment", { ...busy, stillMs: 9_000, station: at({ forMs: 9_000 }) }, "flowing", null],
    ["full", { ...busy, full: true, station: at({ forMs: 100, quietMs: 5 }) }, "waiting", /waits for `call`/],
    [
      "full behind a slow node that goes on",
      { ...busy, full: true, stillMs: 60_000, station: at({ quietMs: 900 }) },
      "waiting",
      /`call`/,
    ],
    ["a slow node that goes on", { ...busy, stillMs: 60_000, station: at({ quietMs: 900 }) }, "flowing", null],
    [
      "a rate limit of one in a minute",
      { ...busy, full: true, stillMs: 50_000, station: at({ keepsPace: true }) },
      "waiting",
      /`call`/,
    ],
    ["an open circuit", { ...busy, stillMs: 60_000, station: at({ hold: refused }) }, "retrying", /circuit/],
    [
      "a call without an answer",
      { ...busy, stillMs: 12_900, station: at({}) },
      "stalled",
      /Nothing was settled for 12 s.*12 s for an answer of `call`/,
    ],
    [
      "a node that never answered",
      { ...busy, stillMs: 11_000, station: { ...at({}), quietMs: undefined } },
      "stalled",
      /`call`/,
    ],
    ["full behind a node that hangs", { ...busy, full: true, stillMs: 11_000, station: at({}) }, "stalled", /`call`/],
    [
      "a fetch without an answer",
      { ...calm, lag: 9, stillMs: 31_000, call: fetch(31_000) },
      "stalled",
      /A fetch to 127.0.0.1:9092 has waited 31 s/,
    ],
    ["a commit without an answer", { ...calm, inFlight: 5, stillMs: 11_000 }, "stalled", /committed/],
    [
      "messages that the broker does not hand over",
      { ...calm, lag: 9, stillMs: 11_000, call: fetch(200) },
      "stalled",
      /9 messages wait at the broker/,
    ],
    [
      "a broker that has just gone",
      { ...busy, away: { cause: unreachable, forMs: 500 } },
      "retrying",
      /cannot be reached/,
    ],
    [
      "a broker that was silent before it was given up",
      { ...busy, stillMs: 12_000, away: { cause: unreachable, forMs: 900 } },
      "stalled",
      /cannot be reached/,
    ],
    ["a broker that is away", { ...busy, away: { cause: unreachable, forMs: 10_000 } }, "stalled", /cannot be reached/],
    [
      "a broker that is away, when nothing was known to do",
      { ...calm, away: { cause: unreachable, forMs: 10_000 } },
      "stalled",
      /cannot be reached/,
    ],
  ])("%s", (_, facts, state, words) => {
    const verdict = decideLaneState(facts);
    expect(verdict.state).toBe(state);
    if (words) expect(verdict.cause?.message).toMatch(words);
    else expect(verdict.cause).toBeUndefined();
  });
});

describe("LaneWatch", () => {
  function watch() {
    const changes: string[] = [];
    const lane = new LaneWatch((verdict, before) => changes.push(`${before.state} → ${verdict.state}`), 0);
    return { lane, changes };
  }

  test("counts from the last message that was settled, and tells each change once", () => {
    const { lane, changes } = watch();
    const work = { lag: 5, inFlight: 0, full: false };
    for (let second = 1; second <= 20; second++) lane.look(work, 1_000, second * 1_000);
    expect(lane.look(work, 1_000, 21_000)).toMatchObject({ state: "stalled", since: 11_000 });
    expect(lane.look(work, 21_500, 22_000)).toMatchObject({ state: "flowing", since: 22_000 });
    expect(changes).toEqual(["idle → flowing", "flowing → stalled", "stalled → flowing"]);
  });

  test("begins to count when work comes, not when the last was done", () => {
    const { lane } = watch();
    for (let second = 1; second <= 100; second++)
      lane.look({ lag: 0, inFlight: 0, full: false }, 1_000, second * 1_000);
    const work = { lag: 1, inFlight: 0, full: false };
    for (let second = 101; second < 110; second++) {
      expect(lane.look(work, 1_000, second * 1_000).state).toBe("flowing");
    }
    expect(lane.look(work, 1_000, 112_000).state).toBe("stalled");
  });

  test("counts the silence of a broker from its beginning, over the tries that fail", () => {
    const { lane } = watch();
    const calm = { lag: 0, inFlight: 0, full: false };
    const call = (forMs: number) => ({ ...calm, call: { what: "A fetch", forMs } });
    for (let second = 1; second <= 6; second++) lane.look(call(second * 1_000), 1_000, second * 1_000);
    // The connection is given up, and a new one is made: for a moment nothing is asked.
    lane.look(calm, 1_000, 7_000);
    const away = { cause: unreachable, forMs: 500 };
    for (let second = 8; second < 12; second++) lane.look({ ...calm, away }, 1_000, second * 1_000);
    expect(lane.look({ ...calm, away }, 1_000, 13_000).state).toBe("stalled");
    for (let second = 14; second < 20; second++) lane.look(calm, 1_000, second * 1_000);
    expect(lane.look(calm, 1_000, 20_000).state).toBe("idle");
    expect(lane.look({ ...calm, away }, 1_000, 21_000).state).toBe("retrying");
  });

  test("does not take a process that stood still, or a clock that jumped, for a lane that does", () => {
    const { lane } = watch();
    const work = { lag: 5, inFlight: 0, full: false };
    lane.look(work, 1_000, 1_000);
    expect(lane.look(work, 1_000, 41_000).state).toBe("flowing");
    expect(lane.look(work, 1_000, 90_000_000).state).toBe("flowing");
    expect(lane.look(work, 1_000, 5_000).state).toBe("flowing");
  });
});
