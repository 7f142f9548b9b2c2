import { expect, test } from "vitest";
import { readLive } from "./deployment-live";
import { NodeCounters } from "./node-counters";
import type { Pipeline, RunningStage } from "./pipeline";

const now = 1_700_000_000_000;

function live(
  counters: Record<string, NodeCounters>,
  drawn: Record<string, string> = {},
  held: [string, number][] = [],
) {
  const stages = Object.keys(counters).map((node) => {
    return { node, drawn: { node: drawn[node] ?? node, input: "in" } } as RunningStage;
  });
  return readLive({
    pipeline: {
      counters: new Map(Object.entries(counters)),
      stages,
      searchables: { missed: {} },
    } as unknown as Pipeline,
    failure: null,
    carriedOut: { revision: 1, desired: "running" },
    stopping: false,
    version: 1,
    lanes: [],
    held: new Map(held.map(([node, count]) => [node, { node, count, stuck: 2 }])),
    tracesDropped: 0,
  });
}

function count(changes: Partial<NodeCounters>, ports: Record<string, number> = {}): NodeCounters {
  const counters = Object.assign(new NodeCounters("running", now), changes);
  for (const [port, messages] of Object.entries(ports)) counters.count(port, messages);
  return counters;
}

test("a further input counts as its node", () => {
  const reserve = count({ in: 5, dead: 1 }, { out: 4 });
  const reply = count({ in: 3, failed: 2, dead: 1, inFlight: 1 }, { error: 1 });
  reply.hold("degraded", { code: "store-unreachable", message: "Away." }, now);
  const { nodes, state } = live({ reserve, "reserve.reply": reply }, { "reserve.reply": "reserve" });
  expect(Object.keys(nodes)).toEqual(["reserve"]);
  expect(nodes.reserve).toMatchObject({
    in: 8,
    ports: { out: 4, error: 1 },
    failed: 2,
    dead: 2,
    inFlight: 1,
    state: "degraded",
    cause: { code: "store-unreachable" },
  });
  expect(state).toBe("degraded");
});

test("where only a further input gets messages, its counts are the node's", () => {
  const { nodes } = live({ "reserve.reply": count({ in: 3 }) }, { "reserve.reply": "reserve" });
  expect(nodes).toMatchObject({ reserve: { in: 3 } });
});

test("tells how many are held at a node, as far as it is drawn", () => {
  const { nodes } = live({ delay: count({}) }, {}, [
    ["delay", 7],
    ["gone", 3],
  ]);
  expect(nodes.delay).toMatchObject({ held: 7, stuck: 2 });
  expect(nodes.gone).toBeUndefined();
});
