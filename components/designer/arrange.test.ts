import { describe, expect, it } from "vitest";
import { drawFlow } from "@/flow/testing/drawing";
import { alignNodes, distributeNodes, keepCorner } from "./arrange";

const at = (x: number, y: number) => ({ position: { x, y } });
const flow = drawFlow([
  ["a", "map", {}, at(0, 0)],
  ["b", "map", {}, at(300, 50)],
  ["c", "map", {}, at(900, 200)],
  ["d", "map", {}],
]);
const ids = ["a", "b", "c", "d"];
const places = (document: typeof flow) => document.nodes.map(({ position }) => position && [position.x, position.y]);

describe("align", () => {
  it.each([
    [
      "left",
      [
        [0, 0],
        [0, 50],
        [0, 200],
      ],
    ],
    [
      "right",
      [
        [900, 0],
        [900, 50],
        [900, 200],
      ],
    ],
    [
      "centre",
      [
        [450, 0],
        [450, 50],
        [450, 200],
      ],
    ],
    [
      "top",
      [
        [0, 0],
        [300, 0],
        [900, 0],
      ],
    ],
    [
      "bottom",
      [
        [0, 200],
        [300, 200],
        [900, 200],
      ],
    ],
    [
      "middle",
      [
        [0, 100],
        [300, 100],
        [900, 100],
      ],
    ],
  ] as const)("%s", (to, expected) => {
    expect(places(alignNodes(flow, ids, to))).toEqual([...expected, undefined]);
  });
  it("needs two", () => expect(alignNodes(flow, ["a"], "right")).toBe(flow));
});

it("distributes with equal gaps, the outermost staying", () => {
  expect(places(distributeNodes(flow, ids, "x"))).toEqual([[0, 0], [450, 50], [900, 200], undefined]);
  expect(places(distributeNodes(flow, ids, "y"))).toEqual([[0, 0], [300, 100], [900, 200], undefined]);
  expect(distributeNodes(flow, ["a", "b"], "x")).toBe(flow);
});

it("keeps the corner of what is laid out anew", () => {
  const laidOut = new Map([
    ["b", { x: 20, y: 20 }],
    ["c", { x: 300, y: 10 }],
  ]);
  expect([...keepCorner(flow, laidOut)]).toEqual([
    ["b", { x: 300, y: 60 }],
    ["c", { x: 580, y: 50 }],
  ]);
});
