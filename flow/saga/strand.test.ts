import { describe, expect, it } from "vitest";
import { type FlowDocument, type FlowNode, flowFormat } from "../document";
import { findStrands } from "./strand";

const node = (id: string, kind: string, config: Record<string, unknown> = {}): FlowNode => ({ id, kind, config });
const readsTopic = (id: string, topic: string) => node(id, "kafka-source", { connection: "kafka", topic });

/** Orders start a saga that waits for its payment; replies to its step come by a topic, too. */
function draw(change: { nodes?: FlowNode[]; without?: string[]; edges?: [string, string][] } = {}): FlowDocument {
  const nodes = [
    readsTopic("orders", "orders"),
    node("begin", "saga-start"),
    node("reserve", "saga-step", { action: { call: "topic", topic: "stock.commands", replyTo: "stock.answers" } }),
    node("paid", "saga-wait", { awaits: "key" }),
    node("end", "saga-end"),
    readsTopic("answers", "stock.answers"),
    readsTopic("payments", "payments"),
    node("good", "filter", { when: "body.good" }),
  ];
  const changed = new Map([...nodes, ...(change.nodes ?? [])].map((each) => [each.id, each]));
  for (const id of change.without ?? []) changed.delete(id);
  const edges = change.edges ?? [
    ["orders", "begin"],
    ["begin", "reserve"],
    ["reserve", "paid"],
    ["paid", "end"],
    ["answers", "reserve.reply"],
    ["payments", "good"],
    ["good.pass", "paid.event"],
  ];
  return {
    format: flowFormat,
    name: "place-order",
    nodes: [...changed.values()],
    edges: edges.map(([from, to]) => ({ from, to })),
  };
}

/** With the steps at which a saga, or a message, may still come there. */
function findIn(next: FlowDocument): string[] {
  return findStrands(draw(), next).map(({ node: id, input, from, concerns }) => {
    const at = ["reserve", "paid", "end"].filter((step) => concerns({ node: "begin", steps: [step] }));
    return `${id}.${input}: ${from} (${at.join()})`;
  });
}

describe("what is held and awaits what no longer comes", () => {
  it("is nothing while every place leads where it led", () => {
    expect(findIn(draw())).toEqual([]);
    // Another way between, another id of the source, more sources: the messages come all the same.
    const moved = draw({
      nodes: [readsTopic("payments-2", "payments"), readsTopic("more", "more")],
      without: ["payments", "good"],
      edges: [
        ["orders", "begin"],
        ["begin", "reserve"],
        ["reserve", "paid"],
        ["paid", "end"],
        ["answers", "reserve.reply"],
        ["payments-2", "paid.event"],
        ["more", "paid.event"],
      ],
    });
    expect(findIn(moved)).toEqual([]);
  });

  it("is a wait whose source reads elsewhere, is gone, or is wired no more", () => {
    const words = ["paid.event: the topic `payments` of `kafka` (reserve,paid)"];
    expect(findIn(draw({ nodes: [readsTopic("payments", "payments.v2")] }))).toEqual(words);
    expect(findIn(draw({ without: ["payments"] }))).toEqual(words);
    expect(
      findIn(
        draw({
          edges: [
            ["orders", "begin"],
            ["begin", "reserve"],
            ["answers", "reserve.reply"],
            ["payments", "good"],
          ],
        }),
      ),
    ).toEqual(words);
  });

  it("is a step that is gone, has another id, or is another kind", () => {
    const words = ["reserve.reply: the topic `stock.answers` of `kafka` (reserve)"];
    expect(findIn(draw({ without: ["reserve"] }))).toEqual(words);
    expect(findIn(draw({ nodes: [node("reserve", "saga-wait", { awaits: "key" })] }))).toEqual(words);
  });

  it("is, of a step that has a compensation by topic, also what stands behind it: it may turn", () => {
    const undo = { call: "topic", topic: "stock.undo", replyTo: "stock.answers" };
    const action = { call: "topic", topic: "stock.commands" };
    const before = draw({ nodes: [node("reserve", "saga-step", { action, compensation: undo })] });
    const [strand] = findStrands(before, draw({ without: ["reserve", "answers"] }));
    const concerns = (...steps: string[]) => strand!.concerns({ node: "begin", steps });
    expect(strand).toMatchObject({ node: "reserve", input: "reply" });
    expect([concerns("reserve"), concerns("paid"), concerns(), concerns("elsewhere")]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(strand!.concerns({ node: "another-start", steps: ["reserve"] })).toBe(false);
  });

  it("names the node itself where it holds messages outside of sagas", () => {
    const before: FlowDocument = {
      format: flowFormat,
      name: "pairs",
      nodes: [
        readsTopic("left", "left"),
        node("right", "webhook-source", { path: "/right/", method: "POST" }),
        node("pair", "wait", { awaits: "key", within: "1h" }),
      ],
      edges: [
        { from: "left", to: "pair" },
        { from: "right", to: "pair.event" },
      ],
    };
    const [strand] = findStrands(before, { ...before, edges: before.edges.slice(0, 1) });
    expect(strand).toMatchObject({ node: "pair", input: "event", from: "POST /in/right" });
    expect(strand!.concerns({ node: "pair", steps: ["pair"] })).toBe(true);
    expect(strand!.concerns({ node: "other", steps: ["other"] })).toBe(false);
  });
});
