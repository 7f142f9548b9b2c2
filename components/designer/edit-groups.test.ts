import { describe, expect, it } from "vitest";
import { checkFlow } from "@/flow/check";
import { drawFlow } from "@/flow/testing/drawing";
import { framesOf } from "../drawing/group-frames";
import { removeNodes, renameNode } from "./edit";
import { changeGroup, groupNodes, groupOf, leaveGroups, ungroup } from "./edit-groups";
import { copyPiece, pastePiece } from "./piece";

const flow = drawFlow(
  [
    ["a", "kafka-source", { topic: "t" }],
    ["b", "map", { value: "body" }],
    ["c", "log"],
  ],
  "a>b",
  "b>c",
);
const grouped = groupNodes(flow, ["a", "b"]).document;
const members = (document: typeof flow) => document.groups?.map(({ id, nodes }) => [id, ...nodes]);

describe("a group", () => {
  it("is made of nodes, which leave the ones they were in", () => {
    expect(members(grouped)).toEqual([["group", "a", "b"]]);
    expect(members(groupNodes(grouped, ["b", "c"]).document)).toEqual([
      ["group", "a"],
      ["group-2", "b", "c"],
    ]);
    expect(groupNodes(grouped, ["a", "b"])).toEqual({ document: grouped, id: "group" });
    expect(groupNodes(flow, ["note:x"])).toEqual({ document: flow, id: "" });
  });
  it("takes in what is chosen together with it", () => {
    expect(members(groupNodes(grouped, ["a", "b", "c"]).document)).toEqual([["group", "a", "b", "c"]]);
  });
  it("is renamed, coloured and taken away", () => {
    expect(groupOf(changeGroup(grouped, "group", { title: "In", color: "red" }), "a")).toMatchObject({
      title: "In",
      color: "red",
    });
    expect(ungroup(grouped, ["group"])).toEqual(flow);
    expect(members(leaveGroups(grouped, ["a"]))).toEqual([["group", "b"]]);
    expect(leaveGroups(grouped, ["a", "b"])).toEqual(flow);
  });
  it("is left by a node that is deleted, and follows one that is renamed", () => {
    expect(members(removeNodes(grouped, ["a"], true))).toEqual([["group", "b"]]);
    expect(members(renameNode(grouped, "a", "orders"))).toEqual([["group", "orders", "b"]]);
  });
  it("is copied and pasted whole, or not at all", () => {
    const { document } = pastePiece(grouped, copyPiece(grouped, ["a", "b", "c"]), { by: 10 });
    expect(members(document)).toEqual([
      ["group", "a", "b"],
      ["group-2", "a-2", "b-2"],
    ]);
    expect(checkFlow(document).filter(({ code }) => code.startsWith("group"))).toEqual([]);
    expect(copyPiece(grouped, ["a", "c"]).groups).toBeUndefined();
  });
  it("has a frame around its nodes", () => {
    const places = new Map([
      ["a", { x: 0, y: 0 }],
      ["b", { x: 300, y: 100 }],
    ]);
    expect(framesOf(grouped, places)).toMatchObject([{ x: -20, y: -48, width: 552, height: 222 }]);
    expect(framesOf(grouped, new Map())).toEqual([]);
  });
});
