import { describe, expect, it } from "vitest";
import type { DrawnNode } from "../testing/drawing";
import { drawSaga, drawStep } from "../testing/sagas";
import { compileSagas } from "./compile";

const end: DrawnNode = ["end", "saga-end"];
const compileOne = (...args: Parameters<typeof drawSaga>) => compileSagas(drawSaga(...args))[0]!;

describe("a saga, compiled", () => {
  it("knows its first node, where each port leads, and what stands behind each node", () => {
    const program = compileOne(
      [drawStep("reserve"), drawStep("charge"), ["trap", "saga-end"], end],
      "start>reserve",
      "reserve>charge",
      "charge>end",
      "charge.error>trap",
    );
    expect(program).toMatchObject({ start: "start", first: "reserve" });
    expect(program.nodes.charge?.targets).toEqual({ out: "end", error: "trap" });
    expect(program.nodes.reserve?.targets).toEqual({ out: "charge", error: null });
    expect(program.nodes.end).toEqual({ id: "end", does: "end", targets: {} });
    expect(program.behind).toEqual({
      reserve: ["charge", "end", "trap"].sort(
        (a, b) => Object.keys(program.nodes).indexOf(a) - Object.keys(program.nodes).indexOf(b),
      ),
      charge: expect.arrayContaining(["trap", "end"]),
      trap: [],
      end: [],
    });
  });

  it("knows how often and how long each side is tried", () => {
    const action = { url: "/a", attempts: 5, backoff: "fixed", delayMs: 10, maxDelayMs: 20, timeoutMs: 300 };
    const program = compileOne(
      [["a", "saga-step", { action, compensation: { url: "/b" }, into: "order.stock", pivot: true }], end],
      "start>a",
      "a>end",
    );
    expect(program.nodes.a).toEqual({
      id: "a",
      does: "step",
      targets: { out: "end", error: null },
      action: { attempts: 5, backoff: "fixed", delayMs: 10, maxDelayMs: 20, timeoutMs: 300, holdMs: 900_000 },
      compensation: {
        attempts: 10,
        backoff: "exponential",
        delayMs: 200,
        maxDelayMs: 30_000,
        timeoutMs: 10_000,
        holdMs: 900_000,
      },
      pivot: true,
      connections: ["http"],
      into: ["order", "stock"],
    });
  });

  it("pairs each join with its fork, also one inside of the other", () => {
    const program = compileOne(
      [
        ["outer", "saga-fork", { branches: ["a", "b"] }],
        ["inner", "saga-fork", { branches: ["c", "d"] }],
        ["pick", "switch", { cases: [{ port: "big", when: "body.total > 1" }] }],
        drawStep("x"),
        drawStep("y"),
        ["inner-join", "saga-join"],
        ["outer-join", "saga-join"],
        end,
      ],
      "start>outer",
      "outer.a>inner",
      "inner.c>x",
      "inner.d>pick",
      "pick.big>y",
      "pick.otherwise>inner-join",
      "x>inner-join",
      "y>inner-join",
      "inner-join>outer-join",
      "outer.b>outer-join",
      "outer-join>end",
    );
    expect(program.nodes["inner-join"]).toMatchObject({ does: "join", fork: "inner" });
    expect(program.nodes["outer-join"]).toMatchObject({ does: "join", fork: "outer" });
    expect(program.nodes.outer).toMatchObject({ does: "fork", branches: ["a", "b"] });
    expect(program.nodes.pick).toMatchObject({
      does: "pass",
      targets: { big: "y", otherwise: "inner-join", error: null },
    });
    expect(program.behind.y).toEqual(["inner-join", "outer-join", "end"]);
  });

  it("reads waits, timers, approvals and sub-sagas", () => {
    const program = compileOne(
      [
        ["wait", "saga-wait", { awaits: "key", within: "2d", into: "paid" }],
        ["timer", "saga-timer", { for: "1h" }],
        ["ask", "saga-approval", { question: "Ship?", role: "admin" }],
        ["ship", "sub-saga", { flow: "shipping", into: "shipping" }],
        ["quick", "sub-saga", { flow: "shipping", within: "1m" }],
        end,
      ],
      "start>wait",
      "wait>timer",
      "timer>ask",
      "ask.approved>ship",
      "ship>quick",
      "quick>end",
    );
    expect(program.nodes.wait).toMatchObject({ does: "wait", withinMs: 172_800_000, into: ["paid"] });
    expect(program.nodes.timer).toMatchObject({ does: "timer" });
    expect(program.nodes.ask).toMatchObject({ does: "approval", withinMs: null, role: "admin" });
    expect(program.nodes.ship).toMatchObject({ does: "step", sub: true, pivot: false, into: ["shipping"] });
    expect(program.nodes.ship).toMatchObject({ action: { timeoutMs: Number.POSITIVE_INFINITY }, compensation: {} });
    expect(program.nodes.quick).toMatchObject({ action: { attempts: 1, timeoutMs: 60_000 } });
  });

  it("refuses what cannot run", () => {
    expect(() => compileOne([["a", "saga-timer", { for: "long" }], end], "start>a", "a>end")).toThrow("Node `a`");
    expect(() => compileOne([["a", "saga-join"], end], "start>a", "a>end")).toThrow("no fork");
  });
});
