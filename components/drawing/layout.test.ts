import { describe, expect, it } from "vitest";
import type { FlowDocument } from "@/flow/document";
import { layOut } from "./layout";

const flow: FlowDocument = {
  format: "millrace/flow@1",
  name: "orders",
  nodes: ["orders", "route", "german", "rest"].map((id) => ({ id, kind: "log", config: {} })),
  edges: [
    { from: "orders", to: "route" },
    { from: "route", to: "german" },
    { from: "route.error", to: "rest" },
    { from: "route", to: "nowhere" },
  ],
};

describe("layout", () => {
  const places = layOut(flow);
  it("goes from left to right along the wires", () => {
    const x = (id: string) => places.get(id)!.x;
    expect(x("orders")).toBeLessThan(x("route"));
    expect(x("route")).toBeLessThan(x("german"));
  });
  it("lets no two nodes overlap", () => {
    const all = [...places.values()];
    for (const a of all)
      for (const b of all) if (a !== b) expect(Math.abs(a.x - b.x) >= 212 || Math.abs(a.y - b.y) >= 54).toBe(true);
  });
  it("keeps the order of a switch's ports, so that its wires do not cross", () => {
    const cases = ["a", "b", "c"].map((port) => ({ port, when: "true" }));
    const places = layOut({
      ...flow,
      nodes: [
        { id: "route", kind: "switch", config: { cases } },
        ...["last", "third", "second", "first"].map((id) => ({ id, kind: "log", config: {} })),
      ],
      edges: [
        { from: "route.otherwise", to: "last" },
        { from: "route.c", to: "third" },
        { from: "route.a", to: "first" },
        { from: "route.b", to: "second" },
      ],
    });
    const order = ["first", "second", "third", "last"].map((id) => places.get(id)!.y);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(new Set(order).size).toBe(4);
  });
  it("keeps the wires of a chain level, though its nodes are of different heights", () => {
    const places = layOut({
      ...flow,
      nodes: [
        { id: "orders", kind: "webhook-source", config: {} },
        { id: "route", kind: "saga-step", config: {} },
        { id: "rest", kind: "log", config: {} },
      ],
      edges: flow.edges.slice(0, 1).concat({ from: "route", to: "rest" }),
    });
    expect(new Set([...places.values()].map(({ y }) => y)).size).toBe(1);
  });
  it("lets no wire that leads further pass behind a node", () => {
    const places = layOut({
      ...flow,
      nodes: [
        { id: "begin", kind: "saga-start", config: {} },
        ...["one", "two", "three"].map((id) => ({ id, kind: "saga-step", config: {} })),
        { id: "end", kind: "saga-end", config: {} },
        { id: "log", kind: "log", config: {} },
      ],
      edges: [
        { from: "begin", to: "one" },
        { from: "one", to: "two" },
        { from: "two", to: "three" },
        { from: "three", to: "end" },
        { from: "end", to: "log" },
        { from: "begin.compensated", to: "log" },
      ],
    });
    const wire = places.get("begin")!.y + 87;
    for (const id of ["one", "two", "three"]) {
      const { y } = places.get(id)!;
      expect(y > wire || y + 102 < wire).toBe(true);
    }
  });
  it("gives every node a place, also in a flow of one", () => {
    expect(places.size).toBe(4);
    expect(layOut({ ...flow, nodes: flow.nodes.slice(0, 1), edges: [] }).size).toBe(1);
  });
});
