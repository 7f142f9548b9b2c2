import { describe, expect, it } from "vitest";
import { kinds } from "@/flow/catalog";
import { drawFlow } from "@/flow/testing/drawing";
import { fitsInPlaceOf, replaceNode } from "./replace";

const flow = drawFlow(
  [
    ["in", "kafka-source", { topic: "orders", connection: "kafka", codec: "text" }],
    ["f", "filter", { when: "body.a > 1" }, { title: "Big ones", notes: "why" }],
    ["out", "kafka-sink", { topic: "done", connection: "kafka", key: "body.id" }],
    ["rest", "log"],
  ],
  "in>f",
  "f.pass>out",
  "f.rest>rest",
  "f.error>rest",
);

describe("replace", () => {
  it("keeps title, notes, place, and wires at ports that fit; the first port is the first of the other", () => {
    const { document, lost } = replaceNode(flow, "f", "map");
    expect(document.nodes[1]).toEqual({ ...flow.nodes[1], kind: "map", config: {} });
    expect(document.edges).toEqual([
      { from: "in", to: "f" },
      { from: "f", to: "out" },
      { from: "f.error", to: "rest" },
    ]);
    expect(lost).toBe(1);
  });
  it("keeps fields of the same name and sort, no connection of another kind", () => {
    const { config } = replaceNode(flow, "out", "rabbitmq-sink").document.nodes[2]!;
    expect(config).toMatchObject({ connection: "rabbitmq" });
    expect(config).not.toHaveProperty("topic");
    expect(replaceNode(flow, "in", "redis-stream-source").document.nodes[0]!.config).toMatchObject({ codec: "text" });
  });
  it("offers kinds of the same role, and what takes all its wires", () => {
    const fitting = (id: string) => kinds.filter((kind) => fitsInPlaceOf(flow, id, kind)).map(({ role }) => role);
    expect(new Set(fitting("in"))).toEqual(new Set(["source"]));
    expect(new Set(fitting("f"))).toEqual(new Set(["step"]));
    expect(new Set(fitting("out"))).toEqual(new Set(["sink", "step"]));
    expect(kinds.filter((kind) => fitsInPlaceOf(flow, "f", kind)).map(({ kind }) => kind)).not.toContain("saga-step");
  });
});
