import { describe, expect, it } from "vitest";
import { findKind } from "@/flow/catalog";
import { checkFlow } from "@/flow/check";
import type { FlowDocument } from "@/flow/document";
import type { ProblemCode } from "@/flow/problems";
import { type DrawnNode, drawFlow } from "@/flow/testing/drawing";
import { applyFix } from "./apply-fix";

const source: DrawnNode = ["in", "kafka-source", { topic: "orders" }];
const sink: DrawnNode = ["out", "log"];
const map: DrawnNode = ["m", "map", { value: "body" }];

/** The drawing with the problem of that code mended. */
function mend(flow: FlowDocument, code: ProblemCode, options?: Parameters<typeof checkFlow>[1]): FlowDocument {
  const problem = checkFlow(flow, options).find((each) => each.code === code);
  expect(problem?.fix).toBeDefined();
  const mended = applyFix(flow, problem!)!;
  expect(checkFlow(mended, options).filter((each) => each.code === code)).toEqual([]);
  return mended;
}

describe("a fix", () => {
  it.each<[ProblemCode, FlowDocument]>([
    ["edge-node-unknown", drawFlow([source, sink], "in>out", "in>nobody")],
    ["edge-duplicate", drawFlow([source, sink], "in>out", "in>out")],
    ["edge-port-unknown", drawFlow([source, ["f", "filter", { when: "true" }], sink], "in>f", "f.pss>out")],
    ["edge-cycle", drawFlow([source, map, ["n", "map", { value: "body" }]], "in>m", "m>n", "n>m")],
    ["node-input-missing", drawFlow([source, sink, map], "in>out")],
    ["config-field-unknown", drawFlow([["in", "kafka-source", { tpoic: "orders" }], sink], "in>out")],
    [
      "expression-unknown-name",
      drawFlow([source, ["f", "filter", { when: "bdoy.a > 1" }], sink], "in>f", "f.pass>out"),
    ],
    [
      "node-disabled",
      drawFlow([source, ["m", "map", { value: "body" }, { disabled: "block" }], sink], "in>m", "m>out"),
    ],
    ["disabled-cannot-pass", drawFlow([source, ["out", "kafka-sink", { topic: "t" }, { disabled: "pass" }]], "in>out")],
    ["group-node-unknown", { ...drawFlow([source, sink], "in>out"), groups: [{ id: "g", title: "", nodes: ["x"] }] }],
    [
      "retry-invalid",
      drawFlow(
        [source, ["out", "log", {}, { retry: { attempts: 2, backoff: "fixed", delayMs: 500, maxDelayMs: 100 } }]],
        "in>out",
      ),
    ],
  ])("mends %s", (code, flow) => {
    mend(flow, code);
  });

  it("gives a field the name that was meant, and a wire its port", () => {
    const named = mend(drawFlow([["in", "kafka-source", { tpoic: "orders" }], sink], "in>out"), "config-field-unknown");
    expect(named.nodes[0]!.config).toEqual({ topic: "orders" });
    const wired = mend(
      drawFlow([source, ["f", "filter", { when: "true" }], sink], "in>f", "f.pss>out"),
      "edge-port-unknown",
    );
    expect(wired.edges[1]).toEqual({ from: "f.pass", to: "out" });
    const expression = drawFlow([source, ["f", "filter", { when: "bdoy.a > 1" }], sink], "in>f", "f.pass>out");
    expect(mend(expression, "expression-unknown-name").nodes[1]!.config).toEqual({ when: "body.a > 1" });
  });

  it("reaches into a list", () => {
    const cases = [
      { port: "a", when: "bdoy.a > 1" },
      { port: "b", when: "true" },
    ];
    const flow = drawFlow([source, ["s", "switch", { cases }], sink], "in>s", "s.a>out");
    expect(mend(flow, "expression-unknown-name").nodes[1]!.config).toEqual({
      cases: [{ port: "a", when: "body.a > 1" }, cases[1]],
    });
  });

  it("takes the only connection that fits", () => {
    const flow = drawFlow([["in", "kafka-source", { topic: "orders", connection: "kafak" }], sink], "in>out");
    const connections = [{ name: "kafka", kind: "kafka", missing: [] }];
    expect(mend(flow, "connection-missing", { connections }).nodes[0]!.config.connection).toBe("kafka");
  });

  it("writes an older node as its kind has it now", () => {
    const log = findKind("log")!;
    const newer = { ...log, version: 2, migrations: { 1: (config: Record<string, unknown>) => ({ ...config }) } };
    const find = (name: string) => (name === "log" ? newer : findKind(name));
    const mended = mend(drawFlow([source, sink], "in>out"), "node-version-older", { find });
    expect(mended.nodes[1]).toMatchObject({ version: 2, config: {} });
  });

  it("offers what may stand behind a port that is not wired", () => {
    const flow = drawFlow([source, ["s", "switch", { cases: [{ port: "a", when: "true" }] }], sink], "in>s", "s.a>out");
    const [problem] = checkFlow(flow);
    expect(problem).toMatchObject({ code: "port-unwired", fix: { do: "wire-port", port: "otherwise" } });
    expect(applyFix(flow, problem!)).toBeNull();
  });
});
