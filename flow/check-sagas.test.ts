import { describe, expect, it } from "vitest";
import { checkFlow } from "./check";
import type { FlowDocument } from "./document";
import { type DrawnNode, drawFlow } from "./testing/drawing";
import { drawSaga, drawStep } from "./testing/sagas";

const end: DrawnNode = ["end", "saga-end"];
const fork: DrawnNode = ["fork", "saga-fork", { branches: ["a", "b"] }];
const join: DrawnNode = ["join", "saga-join"];
const hook = (id: string): DrawnNode => [id, "webhook-source", { path: id }];
const filter: DrawnNode = ["filter", "filter", { when: "body.a == 1" }];

/** Problems as `code place`, warnings with a question mark. */
function look(flow: FlowDocument): string[] {
  return checkFlow(flow).map(({ code, severity, node, edge }) => {
    const place = edge ?? node;
    return `${code}${severity === "warning" ? "?" : ""}${place === undefined ? "" : ` ${place}`}`;
  });
}
const wordsOf = (flow: FlowDocument) =>
  checkFlow(flow)
    .map(({ message }) => message)
    .join("\n");
const lookSaga = (...args: Parameters<typeof drawSaga>) => look(drawSaga(...args));

describe("a saga", () => {
  it("of steps, a fork, an event, an approval and another saga is well drawn", () => {
    const nodes: DrawnNode[] = [
      fork,
      drawStep("reserve"),
      drawStep("charge"),
      join,
      ["paid", "saga-wait", { awaits: "key", within: "1d" }],
      hook("payments"),
      ["ask", "saga-approval", { question: "Ship?" }],
      ["ship", "sub-saga", { flow: "shipping" }],
      end,
      ["undone", "log"],
      ["out", "kafka-sink", { topic: "placed" }],
    ];
    const wires = ["start>fork", "fork.a>reserve", "fork.b>charge", "reserve>join", "charge>join", "join>paid"];
    const rest = [
      "payments>paid.event",
      "paid>ask",
      "ask.approved>ship",
      "ship>end",
      "end>out",
      "start.compensated>undone",
    ];
    expect(lookSaga(nodes, ...wires, ...rest)).toEqual([]);
  });

  it("takes the key of its message where no key is set, and a webhook gives none", () => {
    const named = (key?: string) => {
      const flow = drawSaga([drawStep("a"), end], "start>a", "a>end");
      const config = key === undefined ? {} : { key };
      return look({ ...flow, nodes: flow.nodes.map((node) => (node.id === "start" ? { ...node, config } : node)) });
    };
    expect(named()).toEqual(["saga-unnamed? start"]);
    expect(named("body.order")).toEqual([]);
  });

  it("takes a key through steps, and a saga's from its end", () => {
    const steps: DrawnNode[] = [
      hook("orders"),
      ["kept", "map", { set: { seen: "true" } }],
      filter,
      ["begin", "saga-start"],
    ];
    const behind: DrawnNode[] = [drawStep("a"), end, ["next", "saga-start"], drawStep("b"), ["last", "saga-end"]];
    const wires = [
      "orders>filter",
      "filter.pass>kept",
      "kept>begin",
      "begin>a",
      "a>end",
      "end>next",
      "next>b",
      "b>last",
    ];
    const flow = drawFlow([...steps, ...behind], ...wires);
    expect(look(flow).filter((each) => each.startsWith("saga-"))).toEqual(["saga-unnamed? begin"]);
    expect(wordsOf(flow)).toContain("Messages of `orders` have no key");
  });

  it("has no use for retry settings of its nodes", () => {
    const flow = drawSaga([filter, drawStep("a"), end], "start>filter", "filter.pass>a", "filter.rest>end", "a>end");
    const retry = { attempts: 5, backoff: "fixed", delayMs: 1, maxDelayMs: 1 } as const;
    const withRetry = (...ids: string[]) => ({
      ...flow,
      nodes: flow.nodes.map((node) => (ids.includes(node.id) ? { ...node, retry } : node)),
    });
    expect(look(withRetry())).toEqual([]);
    expect(look(withRetry("start"))).toEqual([]);
    expect(look(withRetry("filter", "a"))).toEqual(["saga-retry-unused? filter", "saga-retry-unused? a"]);
    expect(wordsOf(withRetry("a"))).toContain("Set the attempts of its action");
  });

  it("has a first step, and an end on every way", () => {
    expect(lookSaga([])).toEqual(["saga-end-missing start"]);
    expect(lookSaga([drawStep("a")], "start>a")).toEqual(["saga-end-missing a"]);
    expect(lookSaga([filter, end], "start>filter", "filter.pass>end")).toEqual(["saga-end-missing filter"]);
    const cases = { cases: [{ port: "big", when: "body.a == 1" }] };
    expect(lookSaga([["s", "switch", cases], end], "start>s", "s.big>end")).toEqual(["saga-end-missing s"]);
    expect(lookSaga([["s", "switch", cases], end], "start>s", "s.big>end", "s.otherwise>end")).toEqual([]);
  });

  it("may leave failures, a no and what is too late to its way back", () => {
    const ask: DrawnNode = ["ask", "saga-approval", { question: "Ship?", within: "1d" }];
    expect(lookSaga([ask, end], "start>ask", "ask.approved>end")).toEqual([]);
    expect(lookSaga([ask, end], "start>ask", "ask.rejected>end")).toEqual(["saga-end-missing ask"]);
  });

  it("takes in only what is its own", () => {
    const wires = ["start>x", "x>end"];
    expect(lookSaga([["x", "log"], end], ...wires)).toEqual(["saga-kind-inside start>x", "saga-kind-outside end"]);
    const words = (node: DrawnNode) => wordsOf(drawSaga([node, end], ...wires));
    expect(words(["x", "delay", { for: "1m" }])).toContain(
      "`x` (Delay) cannot stand inside of the saga of `start`. Use a Timer",
    );
    expect(words(["x", "wait", { awaits: "key" }])).toContain("Use Wait in saga");
    expect(words(["x", "http-request", { url: "/a" }])).toContain("Use a Saga step");
    expect(words(["x", "saga-start"])).toContain("is a Sub-saga");
    expect(words(["x", "split", { items: "body" }])).toContain("Put it before the Saga start");
  });

  it("goes by one wire from each port, and a switch of it takes one way", () => {
    expect(lookSaga([drawStep("a"), end, ["other", "saga-end"]], "start>a", "a>end", "a>other")).toEqual([
      "saga-port-forks a>other",
    ]);
    expect(lookSaga([end, ["other", "saga-end"]], "start>end", "start>other")).toEqual(["saga-port-forks start>other"]);
    const all: DrawnNode = ["s", "switch", { cases: [{ port: "x", when: "true" }], mode: "all" }];
    const flow = drawSaga([all, end], "start>s", "s.x>end", "s.otherwise>end");
    expect(checkFlow(flow)).toMatchObject([
      { code: "config-field-invalid", node: "s", field: "mode", fix: { do: "set-field", value: "first" } },
    ]);
    expect(look(drawFlow([hook("in"), all, ["l", "log"]], "in>s", "s.x>l", "s.otherwise>l"))).toEqual([]);
  });

  it("is entered by its start, and by events", () => {
    expect(lookSaga([drawStep("a"), end], "start>a", "orders>a", "a>end")).toEqual(["saga-entered orders>a"]);
    expect(lookSaga([drawStep("a"), end, ["b", "saga-end"]], "start>a", "a>end", "start.compensated>b")).toEqual([
      "saga-kind-outside b",
    ]);
    expect(lookSaga([drawStep("a"), end], "start>a", "a>end", "start.compensated>end")).toEqual([
      "saga-entered start.compensated>end",
    ]);
    const wait: DrawnNode = ["w", "saga-wait", { awaits: "key" }];
    const within = lookSaga([fork, wait, join, end], "start>fork", "fork.a>w", "fork.b>w.event", "w>join", "join>end");
    expect(within).toContain("saga-entered fork.b>w.event");
  });

  it("shares no node with another", () => {
    const flow = drawFlow(
      [
        hook("in"),
        ["one", "saga-start", { key: "body.id" }],
        ["two", "saga-start", { key: "body.id" }],
        drawStep("a"),
        end,
      ],
      "in>one",
      "in>two",
      "one>a",
      "two>a",
      "a>end",
    );
    expect(look(flow)).toEqual(["saga-regions-meet a"]);
    expect(wordsOf(flow)).toContain("The sagas of `one` and `two` both lead to `a`");
  });

  it("starts no saga of its own flow", () => {
    const sub: DrawnNode = ["again", "sub-saga", { flow: "drawn" }];
    expect(lookSaga([sub, end], "start>again", "again>end")).toEqual(["saga-calls-itself again"]);
  });

  it("is not judged where its wires form a circle", () => {
    expect(lookSaga([drawStep("a"), drawStep("b"), end], "start>a", "a>b", "b>a", "b.error>end")).toContain(
      "edge-cycle b>a",
    );
  });
});

describe("what is part of a saga", () => {
  it("stands in one", () => {
    expect(look(drawFlow([hook("in"), ["t", "saga-timer", { for: "1m" }]], "in>t"))).toEqual(["saga-kind-outside t"]);
    expect(look(drawFlow([hook("in"), ["l", "log"], join], "in>l"))).toEqual(["node-input-missing join"]);
  });

  it("gets the events and answers that it waits for", () => {
    const wait: DrawnNode = ["w", "saga-wait", { awaits: "key" }];
    expect(lookSaga([wait, end], "start>w", "w>end")).toEqual(["saga-event-unwired w"]);
    const call = (by: string): DrawnNode => ["s", "saga-step", { action: { call: by, topic: "t", queue: "q" } }];
    expect(lookSaga([call("topic"), end], "start>s", "s>end")).toEqual(["saga-event-unwired s"]);
    expect(lookSaga([call("queue"), end], "start>s", "s>end")).toEqual([]);
    const outside = drawFlow(
      [hook("in"), ["w", "wait", { awaits: "key" }], ["l", "log"]],
      "in>w",
      "w>l",
      "w.timeout>l",
    );
    expect(look(outside)).toEqual(["saga-event-unwired w"]);
  });

  it("is not fed by its events alone", () => {
    const flow = drawFlow(
      [hook("in"), ["w", "wait", { awaits: "key" }], ["l", "log"]],
      "in>w.event",
      "w>l",
      "w.timeout>l",
    );
    expect(look(flow)).toEqual(["node-input-missing w", "node-unreachable? l"]);
    expect(wordsOf(flow)).toContain("Nothing is wired to the input of `w`");
  });
});

describe("a fork", () => {
  const wires = ["start>fork", "fork.a>x", "fork.b>y", "join>end"];
  const nodes = [fork, drawStep("x"), drawStep("y"), join, end];

  it("leads to one join, on every way", () => {
    expect(lookSaga(nodes, ...wires, "x>join", "y>join")).toEqual([]);
    expect(lookSaga(nodes, ...wires, "x>join")).toEqual(["saga-branch-open y"]);
    expect(lookSaga([fork, join, end], "start>fork", "fork.a>join", "join>end")).toEqual(["saga-branch-open fork"]);
    expect(lookSaga([...nodes, ["stop", "saga-end"]], ...wires, "x>join", "y>stop")).toEqual(["saga-branch-open stop"]);
    expect(lookSaga([...nodes, ["stop", "saga-end"]], ...wires, "x>join", "y>join", "x.error>stop")).toEqual([
      "saga-branch-open stop",
    ]);
    expect(
      lookSaga([fork, filter, join, end], "start>fork", "fork.a>filter", "filter.pass>join", "fork.b>join", "join>end"),
    ).toEqual(["saga-branch-open filter"]);
  });

  it("has branches that meet at their join alone", () => {
    expect(lookSaga(nodes, ...wires, "x>y", "y>join")).toEqual(["saga-branches-meet y"]);
    expect(lookSaga([fork, end], "start>fork", "fork.a>end", "fork.b>end")).toEqual([
      "saga-branches-meet end",
      "saga-branch-open end",
    ]);
  });

  it("has a join of its own", () => {
    expect(lookSaga([drawStep("x"), join, end], "start>x", "x>join", "join>end")).toEqual(["saga-join-lost join"]);
    const inner: DrawnNode = ["inner", "saga-fork", { branches: ["c", "d"] }];
    const mixed = ["start>fork", "fork.a>inner", "inner.c>join", "inner.d>join", "fork.b>join", "join>end"];
    expect(lookSaga([fork, inner, join, end], ...mixed)).toEqual(["saga-join-lost join"]);
    expect(wordsOf(drawSaga([fork, inner, join, end], ...mixed))).toContain("(`fork` and `inner`)");
    const cases = { cases: [{ port: "p", when: "true" }] };
    const two: DrawnNode[] = [fork, ["pick", "switch", cases], join, ["join-2", "saga-join"], end];
    const found = lookSaga(
      two,
      "start>fork",
      "fork.a>pick",
      "pick.p>join",
      "pick.otherwise>join-2",
      "fork.b>join",
      "join>end",
      "join-2>end",
    );
    expect(found).toEqual(["saga-branch-open fork"]);
  });
});

describe("a step that nothing undoes", () => {
  const bare = (id: string, more = {}) => drawStep(id, { compensation: undefined, ...more });
  const warned = (nodes: DrawnNode[], ...wires: string[]) =>
    checkFlow(drawSaga([...nodes, end], ...wires)).map(({ code, node, message }) => {
      expect(code).toBe("saga-step-not-undone");
      return [node, /When `([a-z]+)`/.exec(message)?.[1]];
    });

  it("is named, with the step whose failure leaves it done", () => {
    expect(warned([bare("a"), drawStep("b")], "start>a", "a>b", "b>end")).toEqual([["a", "b"]]);
    expect(checkFlow(drawSaga([bare("a"), drawStep("b"), end], "start>a", "a>b", "b>end"))).toMatchObject([
      { severity: "warning", field: "compensation", fix: { do: "set-field", field: "harmless", value: true } },
    ]);
  });

  it("is well where nothing behind it turns the saga", () => {
    expect(warned([bare("a")], "start>a", "a>end")).toEqual([]);
    expect(warned([bare("a", { harmless: true }), drawStep("b")], "start>a", "a>b", "b>end")).toEqual([]);
    expect(warned([bare("a"), drawStep("b")], "start>a", "a>b", "b>end", "b.error>end")).toEqual([]);
    const ask: DrawnNode = ["ask", "saga-approval", { question: "?" }];
    expect(warned([bare("a"), ask], "start>a", "a>ask", "ask.approved>end", "ask.rejected>end")).toEqual([]);
    expect(warned([bare("a"), ask], "start>a", "a>ask", "ask.approved>end")).toEqual([["a", "ask"]]);
  });

  it("is well behind a pivot, and is the pivot itself, but not before one", () => {
    const steps = [bare("a"), bare("p", { pivot: true }), bare("b"), bare("c")];
    expect(warned(steps, "start>a", "a>p", "p>b", "b>c", "c>end")).toEqual([["a", "p"]]);
  });

  it("is looked at beside the other branches of its fork", () => {
    const wires = ["start>fork", "fork.a>a", "fork.b>b", "a>join", "b>join", "join>end"];
    expect(warned([fork, bare("a"), drawStep("b"), join], ...wires)).toEqual([["a", "b"]]);
    const cases = { cases: [{ port: "x", when: "body.a == 1" }] };
    const either = ["start>pick", "pick.x>a", "pick.otherwise>b", "a>end", "b>end"];
    expect(warned([["pick", "switch", cases], bare("a"), drawStep("b")], ...either)).toEqual([]);
  });
});

describe("what holds messages", () => {
  it("leads on", () => {
    const later: DrawnNode = ["later", "delay", { for: "1m" }];
    expect(look(drawFlow([hook("in"), later], "in>later"))).toEqual(["port-unwired? later"]);
    const wait: DrawnNode = ["w", "wait", { awaits: "key" }];
    expect(look(drawFlow([hook("in"), wait, ["l", "log"]], "in>w", "in>w.event", "w>l"))).toEqual(["port-unwired? w"]);
  });
});
