import { describe, expect, it } from "vitest";
import type { FlowSummary, LaneView, LiveView } from "@/server/views";
import { lagOfFlow, readFlowState } from "./flow-state";

const now = 1_000_000;
const lane = (change: Partial<LaneView> = {}): LaneView => ({
  ...{ node: "in", lane: "orders/0", position: "5", lag: 0, inFlight: 0, full: false, owners: [] },
  ...{ lastProgressAt: now - 120_000, state: "idle", since: now - 300_000 },
  ...change,
});
const live = (lanes: LaneView[], change: Partial<LiveView> = {}): LiveView => ({
  ...{ flow: "orders", state: "running", desired: "running", label: null, version: 1, revision: 1, nodes: {} },
  ...{ workers: [], deadLetters: 0, tracesDropped: 0, lanes },
  ...change,
});
const flow = (change: object = {}) =>
  ({ deployment: { desired: "running", updatedAt: new Date(5), updatedBy: "Nora", ...change } }) as FlowSummary;
const read = (view: LiveView) => readFlowState(flow(), view, now);

describe("the state of a flow in a list", () => {
  it("is idle when nothing was done for a minute, since its last message", () =>
    expect(read(live([lane(), lane({ lastProgressAt: now - 90_000 })]))).toMatchObject({
      words: "Idle",
      since: now - 90_000,
      cause: "Nothing waits at its sources.",
    }));
  it("is running between two messages, and while a lane has work", () => {
    expect(read(live([lane({ lastProgressAt: now - 1_000 })])).words).toBe("Running");
    expect(read(live([lane(), lane({ state: "flowing" })])).words).toBe("Running");
    expect(read(live([])).words).toBe("Running");
  });
  it("is finished when its sources have made all", () => {
    const ended = lane({ ended: true, lastProgressAt: now - 1_000 });
    expect(read(live([ended]))).toMatchObject({ words: "Finished", since: now - 1_000, tone: "idle" });
    expect(read(live([ended, lane()])).words).not.toBe("Finished");
  });
  it("is stalled by one lane, with its cause, whatever else is said of it", () => {
    const cause = { code: "lane-stalled", message: "Nothing was settled for 12 s." };
    const view = live([lane(), lane({ state: "stalled", since: 7, cause })], { state: "degraded", cause });
    expect(read(view)).toMatchObject({ tone: "bad", words: "Stalled", since: 7, cause: `orders/0: ${cause.message}` });
  });
  it("is paused when a node that is disabled holds all that comes", () => {
    const cause = { code: "node-disabled", message: "`total` is disabled." };
    expect(read(live([lane(), lane({ state: "retrying", since: 9, cause })]))).toMatchObject({
      words: "Paused",
      since: 9,
    });
  });
  it("tells since when and by whom it is stopped, and what was never deployed", () => {
    const stopped = live([], { state: "stopped", desired: "stopped" });
    expect(readFlowState(flow({ desired: "stopped" }), stopped, now)).toMatchObject({
      words: "Stopped",
      since: 5,
      cause: "By Nora.",
    });
    expect(readFlowState({ ...flow(), deployment: null }, undefined, now).words).toBe("Never deployed");
  });
});

it("the lag of a flow is that of the lanes whose brokers tell it", () => {
  expect(lagOfFlow(live([lane({ lag: 3 }), lane({ lag: null }), lane({ lag: 4 })]))).toBe(7);
  expect(lagOfFlow(live([lane({ lag: null })]))).toBeNull();
  expect(lagOfFlow(live([lane({ lag: 3 })], { desired: "stopped" }))).toBeNull();
});
