import { expect, it } from "vitest";
import type { FlowDocument } from "@/flow/document";
import { nodeWidth } from "./measures";
import { placeMissing } from "./place-missing";

type Place = { x: number; y: number } | undefined;
const draw = (nodes: Record<string, Place>, edges: [string, string][]): FlowDocument => ({
  format: "millrace/flow@1",
  name: "drawn",
  nodes: Object.entries(nodes).map(([id, position]) => ({
    id,
    kind: "log",
    config: {},
    ...(position ? { position } : {}),
  })),
  edges: edges.map(([from, to]) => ({ from, to })),
});

it("lays a node to the right of what leads to it, and on along a chain", () => {
  const places = placeMissing(
    draw({ a: { x: 100, y: 200 }, c: undefined, b: undefined }, [
      ["a", "b"],
      ["b", "c"],
    ]),
  );
  expect(places.get("b")).toEqual({ x: 100 + nodeWidth + 68, y: 200 });
  expect(places.get("c")!.x).toBe(places.get("b")!.x + nodeWidth + 68);
  expect(places.has("a")).toBe(false);
});

it("lays one that only leads on to the left of where it leads, and what is not wired below everything", () => {
  const places = placeMissing(draw({ a: undefined, b: { x: 500, y: 10 }, lone: undefined }, [["a", "b"]]));
  expect(places.get("a")).toEqual({ x: 500 - nodeWidth - 68, y: 10 });
  expect(places.get("lone")!.y).toBeGreaterThan(10);
});

it("lays none over another", () => {
  const places = placeMissing(
    draw({ a: { x: 0, y: 0 }, b: { x: nodeWidth + 68, y: 0 }, c: undefined, d: undefined }, [
      ["a", "b"],
      ["a", "c"],
      ["a", "d"],
    ]),
  );
  const [c, d] = [places.get("c")!, places.get("d")!];
  expect(c.x).toBe(nodeWidth + 68);
  expect(c.y).toBeGreaterThan(0);
  expect(d.y).toBeGreaterThan(c.y);
});
