import { describe, expect, it } from "vitest";
import type { RunStep } from "@/flow/control";
import { nameEdge } from "@/flow/graph";
import { countOut, numberVisits, sagasOf, visitsOf, visitToShow, wayOf } from "./visits";

const step = (node: string, change: Partial<RunStep> = {}): RunStep => ({
  node,
  startMs: 0,
  durationMs: 1,
  attempt: 1,
  in: 0,
  out: [{ port: "out", payload: 0 }],
  state: "done",
  ...change,
});
const edges = [
  { from: "orders", to: "route" },
  { from: "route.de", to: "german" },
  { from: "route.fr", to: "tax" },
  { from: "tax.error", to: "log" },
];

describe("visits", () => {
  it("join the attempts of one message at one node", () => {
    const visits = visitsOf({
      payloads: [],
      steps: [
        step("orders"),
        step("tax", { state: "retry", out: [], startMs: 5, durationMs: 2 }),
        step("tax", { state: "retry", out: [], attempt: 2, startMs: 20, durationMs: 2 }),
        step("tax", { state: "dead", out: [], attempt: 3, startMs: 40, durationMs: 3 }),
      ],
    });
    expect(visits.map(({ node, attempts }) => [node, attempts.length])).toEqual([
      ["orders", 1],
      ["tax", 3],
    ]);
    expect(visits[1]).toMatchObject({ step: 1, state: "dead", startMs: 5, endMs: 43 });
    expect(visitToShow(visits)?.node).toBe("tax");
  });
  it("keep the parts of a split apart", () => {
    const visits = visitsOf({ payloads: [], steps: [step("split"), step("sink", { in: 1 }), step("sink", { in: 2 })] });
    expect(visits.map(({ node }) => node)).toEqual(["split", "sink", "sink"]);
  });
  it("keep messages apart of which nothing was kept, and join the attempts of each", () => {
    const lost = { in: null, unkept: true as const };
    const visits = visitsOf({
      payloads: [],
      steps: [
        step("call", { ...lost, state: "retry", out: [] }),
        step("call", { ...lost, attempt: 2 }),
        step("call", { ...lost, state: "retry", out: [] }),
        // Held when it ended: the next one is another message.
        step("call", { ...lost, state: "retry", out: [] }),
        step("call", { ...lost, attempt: 2, state: "dead", out: [] }),
      ],
    });
    expect(visits.map(({ state, attempts }) => [state, attempts.length])).toEqual([
      ["done", 2],
      ["retry", 1],
      ["dead", 2],
    ]);
  });
  it("are numbered by node", () => {
    const visits = visitsOf({ payloads: [], steps: [step("a"), step("sink", { in: 1 }), step("sink", { in: 2 })] });
    expect([...numberVisits(visits).values()]).toEqual([
      { at: 1, of: 1 },
      { at: 1, of: 2 },
      { at: 2, of: 2 },
    ]);
  });
  it("count what left, kept or not", () => {
    expect(countOut(step("split", { moreOut: { out: 240, error: 2 } }))).toBe(243);
    const steps = [step("orders", { moreOut: { out: 240 } }), step("route", { in: null, unkept: true })];
    expect(wayOf(visitsOf({ payloads: [], steps }), edges).edges[nameEdge(edges[0]!)]?.label).toBe("241×");
  });
  it("name the sagas that were begun, each once", () => {
    const begun = step("place", { note: { saga: "s-1" } });
    expect(sagasOf(visitsOf({ payloads: [], steps: [step("orders"), begun, { ...begun, in: 1 }] }))).toEqual(["s-1"]);
  });
  it("show the last one when nothing failed", () => {
    expect(visitToShow(visitsOf({ payloads: [], steps: [step("a"), step("b")] }))?.node).toBe("b");
    expect(visitToShow([])).toBeUndefined();
  });
});

describe("the way", () => {
  it("show the one that waits for a later try, in words and amber", () => {
    const cause = { code: "http-status", message: "The endpoint answered 500." };
    const parked = step("tax", { state: "parked", out: [], cause });
    const visits = visitsOf({ payloads: [], steps: [step("orders"), parked, step("log", { in: 1 })] });
    expect(visitToShow(visits)?.node).toBe("tax");
    expect(wayOf(visits, edges).nodes.tax).toMatchObject({ tone: "warn", words: "Waits for a later try" });
  });

  it("colours the wires that were taken and no other", () => {
    const steps = [
      step("orders"),
      step("route", { out: [{ port: "fr", payload: 0 }] }),
      step("tax", { state: "retry", out: [] }),
      step("tax", { state: "dead", attempt: 2, out: [] }),
    ];
    const way = wayOf(visitsOf({ payloads: [], steps }), edges);
    expect(Object.fromEntries(Object.entries(way.nodes).map(([id, { tone }]) => [id, tone]))).toEqual({
      orders: "ok",
      route: "ok",
      tax: "bad",
    });
    expect(way.nodes.tax?.words).toBe("2 attempts, then dead letter");
    expect(Object.keys(way.edges)).toEqual([nameEdge(edges[0]!), nameEdge(edges[2]!)]);
  });
  it("shows an error wire as one", () => {
    const steps = [step("tax", { state: "failed", out: [{ port: "error", payload: 1 }] }), step("log", { in: 1 })];
    expect(wayOf(visitsOf({ payloads: [], steps }), edges).edges).toEqual({ [nameEdge(edges[3]!)]: { tone: "bad" } });
  });
  it("counts the messages of a split at its wire", () => {
    const steps = [
      step("orders", {
        out: [
          { port: "out", payload: 1 },
          { port: "out", payload: 2 },
        ],
      }),
      step("route", { in: 1 }),
      step("route", { in: 2 }),
    ];
    expect(wayOf(visitsOf({ payloads: [], steps }), edges).edges[nameEdge(edges[0]!)]).toEqual({
      tone: "ok",
      label: "2×",
    });
  });
  it("keeps the worst of several visits", () => {
    const steps = [step("sink", { in: 1, state: "dead", out: [] }), step("sink", { in: 2 })];
    expect(wayOf(visitsOf({ payloads: [], steps }), []).nodes.sink).toMatchObject({
      tone: "bad",
      words: "Dead letter",
    });
  });
});
