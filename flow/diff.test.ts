import { describe, expect, it } from "vitest";
import { diffFlows, summarizeDiff } from "./diff";
import type { FlowDocument } from "./document";

const base: FlowDocument = {
  format: "millrace/flow@1",
  name: "a",
  nodes: [
    { id: "in", kind: "generate-source", config: { body: "n", perSecond: 5 } },
    { id: "route", kind: "switch", config: { cases: [{ port: "de", when: "body == 1" }] }, position: { x: 0, y: 0 } },
    { id: "log", kind: "log", config: {} },
  ],
  edges: [
    { from: "in", to: "route" },
    { from: "route.de", to: "log" },
  ],
};
const withNode = (id: string, fields: object): FlowDocument => ({
  ...base,
  nodes: base.nodes.map((node) => (node.id === id ? { ...node, ...fields } : node)),
});

describe("what differs", () => {
  it("nothing, whatever the order of a config's fields", () => {
    const same = withNode("in", { config: { perSecond: 5, body: "n" } });
    expect(diffFlows(base, same)).toEqual({
      differs: "nothing",
      nodes: [],
      edges: { added: [], removed: [] },
      flow: [],
    });
    expect(summarizeDiff(diffFlows(base, same))).toBe("nothing");
  });

  it("looks: places, titles and notes change nothing that runs", () => {
    const diff = diffFlows(base, { ...withNode("route", { position: { x: 9, y: 0 }, notes: "why" }), title: "A" });
    expect(diff.differs).toBe("looks");
    expect(diff.nodes).toMatchObject([{ id: "route", change: "moved" }]);
    expect(summarizeDiff(diff)).toBe("only the drawing's looks");
  });

  it("behaviour: fields, nodes, wires and settings", () => {
    const after = withNode("route", { config: { cases: [{ port: "de", when: "body == 2" }], mode: "all" } });
    const diff = diffFlows(base, {
      ...after,
      settings: { trace: { share: 1 } },
      nodes: [...after.nodes.filter((node) => node.id !== "log"), { id: "out", kind: "log", config: {} }],
      edges: [
        { from: "in", to: "route" },
        { from: "route.de", to: "out" },
      ],
    });
    expect(diff.differs).toBe("behaviour");
    expect(diff.nodes.map(({ id, change }) => [id, change])).toEqual([
      ["route", "changed"],
      ["out", "added"],
      ["log", "removed"],
    ]);
    expect(diff.nodes[0]?.fields).toEqual([
      { path: "config.cases.0.when", before: "body == 1", after: "body == 2" },
      { path: "config.mode", before: undefined, after: "all" },
    ]);
    expect(diff.edges).toEqual({ added: ["route.de>out"], removed: ["route.de>log"] });
    expect(diff.flow).toEqual([{ path: "settings", before: undefined, after: { trace: { share: 1 } } }]);
    expect(summarizeDiff(diff)).toBe(
      "1 node added, 1 node removed, 1 node changed, 1 wire added, 1 wire removed, 1 setting changed",
    );
  });

  it("of lists whose items have names goes by name", () => {
    const first = { port: "de", when: "body == 1" };
    const before = withNode("route", { config: { cases: [first, { port: "fr", when: "body == 2" }] } });
    const after = withNode("route", { config: { cases: [{ port: "fr", when: "body == 3" }] } });
    expect(diffFlows(before, after).nodes[0]?.fields).toEqual([
      { path: "config.cases.0", before: first, after: undefined },
      { path: "config.cases.0.when", before: "body == 2", after: "body == 3" },
    ]);
    // Another order may run otherwise: then each place counts.
    const turned = withNode("route", { config: { cases: [{ port: "fr", when: "body == 2" }, first] } });
    expect(diffFlows(before, turned).nodes[0]?.fields).toHaveLength(4);
  });
});
