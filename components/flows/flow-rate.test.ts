import { describe, expect, it } from "vitest";
import type { LiveView } from "@/server/views";
import { rateOfFlow } from "./flow-rate";

const node = (rateIn: number, rates: Record<string, number> = {}): LiveView["nodes"][string] => ({
  state: "running",
  since: 0,
  in: 0,
  ports: {},
  failed: 0,
  retried: 0,
  dead: 0,
  inFlight: 0,
  rateIn,
  rates,
});
const lane = (id: string): LiveView["lanes"][number] => ({
  node: id,
  lane: `${id}/0`,
  position: null,
  lag: null,
  inFlight: 0,
  full: false,
  lastProgressAt: null,
  state: "idle",
  since: 0,
  owners: [],
});
const live = (
  nodes: LiveView["nodes"],
  lanes: LiveView["lanes"],
  desired: LiveView["desired"] = "running",
): LiveView => ({
  flow: "f",
  state: "running",
  desired,
  label: null,
  version: 1,
  revision: 1,
  nodes,
  lanes,
  workers: [],
  deadLetters: 0,
  tracesDropped: 0,
});

describe("rate of a flow", () => {
  it("counts what sources hand over, once for all their lanes", () => {
    const view = live({ a: node(0, { out: 30 }), b: node(0, { out: 12 }), sink: node(42) }, [
      lane("a"),
      lane("a"),
      lane("b"),
    ]);
    expect(rateOfFlow(view)).toBe(42);
  });
  it("uses the busiest node before lanes are assigned", () =>
    expect(rateOfFlow(live({ a: node(5), b: node(9) }, []))).toBe(9));
  it("is unknown for what does not run", () => {
    expect(rateOfFlow(undefined)).toBeNull();
    expect(rateOfFlow(live({ a: node(5) }, [], "stopped"))).toBeNull();
  });
});
