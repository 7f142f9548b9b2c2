import { describe, expect, it } from "vitest";
import type { FlowDocument } from "@/flow/document";
import { addNode, changeNode, connect, freeId, insertOnWire, refuseWire, removeNodes, renameNode } from "./edit";
import { setConfig } from "./edit-settings";

const flow: FlowDocument = {
  format: "millrace/flow@1",
  name: "orders",
  nodes: [
    { id: "orders", kind: "kafka-source", config: { connection: "kafka", topic: "orders" }, position: { x: 0, y: 0 } },
    {
      id: "route",
      kind: "switch",
      config: {
        cases: [
          { port: "de", when: "body.country == 'DE'" },
          { port: "fr", when: "true" },
        ],
      },
      position: { x: 260, y: 0 },
    },
    { id: "german", kind: "log", config: {}, position: { x: 520, y: 0 } },
    { id: "rest", kind: "log", config: {}, position: { x: 520, y: 120 } },
  ],
  edges: [
    { from: "orders", to: "route" },
    { from: "route.de", to: "german" },
    { from: "route.otherwise", to: "rest" },
  ],
};

describe("ids", () => {
  it("are made from words and stay unique", () => {
    expect(freeId([], "Kafka topic")).toBe("kafka-topic");
    expect(freeId(["kafka-topic", "kafka-topic-2"], "Kafka topic")).toBe("kafka-topic-3");
    expect(freeId([], "…")).toBe("node");
  });
  it("are renamed with every wire, and with no other node whose id begins alike", () => {
    const renamed = renameNode(flow, "route", "by-country");
    expect(renamed.edges).toEqual([
      { from: "orders", to: "by-country" },
      { from: "by-country.de", to: "german" },
      { from: "by-country.otherwise", to: "rest" },
    ]);
    expect(renameNode(flow, "route", "rest")).toBe(flow);
    expect(renameNode(flow, "route", "Not an id")).toBe(flow);
  });
});

describe("wires", () => {
  it("are refused with a reason", () => {
    expect(refuseWire(flow, { node: "route", port: "fr" }, { node: "german", port: "in" })).toBeNull();
    expect(refuseWire(flow, { node: "route", port: "it" }, { node: "german", port: "in" })).toContain("no output");
    expect(refuseWire(flow, { node: "route", port: "de" }, { node: "german", port: "in" })).toContain("already");
    expect(refuseWire(flow, { node: "route", port: "fr" }, { node: "orders", port: "in" })).toContain("input");
    expect(refuseWire(flow, { node: "route", port: "fr" }, { node: "route", port: "in" })).toContain("itself");
  });
  it("never close a circle", () => {
    const withMap = addNode(flow, "map", { x: 0, y: 0 });
    const chained = connect(withMap.document, { node: "route", port: "fr" }, { node: withMap.id, port: "in" });
    expect(refuseWire(chained, { node: withMap.id, port: "out" }, { node: "route", port: "in" })).toContain("circle");
  });
  it("take a node in between, leaving by its first output", () => {
    const added = addNode(flow, "filter", { x: 400, y: 0 });
    const next = insertOnWire(added.document, "route.de>german", added.id);
    expect(next.edges).toContainEqual({ from: "route.de", to: added.id });
    expect(next.edges).toContainEqual({ from: `${added.id}.pass`, to: "german" });
    expect(next.edges).not.toContainEqual({ from: "route.de", to: "german" });
  });
  it("make room for a node in between, and for nothing else", () => {
    const added = addNode(flow, "map", { x: 430, y: 10 });
    const next = insertOnWire(added.document, "route.de>german", added.id);
    const x = (id: string) => next.nodes.find((node) => node.id === id)!.position!.x;
    expect(x(added.id)).toBe(540);
    expect(x("german")).toBe(820);
    expect([x("route"), x("rest")]).toEqual([260, 520]);
  });
  it("stay as they are when the node in between is a source", () => {
    expect(insertOnWire(flow, "route.de>german", "orders")).toBe(flow);
  });
  it("follow a case that is renamed and go with one that is removed", () => {
    const renamed = setConfig(flow, "route", "cases", [
      { port: "germany", when: "true" },
      { port: "fr", when: "true" },
    ]);
    expect(renamed.edges).toContainEqual({ from: "route.germany", to: "german" });
    const removed = setConfig(flow, "route", "cases", [{ port: "fr", when: "true" }]);
    expect(removed.edges.map((edge) => edge.from)).toEqual(["orders", "route.otherwise"]);
  });
});

describe("settings", () => {
  const configOf = (document: FlowDocument, id: string) => document.nodes.find((node) => node.id === id)!.config;
  it("are set in a group, which is made where it is not there, and taken out of it", () => {
    const one = setConfig(flow, "german", "action.url", "/a");
    expect(configOf(one, "german")).toMatchObject({ action: { url: "/a" } });
    const two = setConfig(one, "german", "action.method", "PUT");
    expect(configOf(two, "german")).toMatchObject({ action: { url: "/a", method: "PUT" } });
    expect(configOf(one, "german")).toMatchObject({ action: { url: "/a" } });
    expect(configOf(setConfig(one, "german", "action.url", undefined), "german")).toMatchObject({ action: {} });
    expect(configOf(setConfig(one, "german", "action", undefined), "german")).not.toHaveProperty("action");
  });
});

describe("nodes", () => {
  it("go with their wires, or let what came in go on", () => {
    expect(removeNodes(flow, ["route"]).edges).toEqual([]);
    const added = addNode(flow, "map", { x: 0, y: 0 });
    const inserted = insertOnWire(added.document, "orders>route", added.id);
    expect(removeNodes(inserted, [added.id], true).edges).toContainEqual({ from: "orders", to: "route" });
  });
  it("keep untouched neighbours by identity", () => {
    const next = changeNode(flow, "route", { title: "By country" });
    expect(next.nodes[0]).toBe(flow.nodes[0]);
    expect(changeNode(next, "route", { title: "" }).nodes[1]).not.toHaveProperty("title");
  });
});
