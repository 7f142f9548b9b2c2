import { describe, expect, it } from "vitest";
import type { FlowDocument } from "@/flow/document";
import { regionOf } from "../drawing/regions";
import { type FailureOptions, simulateFailureOf } from "./simulate-step";
import { wordsOfOutcome } from "./simulation-words";

const http = (path: string, body?: string) => ({ url: path, ...(body ? { body } : {}) });
const flow: FlowDocument = {
  format: "millrace/flow@1",
  name: "place-order",
  nodes: [
    { id: "begin", kind: "saga-start", config: { key: "body.id" } },
    {
      id: "reserve",
      kind: "saga-step",
      config: {
        action: http("/stock", "{'order': key, 'items': body.items}"),
        compensation: { method: "DELETE", url: "/stock/${body.stock.id}" },
        into: "stock",
      },
    },
    { id: "both", kind: "saga-fork", config: { branches: ["card", "mail"] } },
    {
      id: "charge",
      kind: "saga-step",
      config: { action: http("/card"), compensation: http("/card/refund", "{'order': key}") },
    },
    { id: "mail", kind: "saga-step", config: { action: { call: "queue", queue: "mails", jobName: "sorry" } } },
    { id: "peek", kind: "saga-step", config: { action: { method: "GET", url: "/stock" }, harmless: true } },
    { id: "together", kind: "saga-join", config: {} },
    { id: "hand-over", kind: "saga-step", config: { action: http("/carrier"), pivot: true } },
    { id: "tell", kind: "saga-step", config: { action: { call: "topic", topic: "told" } } },
    { id: "end", kind: "saga-end", config: {} },
    // Wrong, and outside of the saga: it does not matter.
    { id: "log", kind: "http-request", config: {} },
  ],
  edges: [
    { from: "begin", to: "reserve" },
    { from: "reserve", to: "both" },
    { from: "both.card", to: "charge" },
    { from: "both.mail", to: "mail" },
    { from: "charge", to: "together" },
    { from: "mail", to: "peek" },
    { from: "peek", to: "together" },
    { from: "together", to: "hand-over" },
    { from: "hand-over", to: "tell" },
    { from: "tell", to: "end" },
    { from: "end", to: "log" },
  ],
};
const simulate = (node: string, change: Partial<FailureOptions> = {}) =>
  simulateFailureOf(flow, regionOf(flow, node)!, {
    node,
    effect: "none",
    message: { key: null, body: { id: "o-1", items: 2 }, headers: {} },
    answers: { reserve: { id: "r-7" } },
    choices: {},
    now: 1_000,
    ...change,
  });
const told = (node: string, change?: Partial<FailureOptions>) => {
  const { title, words } = wordsOfOutcome(simulate(node, change), (id) => id, node);
  return `${title}. ${words}`;
};

describe("a failure that is simulated", () => {
  it("tells the way there with what is sent", () => {
    const { forward } = simulate("charge");
    expect(forward.map(({ node, request }) => [node, request?.line ?? null])).toEqual([
      ["reserve", "POST /stock"],
      ["both", null],
      ["charge", "POST /card"],
      ["mail", "sorry in mails"],
    ]);
    expect(forward[0]?.request?.body).toBe('{"order":"o-1","items":2}');
  });

  it("tells what is undone, those side by side with one number, and what stays", () => {
    const { backward, stays, harmless, outcome } = simulate("hand-over");
    expect(backward.map(({ node, number, request }) => [node, number, request.line])).toEqual([
      ["charge", 1, "POST /card/refund"],
      ["reserve", 2, "DELETE /stock/r-7"],
    ]);
    expect({ outcome, stays, harmless }).toEqual({ outcome: "compensated", stays: ["mail"], harmless: ["peek"] });
    expect(told("hand-over")).toBe("The saga is compensated. 2 steps are undone, in reverse order. mail stays done.");
  });

  it("lays it over the drawing", () => {
    const { nodes, edges } = simulate("hand-over").way;
    expect(nodes["hand-over"]).toMatchObject({ tone: "bad", word: "Fails here" });
    expect(nodes.charge?.sides).toMatchObject([{ side: "action" }, { side: "compensation", tone: "undo", number: 1 }]);
    expect(nodes.mail).toMatchObject({ tone: "warn", word: "Stays done" });
    expect(nodes.tell).toBeUndefined();
    expect(edges["begin>reserve"]).toMatchObject({ tone: "ok", back: true });
  });

  it("undoes a step whose answer was lost", () =>
    expect(simulate("charge", { effect: "maybe" }).backward.map(({ node }) => node)).toEqual(["charge", "reserve"]));

  it("asks a person past a point of no return: all that was done stays", () => {
    const { outcome, stays } = simulate("tell");
    expect({ outcome, stays }).toEqual({ outcome: "asking", stays: ["reserve", "charge", "mail", "hand-over"] });
    expect(told("tell")).toContain("It asks a person. Nothing is undone past a point of no return. tell waits");
  });

  it("says when a request cannot be made of the message", () => {
    const message = { key: null, body: { id: "o-1" }, headers: {} };
    expect(told("charge", { message })).toContain("reserve cannot be sent over this message");
    expect(told("charge", { answers: {} })).toContain("reserve cannot be undone over this data");
  });

  it("does not begin without a business key", () =>
    expect(() => simulate("charge", { message: { key: null, body: {}, headers: {} } })).toThrow(/body.id/));
});
