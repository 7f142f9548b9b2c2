import { describe, expect, it } from "vitest";
import { buildGraph, findCycles, findReachable, formatEndpoint, parseEndpoint, sortTopologically } from "./graph";

/** A graph from wires as `a>b`, its nodes in the order they are named. */
function graphOf(...edges: string[]) {
  const pairs = edges.map((edge) => edge.split(">") as [string, string]);
  const ids = [
    ...new Set(pairs.flatMap(([from, to]) => [parseEndpoint(from, "out").node, parseEndpoint(to, "in").node])),
  ];
  return buildGraph({
    nodes: ids.map((id) => ({ id, kind: "test", config: {} })),
    edges: pairs.map(([from, to]) => ({ from, to })),
  });
}

describe("endpoints", () => {
  it("are a node, or a node and a port", () => {
    expect(parseEndpoint("a", "out")).toEqual({ node: "a", port: "out" });
    expect(parseEndpoint("a.error", "out")).toEqual({ node: "a", port: "error" });
    expect(parseEndpoint("a", "in")).toEqual({ node: "a", port: "in" });
    expect(formatEndpoint({ node: "a", port: "out" }, "out")).toBe("a");
    expect(formatEndpoint({ node: "a", port: "de" }, "out")).toBe("a.de");
  });
});

describe("walking", () => {
  it("finds what is reachable and what comes before what", () => {
    const graph = graphOf("a>b", "a.x>c", "b>d", "c>d", "e>f");
    expect([...findReachable(graph, ["a"])]).toEqual(["a", "b", "c", "d"]);
    expect(sortTopologically(graph)).toEqual(["a", "e", "b", "c", "f", "d"]);
    expect(findCycles(graph)).toEqual([]);
  });

  it("leaves wires to nowhere out", () => {
    const graph = buildGraph({ nodes: [{ id: "a", kind: "test", config: {} }], edges: [{ from: "a", to: "b" }] });
    expect(graph.wires).toEqual([]);
  });

  it("names the wires of each circle", () => {
    const names = (...edges: string[]) =>
      findCycles(graphOf(...edges)).map((cycle) => cycle.map((wire) => `${wire.edge.from}>${wire.edge.to}`));
    expect(names("a>b", "b>c", "c>b")).toEqual([["b>c", "c>b"]]);
    expect(names("a>a")).toEqual([["a>a"]]);
    expect(names("a>b", "b>a", "c>d", "d>c")).toEqual([
      ["a>b", "b>a"],
      ["c>d", "d>c"],
    ]);
    expect(sortTopologically(graphOf("s>a", "a>b", "b>a"))).toEqual(["s"]);
  });

  it("walks a chain of 2,000 nodes", () => {
    const graph = graphOf(...Array.from({ length: 2_000 }, (_, index) => `n${index}>n${index + 1}`));
    expect(findCycles(graph)).toEqual([]);
    expect(sortTopologically(graph)).toHaveLength(2_001);
  });
});
