import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FlowDocument, flowSchema } from "@/flow/document";
import { fromCanvas, toCanvas } from "./canvas-state";

const point = fc.record({ x: fc.integer({ min: -5000, max: 5000 }), y: fc.integer({ min: -5000, max: 5000 }) });
const kind = fc.constantFrom("kafka-source", "switch", "map", "log", "not-a-kind");
const documents: fc.Arbitrary<FlowDocument> = fc
  .uniqueArray(fc.stringMatching(/^[a-z0-9-]{1,12}$/), { maxLength: 12 })
  .chain((ids) =>
    fc.record({
      format: fc.constant("millrace/flow@1" as const),
      name: fc.constant("any"),
      nodes: fc.tuple(
        ...ids.map((id) =>
          fc.record(
            {
              id: fc.constant(id),
              kind,
              config: fc.dictionary(fc.string(), fc.jsonValue()),
              position: point,
              notes: fc.string(),
            },
            { requiredKeys: ["id", "kind", "config"] },
          ),
        ),
      ),
      edges:
        ids.length === 0
          ? fc.constant([])
          : fc.array(
              fc.record({
                from: fc
                  .tuple(fc.constantFrom(...ids), fc.constantFrom("", ".out", ".de", ".error"))
                  .map((part) => part.join("")),
                to: fc.constantFrom(...ids, "nowhere"),
              }),
              { maxLength: 20 },
            ),
    }),
  );

describe("document ↔ canvas", () => {
  it("is the identity for any flow file, also through the schema", () => {
    fc.assert(
      fc.property(documents, (document) => {
        const back = fromCanvas(document, toCanvas(document));
        expect(back).toEqual(document);
        expect(flowSchema.parse(back)).toEqual(flowSchema.parse(document));
      }),
    );
  });

  it("keeps every unchanged node and wire by identity", () => {
    fc.assert(
      fc.property(documents, (document) => {
        const first = toCanvas(document);
        const second = toCanvas({ ...document, nodes: [...document.nodes], edges: [...document.edges] }, first);
        expect(second.nodes).toBe(first.nodes);
        expect(second.edges).toBe(first.edges);
      }),
    );
  });

  it("draws a duplicated id once and leaves wires to nowhere out", () => {
    const node = { id: "a", kind: "log", config: {} };
    const canvas = toCanvas({
      format: "millrace/flow@1",
      name: "x",
      nodes: [node, node],
      edges: [{ from: "a", to: "gone" }],
    });
    expect(canvas.nodes).toHaveLength(1);
    expect(canvas.edges).toHaveLength(0);
  });
});
