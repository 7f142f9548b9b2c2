import { describe, expect, it } from "vitest";
import type { FlowDocument } from "@/flow/document";
import { sagaScopeOf } from "./saga-scope";

const flow: FlowDocument = {
  format: "millrace/flow@1",
  name: "orders",
  nodes: [
    { id: "begin", kind: "saga-start", config: { key: "body.id" } },
    { id: "reserve", kind: "saga-step", config: { into: "stock", action: { body: "{'sku': body.sku}" } } },
    {
      id: "charge",
      kind: "saga-step",
      config: {
        into: "payment",
        output: "answer.charge",
        action: { body: "{'of': body.stock.id}" },
        compensation: { url: "/refunds/${body.payment.id}" },
      },
    },
    { id: "log", kind: "log", config: {} },
  ],
  edges: [
    { from: "begin", to: "reserve" },
    { from: "reserve", to: "charge" },
  ],
};
const message = { values: { body: { id: "o-9" }, key: "c-1", headers: {}, meta: {} }, words: "an example" };
const bodyAt = (node: string, when?: "undone") => sagaScopeOf(flow, node, message, when)?.values.body;

describe("what an expression of a saga sees", () => {
  it("is the data as it comes to the node", () => {
    expect(bodyAt("reserve")).toEqual({ id: "o-9", sku: "begin-sku" });
    expect(bodyAt("charge")).toEqual({ id: "o-9", sku: "begin-sku", stock: { id: "reserve-id" } });
  });
  it("has its own output in it when the node is undone", () =>
    expect(bodyAt("charge", "undone")).toMatchObject({ payment: { id: "charge-id" } }));
  it("has the business key, not the message's", () =>
    expect(sagaScopeOf(flow, "charge", message)?.values.key).toBe("o-9"));
  it("has the answer that the output reads", () =>
    expect(sagaScopeOf(flow, "charge", message)?.values.answer).toEqual({ charge: { id: "charge-id" } }));
  it("is what the start makes of the message, where it makes something", () => {
    const nodes = flow.nodes.map((node) =>
      node.id === "begin" ? { ...node, config: { data: "{'id': body.id, 'price': body.amount * 2}" } } : node,
    );
    expect(sagaScopeOf({ ...flow, nodes }, "charge", message)?.values.body).toEqual({
      id: "o-9",
      price: 42,
      sku: "begin-sku",
      stock: { id: "reserve-id" },
    });
  });
  it("is the message at the start, and outside", () => {
    expect(sagaScopeOf(flow, "begin", message)).toBe(message);
    expect(sagaScopeOf(flow, "log", message)).toBe(message);
  });
});
