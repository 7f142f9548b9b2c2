import { describe, expect, it } from "vitest";
import { findNext } from "./walk";

const node = (id: string) => ({ id, kind: "log", config: {} });
const flow = {
  nodes: ["in", "route", "a", "b", "out", "alone"].map(node),
  edges: [
    { from: "in", to: "route" },
    { from: "route.one", to: "a" },
    { from: "route.two", to: "b" },
    { from: "a", to: "out" },
    { from: "b", to: "out" },
  ],
};
const places = new Map([
  ["in", { x: 0, y: 100 }],
  ["route", { x: 300, y: 100 }],
  ["a", { x: 600, y: 90 }],
  ["b", { x: 600, y: 300 }],
  ["out", { x: 900, y: 250 }],
  ["alone", { x: 0, y: 400 }],
]);
const go = (from: string, direction: "Left" | "Right" | "Up" | "Down") =>
  findNext(flow, places, from, `Arrow${direction}`);

describe("walking along the wires", () => {
  it("goes on and back, to what stands nearest in height", () => {
    expect(go("in", "Right")).toBe("route");
    expect(go("route", "Right")).toBe("a");
    expect(go("a", "Left")).toBe("route");
    expect(go("out", "Left")).toBe("b");
  });
  it("goes up and down between what hangs at the same node", () => {
    expect(go("a", "Down")).toBe("b");
    expect(go("b", "Up")).toBe("a");
  });
  it("reaches nodes without wires, and stays where nothing is", () => {
    expect(go("in", "Down")).toBe("alone");
    expect(go("in", "Left")).toBeNull();
    expect(go("out", "Right")).toBeNull();
    expect(go("alone", "Down")).toBeNull();
  });
});
