import { expect, it } from "vitest";
import type { FlowDocument } from "@/flow/document";
import type { Problem } from "@/flow/problems";
import { nameNode } from "./node-name";
import { createDesignerStore } from "./store";

const flow: FlowDocument = {
  format: "millrace/flow@1",
  name: "orders",
  nodes: [
    { id: "german", kind: "filter", title: "Only German orders", config: {} },
    { id: "total", kind: "map", title: "Add total", config: {}, disabled: "pass" },
    { id: "log", kind: "log", config: {} },
  ],
  edges: [
    { from: "german.pass", to: "total" },
    { from: "german.rest", to: "log" },
  ],
};
const problem = (node: string): Problem =>
  ({ code: "config-field-invalid", severity: "error", message: "no", node }) as Problem;

it("says kind, title, problems and where the wires lead", () => {
  const problems = [problem("german"), problem("german"), problem("log")];
  const names = flow.nodes.map((node) => nameNode(flow, node, problems));
  expect(names).toEqual([
    "Filter, Only German orders, 2 problems, wired to Add total, Log",
    "Map, Add total, disabled, passes on",
    "Log, 1 problem",
  ]);
});

it("keeps the name of each node up to date, and draws only that node anew", () => {
  const store = createDesignerStore({ document: flow, revision: 1 });
  const before = store.getState().nodes;
  store.getState().set({ problems: [problem("log")] });
  const { nodes } = store.getState();
  expect(nodes[2]!.ariaLabel).toBe("Log, 1 problem");
  expect(nodes[0]).toBe(before[0]);
});
