import { expect, it } from "vitest";
import { diffFlows } from "@/flow/diff";
import type { FlowDocument } from "@/flow/document";
import { layOver } from "./lay-over";

const before: FlowDocument = {
  format: "millrace/flow@1",
  name: "a",
  nodes: [
    { id: "in", kind: "webhook-source", config: { path: "a" }, position: { x: 0, y: 0 } },
    { id: "old", kind: "log", config: {}, position: { x: 300, y: 0 } },
    { id: "stays", kind: "log", config: {}, position: { x: 300, y: 100 } },
  ],
  edges: [
    { from: "in", to: "old" },
    { from: "in", to: "stays" },
  ],
};
const after: FlowDocument = {
  ...before,
  nodes: [
    before.nodes[0]!,
    { ...before.nodes[2]!, position: { x: 300, y: 0 } },
    { id: "new", kind: "log", config: {} },
  ],
  edges: [
    { from: "in", to: "stays" },
    { from: "in", to: "new" },
  ],
};

it("what was removed stays as a ghost, and each mark says what it is in a word", () => {
  const diff = diffFlows(before, after);
  const { document, way } = layOver(before, after, diff, { moved: true });
  expect(document.nodes.map(({ id }) => id)).toEqual(["in", "stays", "new", "old"]);
  expect(document.edges).toHaveLength(3);
  expect(way.nodes).toMatchObject({
    old: { word: "removed", ghost: true },
    new: { word: "added", ghost: false },
    stays: { word: "moved" },
  });
  expect(way.edges).toMatchObject({ "in>old": { ghost: true, label: "− removed" }, "in>new": { label: "+ added" } });
  expect(layOver(before, after, diff, { moved: false }).way.nodes).not.toHaveProperty("stays");
});

it("ghosts are laid out with a drawing that has no places", () => {
  const bare = { ...after, nodes: after.nodes.map(({ position: _place, ...node }) => node) };
  const { document } = layOver(before, bare, diffFlows(before, bare), { moved: true });
  expect(document.nodes.every((node) => node.position === undefined)).toBe(true);
});
