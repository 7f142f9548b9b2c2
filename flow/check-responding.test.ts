import { describe, expect, it } from "vitest";
import { checkFlow } from "./check";
import { drawFlow } from "./testing/drawing";

type Node = readonly [id: string, kind: string, config?: Record<string, unknown>];
const hook: Node = ["hook", "webhook-source", { path: "orders" }];
const topic: Node = ["topic", "kafka-source", { topic: "orders" }];
const jobs: Node = ["jobs", "queue-source", { queue: "orders" }];
const answer: Node = ["answer", "respond"];
const sink: Node = ["sink", "kafka-sink", { topic: "out" }];

function problems(nodes: readonly Node[], ...wires: string[]) {
  return checkFlow(drawFlow(nodes, ...wires))
    .filter(({ code }) => code.startsWith("respond-"))
    .map(({ code, severity, node }) => `${severity} ${code} ${node}`);
}

describe("a node that answers", () => {
  it("is fine behind a webhook, a topic, a queue", () => {
    for (const source of [hook, topic, jobs]) expect(problems([source, answer], `${source[0]}>answer`)).toEqual([]);
  });

  it("behind nobody who waits is a warning", () => {
    const traffic: Node = ["traffic", "generate-source", { perSecond: 1, body: "{'id': n}" }];
    expect(problems([traffic, answer], "traffic>answer")).toEqual(["warning respond-unasked answer"]);
    // One of several sources is enough.
    expect(problems([traffic, hook, answer], "traffic>answer", "hook>answer")).toEqual([]);
  });

  it("behind a delay, a wait or a saga is an error, unless the address stays", () => {
    const delay: Node = ["delay", "delay", { for: "1h" }];
    for (const source of [hook, jobs])
      expect(problems([source, delay, answer], `${source[0]}>delay`, "delay>answer")).toEqual([
        "error respond-too-late answer",
      ]);
    expect(problems([topic, delay, answer], "topic>delay", "delay>answer")).toEqual([]);
    // Beside the delay nothing is held.
    expect(problems([hook, delay, answer, sink], "hook>delay", "hook>answer", "delay>sink")).toEqual([]);
    // What the delay refuses was not held.
    expect(
      problems([hook, delay, answer, sink], "hook>delay", "delay>sink", "delay.error>answer", "hook>answer"),
    ).toEqual([]);
  });

  it("behind a saga is one, also for its end", () => {
    const nodes: Node[] = [hook, ["start", "saga-start", { key: "body.id" }], ["end", "saga-end"], answer];
    expect(problems(nodes, "hook>start", "start>end", "end>answer")).toEqual(["error respond-too-late answer"]);
  });
});

describe("a webhook of a flow that answers", () => {
  const filter: Node = ["filter", "filter", { when: "body.ok" }];
  const missed = ["warning respond-missed hook"];

  it("is told of a way that never does", () => {
    expect(problems([hook, filter, answer], "hook>filter", "filter.pass>answer")).toEqual(missed);
    expect(problems([hook, filter, answer, sink], "hook>filter", "filter.pass>answer", "filter.rest>sink")).toEqual(
      missed,
    );
    const log: Node = ["log", "log"];
    expect(problems([hook, filter, answer, log], "hook>filter", "filter.pass>answer", "filter.rest>log")).toEqual(
      missed,
    );
  });

  it("is not, when every way does, or one beside it", () => {
    expect(problems([hook, filter, answer], "hook>filter", "filter.pass>answer", "filter.rest>answer")).toEqual([]);
    expect(problems([hook, filter, answer, sink], "hook>filter", "hook>answer", "filter.pass>sink")).toEqual([]);
    expect(problems([hook, sink, answer], "hook>sink", "hook>answer")).toEqual([]);
  });

  it("an error port counts where it is wired", () => {
    const ask: Node = ["ask", "request", { topic: "prices" }];
    expect(problems([hook, ask, answer], "hook>ask", "ask>answer")).toEqual([]);
    expect(problems([hook, ask, answer, sink], "hook>ask", "ask>answer", "ask.error>sink")).toEqual(missed);
    expect(problems([hook, ask, answer], "hook>ask", "ask>answer", "ask.error>answer")).toEqual([]);
  });

  it("is not asked for an answer where nothing answers", () => {
    expect(problems([hook, sink], "hook>sink")).toEqual([]);
  });
});
