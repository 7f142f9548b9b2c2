import { describe, expect, it } from "vitest";
import type { FlowDocument } from "./document";
import { findInFlow } from "./find";

const flow: FlowDocument = {
  format: "millrace/flow@1",
  name: "orders",
  title: "Orders by country",
  nodes: [
    { id: "in", kind: "kafka-source", config: { topic: "orders.de" }, notes: "Ask Grace about the orders" },
    {
      id: "german",
      kind: "switch",
      title: "Only German",
      config: { cases: [{ port: "de", when: "body.country == 'DE'" }] },
    },
  ],
  edges: [],
  notes: [{ id: "n", text: `${"x ".repeat(200)}the German ones${" y".repeat(200)}`, position: { x: 0, y: 0 } }],
  groups: [{ id: "g", title: "German orders", nodes: ["in"] }],
};
const find = (text: string) => findInFlow(flow, text).map((hit) => `${hit.in} ${hit.id} ${hit.field}`);

describe("finding in a flow", () => {
  it("looks at names first, then at settings, expressions, notes and groups, in whatever case", () => {
    expect(find("ORDERS")).toEqual([
      "flow orders name",
      "flow orders title",
      "node in config.topic",
      "node in notes",
      "group g title",
    ]);
    expect(find("german")).toEqual(["node german title", "node german id", "note n text", "group g title"]);
    expect(find("country ==")).toEqual(["node german config.cases.0.when"]);
    expect(find("switch")).toEqual(["node german kind"]);
  });
  it("cuts long text around what was found, and says where in it", () => {
    const hit = findInFlow(flow, "the german")[0]!;
    expect(hit.text.length).toBeLessThan(130);
    expect(hit.text.slice(hit.at, hit.at + hit.length)).toBe("the German");
    expect(hit.text).toMatch(/^….*…$/);
  });
  it("is bounded, and finds nothing for nothing", () => {
    expect(findInFlow(flow, "e", 3)).toHaveLength(3);
    expect(find("  ")).toEqual([]);
    expect(find("no such")).toEqual([]);
  });
});
