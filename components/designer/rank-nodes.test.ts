import { expect, it } from "vitest";
import type { FlowNode } from "@/flow/document";
import { rankNodes } from "./rank-nodes";

const nodes: FlowNode[] = [
  { id: "route", kind: "switch", config: { cases: [{ port: "tax", when: "true" }] } },
  { id: "after-tax", kind: "map", config: {} },
  { id: "tax-service", kind: "http-request", config: {} },
  { id: "out", kind: "log", title: "Tax", config: {} },
];
const find = (text: string) => rankNodes(nodes, text).map(({ id }) => id);

it("names go before ports and settings", () => {
  expect(find("Tax")).toEqual(["out", "tax-service", "after-tax", "route"]);
});

it("kinds are found too; nothing typed lists all as they are drawn", () => {
  expect(find("http")).toEqual(["tax-service"]);
  expect(find("")).toEqual(nodes.map(({ id }) => id));
  expect(find("nowhere")).toEqual([]);
});
