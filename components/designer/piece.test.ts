import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FlowDocument, flowSchema } from "@/flow/document";
import { parseFlow } from "@/flow/parse";
import { copyPiece, pastePiece, readPiece, refusePiece } from "./piece";

const flow: FlowDocument = {
  format: "millrace/flow@1",
  name: "orders",
  nodes: [
    { id: "orders", kind: "kafka-source", config: { topic: "orders" }, position: { x: 0, y: 0 } },
    { id: "route", kind: "switch", config: {}, position: { x: 260, y: 0 } },
    { id: "german", kind: "log", config: {}, position: { x: 520, y: 0 } },
  ],
  edges: [
    { from: "orders", to: "route" },
    { from: "route.de", to: "german" },
  ],
  notes: [{ id: "why", text: "Because", position: { x: 260, y: -80 } }],
  groups: [{ id: "both", title: "Both", color: "blue", nodes: ["route", "german"] }],
};
const read = (text: string) => readPiece(text, parseFlow);
const reason = (text: string) => {
  const answer = read(text);
  return "reason" in answer ? answer.reason : "";
};

describe("a piece", () => {
  it("has the wires between its nodes, its notes, and the groups that are in it whole", () => {
    const piece = copyPiece(flow, ["route", "german", "note:why"]);
    expect(piece.edges).toEqual([{ from: "route.de", to: "german" }]);
    expect(piece.notes).toEqual(flow.notes);
    expect(piece.groups).toEqual(flow.groups);
    expect(copyPiece(flow, ["route"])).not.toHaveProperty("groups");
    expect(copyPiece(flow, ["note:why"]).notes).toHaveLength(1);
  });

  it("is pasted under free ids; wires, groups and notes follow, the corner at the point", () => {
    const pasted = pastePiece(flow, copyPiece(flow, ["route", "german", "note:why"]), { x: 1000, y: 500 });
    expect(pasted.ids).toEqual(["route-2", "german-2", "note:why-2"]);
    expect(pasted.document.edges).toContainEqual({ from: "route-2.de", to: "german-2" });
    expect(pasted.document.groups?.[1]).toEqual({
      id: "both-2",
      title: "Both",
      color: "blue",
      nodes: ["route-2", "german-2"],
    });
    expect(pasted.document.notes?.[1]).toMatchObject({ id: "why-2", position: { x: 1000, y: 500 } });
    expect(pasted.document.nodes.at(-1)?.position).toEqual({ x: 1260, y: 580 });
    expect(pasted.document.nodes.slice(0, 3)).toEqual(flow.nodes);
  });

  it("pasted into whatever drawing is a valid flow file, as often as one likes", () => {
    const ids = fc.subarray(["orders", "route", "german", "note:why"], { minLength: 1 });
    fc.assert(
      fc.property(fc.array(ids, { minLength: 1, maxLength: 5 }), (all) => {
        let document = flow;
        for (const chosen of all) {
          const answer = read(JSON.stringify(copyPiece(document, chosen)));
          if (!("piece" in answer)) throw new Error(answer.reason);
          document = pastePiece(document, answer.piece, { by: 40 }).document;
        }
        expect(flowSchema.safeParse(document).success).toBe(true);
        expect(parseFlow(document).problems).toEqual([]);
        const held = (document.groups ?? []).flatMap((group) => group.nodes);
        expect(new Set(held).size).toBe(held.length);
      }),
    );
  });

  it("comes out of a mail or a chat, too", () => {
    const text = JSON.stringify(copyPiece(flow, ["route"]), null, 2);
    expect(read(`\ufeff  ${text}\n`)).toHaveProperty("piece");
    expect(read(`\`\`\`json\n${text}\n\`\`\``)).toHaveProperty("piece");
  });
});

describe("text that is no piece is refused with what and where", () => {
  it.each([
    ["", /no text/],
    ["Hello, this is a mail about the flow that we made yesterday", /begins with “Hello, this is a mail/],
    ['{\n  "format": "millrace/flow@1",\n  "nodes": [,]\n}', /not JSON \(line 3, column \d+\)/],
    ['{"nodes": []}', /without a `format`/],
    ['{"format": "node-red"}', /of the format `node-red`/],
    [
      '{"format": "millrace/flow@1", "name": "a", "nodes": [{"id": "A b", "kind": "log"}], "edges": []}',
      /nodes\.0\.id/,
    ],
    [
      '{"format": "millrace/flow@1", "name": "a", "nodes": [{"id": "a", "kind": "log", "colour": 1}], "edges": []}',
      /`colour` in node `a` is unknown/,
    ],
    ['{"format": "millrace/flow@1", "name": "a", "nodes": [], "edges": []}', /no nodes and no notes/],
  ])("%s", (text, words) => {
    expect(reason(text)).toMatch(words);
  });

  it("and one with a node twice, or more than a flow holds", () => {
    const twice = { ...copyPiece(flow, ["route"]), nodes: [flow.nodes[1]!, flow.nodes[1]!] };
    expect(reason(JSON.stringify(twice))).toContain("2 nodes have the id `route`");
    const many = { ...flow, nodes: Array.from({ length: 2_000 }, (_, at) => ({ ...flow.nodes[0]!, id: `n${at}` })) };
    expect(refusePiece(flow, many)).toContain("2003 nodes; 2000 are the most");
    expect(refusePiece(flow, flow)).toBeNull();
  });
});
