import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { diffFlows } from "@/flow/diff";
import { listDifferences } from "@/flow/differences";
import type { FlowDocument } from "@/flow/document";
import { DifferenceList } from "./difference-list";

const drawing = (when: string, path: string): FlowDocument => ({
  format: "millrace/flow@1",
  name: "a",
  nodes: [
    { id: "in", kind: "webhook-source", config: { path } },
    { id: "dear", kind: "filter", config: { when }, position: { x: when.length, y: 0 } },
  ],
  edges: [{ from: "in", to: "dear" }],
});

it("a text shows the words that differ, whatever else both values, and a place is not read", () => {
  const before = drawing("body.price > 10", "a");
  const after = { ...drawing("body.price > 200", "b"), settings: { trace: { share: 1 } } };
  const html = renderToStaticMarkup(<DifferenceList differences={listDifferences(diffFlows(before, after))} />);
  expect(html).toMatch(/body\.price &gt; <\/span><del[^>]*>10<\/del><ins[^>]*>200<\/ins>/);
  expect(html).toMatch(/<del[^>]*>a<\/del>.*<ins[^>]*>b<\/ins>/);
  expect(html).toContain("Flow settings");
  expect(html).not.toContain("position");
});

it("what only moved comes last, and is told from what was renamed", () => {
  const before = drawing("body.price > 10", "a");
  const moved = before.nodes.map((node) =>
    node.id === "in" ? { ...node, position: { x: 9, y: 9 } } : { ...node, title: "Dear ones" },
  );
  const list = listDifferences(diffFlows(before, { ...before, nodes: moved }));
  expect(list.map(({ title, change }) => [title, change])).toEqual([
    ["Dear ones", "reworded"],
    ["in", "moved"],
  ]);
});
