import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseFlow } from "./parse";
import { planOf } from "./plan";
import { type DrawnNode, drawFlow } from "./testing/drawing";

const source: DrawnNode = ["in", "kafka-source", { topic: "orders" }];
const sink: DrawnNode = ["out", "kafka-sink", { topic: "done" }];

describe("plan", () => {
  it("of Orders by country", () => {
    const { flow } = parseFlow(readFileSync("examples/orders-by-country.flow.json", "utf8"));
    expect(planOf(flow!)).toMatchSnapshot();
  });

  it("joins, fans out, keeps every port, and leaves unreachable nodes out", () => {
    const flow = drawFlow(
      [
        ["lost", "log"],
        ["route", "switch", { cases: [{ port: "de", when: "body.c == 'DE'" }], mode: "all" }],
        sink,
        ["trap", "log"],
        source,
        ["hook", "webhook-source", { path: "orders" }],
        ["pass", "filter", { when: "true" }, { retry: { attempts: 7, backoff: "fixed", delayMs: 1, maxDelayMs: 1 } }],
      ],
      "in>pass",
      "hook>pass",
      "pass.pass>route",
      "pass.error>trap",
      "route.de>out",
      "route.otherwise>out",
      "route.otherwise>trap",
    );
    const [segment] = planOf(flow).segments;
    expect(segment?.sources).toEqual(["in", "hook"]);
    expect(
      segment?.stages.map(({ node, targets, errorWired, retry }) => ({
        node,
        targets,
        errorWired,
        attempts: retry.attempts,
      })),
    ).toEqual([
      { node: "in", targets: { out: ["pass"] }, errorWired: false, attempts: 3 },
      { node: "hook", targets: { out: ["pass"] }, errorWired: false, attempts: 3 },
      { node: "pass", targets: { pass: ["route"], rest: [], error: ["trap"] }, errorWired: true, attempts: 7 },
      {
        node: "route",
        targets: { de: ["out"], otherwise: ["out", "trap"], error: [] },
        errorWired: false,
        attempts: 3,
      },
      { node: "out", targets: { error: [] }, errorWired: false, attempts: 3 },
      { node: "trap", targets: expect.objectContaining({ error: [] }), errorWired: false, attempts: 3 },
    ]);
  });

  it.each([
    ["no source", drawFlow([sink])],
    ["a circle", drawFlow([source, ["a", "log"], ["b", "log"]], "in>a", "a>b", "b>a")],
    ["an unknown port", drawFlow([source, sink], "in.x>out")],
    ["an unknown input", drawFlow([source, sink], "in>out.x")],
    ["an unknown node", drawFlow([source, sink], "in>x")],
    ["an unknown kind", drawFlow([source, ["x", "teleport"]], "in>x")],
    ["a broken config", drawFlow([source, ["x", "filter"]], "in>x")],
    ["a duplicate id", drawFlow([source, sink, sink], "in>out")],
  ])("refuses %s", (_, flow) => expect(() => planOf(flow)).toThrow());
});
