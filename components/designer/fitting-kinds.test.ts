import { describe, expect, it } from "vitest";
import type { FlowDocument } from "@/flow/document";
import { findFitting } from "./fitting-kinds";

const flow: FlowDocument = {
  format: "millrace/flow@1",
  name: "orders",
  nodes: [
    { id: "orders", kind: "webhook-source", config: { path: "orders" } },
    { id: "begin", kind: "saga-start", config: {} },
    { id: "reserve", kind: "saga-step", config: { action: { url: "/reservations" } } },
    { id: "end", kind: "saga-end", config: {} },
  ],
  edges: [
    { from: "orders", to: "begin" },
    { from: "begin", to: "reserve" },
    { from: "reserve", to: "end" },
  ],
};
const namesAt = (opening: Parameters<typeof findFitting>[1], text = "") =>
  findFitting(flow, opening, text).map(({ kind }) => kind);

describe("kinds that are offered", () => {
  it("behind a port of a saga are those that may stand in one, its own first", () => {
    const names = namesAt({ from: { node: "begin", port: "out" } });
    expect(names[0]).toBe("saga-step");
    expect(names).toEqual(expect.arrayContaining(["saga-end", "saga-approval", "switch", "map", "filter"]));
    expect(names.indexOf("switch")).toBeGreaterThan(names.indexOf("saga-end"));
    expect(names).not.toContain("http-request");
    expect(names).not.toContain("saga-start");
  });
  it("in a wire of a saga are no ends", () => expect(namesAt({ wire: "begin>reserve" })).not.toContain("saga-end"));
  it("outside are none that stand in a saga alone", () => {
    for (const opening of [
      { from: { node: "orders", port: "out" } },
      { from: { node: "end", port: "out" } },
      { from: { node: "begin", port: "compensated" } },
      { wire: "orders>begin" },
    ]) {
      const names = namesAt(opening);
      expect(names).toContain("http-request");
      expect(names).not.toContain("saga-join");
    }
  });
  it("before an input are those that hand messages on, of the saga where it stands in one", () => {
    const outside = namesAt({ to: { node: "begin", port: "in" } });
    expect(outside).toEqual(expect.arrayContaining(["kafka-source", "map"]));
    expect(outside).not.toContain("kafka-sink");
    expect(outside).not.toContain("saga-step");
    const inside = namesAt({ to: { node: "end", port: "in" } });
    expect(inside).toContain("saga-step");
    expect(inside).not.toContain("kafka-source");
    expect(namesAt({ to: { node: "reserve", port: "reply" } })).toContain("kafka-source");
  });
  it("in a node's place are those that fit it", () => {
    expect(namesAt({ replaces: "orders" })).toContain("kafka-source");
    expect(namesAt({ replaces: "orders" })).not.toContain("map");
  });
  it("are the most used first", () => {
    const drawn = { ...flow, nodes: [...flow.nodes, { id: "l", kind: "log", config: {} }] };
    expect(findFitting(drawn, { from: { node: "orders", port: "out" } }, "")[0]!.kind).toMatch(/^(log|saga-start)$/);
  });
  it("free are all, those of a saga last, but for who types their name", () => {
    const names = namesAt({});
    expect(names).toContain("saga-join");
    expect(names.indexOf("saga-join")).toBeGreaterThan(names.indexOf("kafka-sink"));
    expect(namesAt({}, "join")[0]).toBe("saga-join");
  });
});
