import { describe, expect, it } from "vitest";
import { checkFlow } from "./check";
import { diffFlows } from "./diff";
import { waysToDisable, withoutDisabled } from "./disabled";
import type { FlowNode } from "./document";
import type { Message } from "./message";
import { disabledBehaviour } from "./nodes/disabled.behaviour";
import { formatFlow, parseFlow } from "./parse";
import { planOf } from "./plan";
import { semanticsOf } from "./semantics";
import { type DrawnNode, drawFlow } from "./testing/drawing";

const source: DrawnNode = ["in", "kafka-source", { topic: "orders" }];
const sink: DrawnNode = ["out", "kafka-sink", { topic: "done" }];
const other: DrawnNode = ["other", "log"];
const route = (disabled?: FlowNode["disabled"]): DrawnNode => [
  "route",
  "switch",
  { cases: [{ port: "de", when: "body.c == 'DE'" }] },
  disabled ? { disabled } : {},
];
const wires = ["in>route", "route.de>out", "route.otherwise>other", "route.error>other"] as const;
const draw = (disabled?: FlowNode["disabled"]) => drawFlow([source, route(disabled), sink, other], ...wires);
const codes = (flow: ReturnType<typeof draw>) =>
  checkFlow(flow).map(({ code, severity, node }) => `${code}${severity === "warning" ? "?" : ""} ${node}`);

describe("a disabled node", () => {
  it("passes messages on by its first port alone, and is still a place that they come by", () => {
    const stages = planOf(draw("pass")).segments[0]!.stages;
    expect(stages.map(({ node, kind, targets }) => ({ node, kind, targets }))).toEqual([
      { node: "in", kind: "kafka-source", targets: { out: ["route"] } },
      { node: "route", kind: "disabled", targets: { de: ["out"] } },
      { node: "out", kind: "kafka-sink", targets: { error: [] } },
    ]);
    expect(codes(draw("pass"))).toEqual(["node-unreachable? other"]);
  });

  it.each(["drop", "block"] as const)("%s: leads nowhere, and says so", (does) => {
    const [, stage, ...rest] = planOf(draw(does)).segments[0]!.stages;
    expect(stage).toMatchObject({ node: "route", role: "step", config: { does }, targets: {} });
    expect(rest).toEqual([]);
    expect(codes(draw(does))).toEqual(["node-disabled? route", "node-unreachable? out", "node-unreachable? other"]);
    const { weakenings } = semanticsOf(draw(does));
    expect(weakenings.find(({ node }) => node === "route")).toMatchObject({
      weakens: "delivery",
      usual: does === "block",
    });
  });

  it("of a source does not read; a flow without another has none", () => {
    const off: DrawnNode = ["in", "kafka-source", { topic: "orders" }, { disabled: "block" }];
    const two = drawFlow([off, ["hook", "webhook-source", { path: "a" }], sink], "in>out", "hook>out");
    expect(planOf(two).segments[0]!.sources).toEqual(["hook"]);
    expect(checkFlow(two)).toEqual([]);
    const one = drawFlow([off, sink], "in>out");
    expect(codes(one)).toEqual(["source-missing undefined", "node-unreachable? out"]);
    expect(semanticsOf(one).summary).toBe("No source is enabled");
  });

  it("need not have its settings yet", () => {
    const flow = drawFlow([source, ["f", "filter", {}, { disabled: "pass" }], sink], "in>f", "f.pass>out");
    expect(codes(flow)).toEqual(["config-field-missing? f"]);
    expect(planOf(flow).segments[0]!.stages[1]).toMatchObject({ kind: "disabled", targets: { pass: ["out"] } });
  });

  it("drops what comes in by an entrance while it passes on what comes in by `in`", () => {
    const wait: DrawnNode = ["w", "wait", { for: "key", event: "key", timeout: "1h" }, { disabled: "pass" }];
    const flow = drawFlow(
      [source, ["paid", "kafka-source", { topic: "paid" }], wait, sink],
      "in>w",
      "paid>w.event",
      "w>out",
    );
    const stages = planOf(flow).segments[0]!.stages.filter(({ drawn }) => drawn.node === "w");
    expect(stages.map(({ node, config, targets }) => [node, (config as { does: string }).does, targets])).toEqual([
      ["w", "pass", { out: ["out"] }],
      ["w.event", "drop", {}],
    ]);
  });

  it("cannot pass without a port, nor stand inside of a saga", () => {
    const off: DrawnNode = ["out", "kafka-sink", { topic: "done" }, { disabled: "pass" }];
    expect(codes(drawFlow([source, off], "in>out"))).toEqual(["disabled-cannot-pass out"]);
    expect(() => planOf(drawFlow([source, off], "in>out"))).toThrow(/no port to pass by/);
    const saga = (start: object, step: object) =>
      drawFlow(
        [
          source,
          ["s", "saga-start", { key: "key" }, start],
          ["step", "saga-step", { action: { call: "http", connection: "http", url: "/a" }, harmless: true }, step],
          ["end", "saga-end"],
        ],
        "in>s",
        "s>step",
        "step>end",
      );
    expect(codes(saga({}, { disabled: "drop" }))).toContain("saga-node-disabled step");
    expect(codes(saga({ disabled: "pass" }, {}))).toContain("disabled-cannot-pass s");
    // No saga begins; those in flight still have their program.
    const paused = saga({ disabled: "block" }, {});
    expect(checkFlow(paused).filter(({ severity }) => severity === "error")).toEqual([]);
    expect(planOf(paused).sagas).toHaveLength(1);
    expect(planOf(paused).segments[0]!.stages.at(-1)).toMatchObject({ node: "s", kind: "disabled" });
  });

  it("is in the file, and a change of what runs", () => {
    const flow = draw("drop");
    expect(parseFlow(formatFlow(flow)).flow).toEqual(flow);
    const { differs, nodes } = diffFlows(draw(), flow);
    expect(differs).toBe("behaviour");
    expect(nodes).toMatchObject([{ id: "route", change: "changed", fields: [{ path: "disabled", after: "drop" }] }]);
  });

  it("is left out with its wires, and several in a row pass on", () => {
    const flow = drawFlow(
      [source, ["a", "map", { value: "body" }, { disabled: "pass" }], ["b", "log", {}, { disabled: "pass" }], sink],
      "in>a",
      "a>b",
      "b>out",
    );
    expect(withoutDisabled(flow).edges).toEqual([{ from: "in", to: "out" }]);
    expect(withoutDisabled(draw())).toEqual(draw());
  });
});

it("offers what a node can do", () => {
  const nodes = drawFlow([source, route(), sink]).nodes;
  expect(nodes.map((node) => waysToDisable(node))).toEqual([["block"], ["pass", "drop", "block"], ["drop", "block"]]);
});

it("answers by what it does", () => {
  const message = {} as Message;
  const context = { count: () => {} } as never;
  const answer = (does: "pass" | "drop" | "block") =>
    disabledBehaviour.open({ does, node: "x", port: "out" }, context).process([message], {} as never);
  expect(answer("pass")).toEqual([{ leavesBy: "out" }]);
  expect(answer("drop")).toEqual([{ emit: [] }]);
  expect(answer("block")).toMatchObject([
    { verdict: "retry", of: "dependency", cause: { code: "node-disabled", message: expect.stringContaining("`x`") } },
  ]);
});
