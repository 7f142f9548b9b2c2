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

  it("lets what is held leave by its exits, and makes a stage of each input that messages come in by", () => {
    const flow = drawFlow(
      [
        source,
        ["hook", "webhook-source", { path: "paid" }],
        ["later", "delay", { for: "1m" }],
        ["wait", "wait", { awaits: "body.id" }],
        sink,
        ["trap", "log"],
      ],
      "in>later",
      "later>wait",
      "hook>wait.event",
      "wait>out",
      "wait.timeout>trap",
      "wait.error>trap",
      "later.error>trap",
    );
    const { segments, exits, sagas } = planOf(flow);
    expect(segments[0]?.stages.map(({ node, drawn, role, targets }) => [node, drawn.input, role, targets])).toEqual([
      ["in", "in", "source", { out: ["later"] }],
      ["hook", "in", "source", { out: ["wait.event"] }],
      ["later", "in", "sink", { error: ["trap"] }],
      ["wait", "in", "sink", { error: ["trap"] }],
      ["wait.event", "event", "sink", { error: ["trap"] }],
      ["out", "in", "sink", { error: [] }],
      ["trap", "in", "step", expect.anything()],
    ]);
    expect(exits).toEqual({ later: { out: ["wait"] }, wait: { out: ["out"], timeout: ["trap"] } });
    expect(sagas).toEqual([]);
  });

  it("interprets what stands in a saga: only its start and inputs from outside are stages", () => {
    const topic = { call: "topic", topic: "stock" };
    const flow = drawFlow(
      [
        source,
        ["answers", "kafka-source", { topic: "answers" }],
        ["start", "saga-start"],
        ["reserve", "saga-step", { action: topic, compensation: topic }],
        ["dear", "switch", { cases: [{ port: "dear", when: "body.total > 5" }] }],
        ["ask", "saga-approval", { question: "Ship?" }],
        ["end", "saga-end"],
        sink,
        ["undone", "log"],
      ],
      "in>start",
      "start>reserve",
      "answers>reserve.reply",
      "reserve>dear",
      "dear.dear>ask",
      "dear.otherwise>end",
      "ask.approved>end",
      "end>out",
      "start.compensated>undone",
      "start.error>undone",
    );
    const { segments, exits, sagas } = planOf(flow);
    expect(segments[0]?.stages.map(({ node, drawn, role, targets }) => [node, drawn, role, targets])).toEqual([
      ["in", { node: "in", input: "in" }, "source", { out: ["start"] }],
      ["answers", { node: "answers", input: "in" }, "source", { out: ["reserve.reply"] }],
      ["start", { node: "start", input: "in" }, "sink", { error: ["undone"] }],
      ["reserve.reply", { node: "reserve", input: "reply" }, "sink", { error: [] }],
      ["undone", { node: "undone", input: "in" }, "step", expect.anything()],
      ["out", { node: "out", input: "in" }, "sink", { error: [] }],
    ]);
    expect(exits).toEqual({ start: { compensated: ["undone"] }, end: { out: ["out"] } });
    expect(sagas.map(({ start, nodes }) => [start, Object.keys(nodes)])).toEqual([
      ["start", ["reserve", "dear", "ask", "end"]],
    ]);
  });

  it("leaves out what is held where no source leads to", () => {
    const nodes: DrawnNode[] = [source, sink, ["late", "delay", { for: "1m" }], ["trap", "log"], ["stray", "log"]];
    const plan = planOf(drawFlow(nodes, "in>out", "stray>late", "late>trap"));
    expect(plan.segments[0]?.stages.map(({ node }) => node)).toEqual(["in", "out"]);
    expect(plan.exits).toEqual({});
  });

  it.each([
    ["a circle over an exit", drawFlow([source, ["a", "delay", { for: "1m" }], ["b", "log"]], "in>a", "a>b", "b>a")],
    ["part of a saga outside of one", drawFlow([source, ["a", "saga-join"]], "in>a")],
    [
      "a wire into the middle of a saga",
      drawFlow([source, ["s", "saga-start"], ["a", "saga-end"]], "in>s", "s>a", "in>a"),
    ],
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
