import { describe, expect, it } from "vitest";
import { findKind } from "../catalog";
import { checkFlow } from "../check";
import type { FlowDocument, FlowNode } from "../document";
import { readExpressionShape } from "./expression-shape";
import { readFlowShapes } from "./flow-shapes";
import { inferShape } from "./infer";
import { nameShape } from "./shape";

const schema = {
  type: "object",
  properties: {
    id: { type: "string" },
    total: { type: "number" },
    address: { type: "object", properties: { city: { type: "string" } } },
    lines: { type: "array", items: { type: "object", properties: { sku: { type: "string" } } } },
  },
};

function draw(nodes: Record<string, [kind: string, config: object]>, edges: string[]): FlowDocument {
  return {
    format: "millrace/flow@1",
    name: "orders",
    nodes: Object.entries(nodes).map(([id, [kind, config]]) => ({ id, kind, config }) as FlowNode),
    edges: edges.map((edge) => ({ from: edge.split(">")[0]!, to: edge.split(">")[1]! })),
  } as FlowDocument;
}

const orders = (config = {}): [string, object] => ["kafka-source", { topic: "orders", schema, ...config }];
const absentIn = (flow: FlowDocument) => checkFlow(flow).filter(({ code }) => code === "field-absent");

describe("shapes along the wires", () => {
  const flow = draw(
    {
      orders: orders(),
      big: ["filter", { when: "body.total > 100" }],
      sum: ["map", { set: { gross: "body.total * 1.2", "address.zip": "'1'" } }],
      each: ["split", { items: "body.lines.map(line, {'sku': line.sku, 'order': body.id})" }],
      ask: ["http-request", { url: "/x", into: "answer" }],
    },
    ["orders>big", "big.pass>sum", "sum>each", "big.rest>ask", "ask>sum"],
  );
  const shapes = readFlowShapes(flow, findKind);

  it("says for each kind what leaves it", () => {
    expect(nameShape(shapes.into("sum"))).toContain("total?: number");
    expect(shapes.outOf("sum", "out")).toMatchObject({
      fields: {
        gross: { shape: { is: "number" } },
        address: { shape: { fields: { zip: { shape: { is: "text" } } } } },
      },
    });
    expect(nameShape(shapes.outOf("each", "out"))).toBe("{sku: text, order: text}");
    expect(shapes.outOf("ask", "out")).toMatchObject({ fields: { answer: { shape: { is: "unknown" } } } });
    expect(shapes.outOf("big", "error")).toBe(shapes.into("big"));
  });

  it("knows where a shape was made", () => {
    expect(shapes.originOf("big")).toBe("orders");
    expect(shapes.originOf("each")).toBe("sum");
  });

  it("takes what samples show where nothing is said, and warns of nothing then", () => {
    const open = draw({ orders: orders({ schema: undefined }), big: ["filter", { when: "body.totl > 1" }] }, [
      "orders>big",
    ]);
    const seen = readFlowShapes(open, findKind, { orders: inferShape([{ total: 1 }]) });
    expect(nameShape(seen.into("big"))).toBe("{total: number}");
    expect(absentIn(open)).toEqual([]);
  });
});

describe("fields that the node before does not give", () => {
  it("are warned of with its name, the place, and what was probably meant", () => {
    const flow = draw({ orders: orders(), big: ["filter", { when: "true && body.totl > 100" }] }, ["orders>big"]);
    expect(absentIn(flow)).toEqual([
      {
        code: "field-absent",
        severity: "warning",
        node: "big",
        field: "when",
        message: "`orders` gives no field `totl` in `body`. Did you mean `total`?",
        range: { from: 13, to: 17 },
        fix: { do: "set-field", field: "when", value: "true && body.total > 100", label: "Use “total”" },
      },
    ]);
  });

  it("are found in templates, switch cases, lists and behind a map with a whole new body", () => {
    const flow = draw(
      {
        orders: orders(),
        short: ["map", { value: "{'id': body.id, 'sum': body.total}" }],
        by: ["switch", { cases: [{ port: "a", when: "body.total > 1" }] }],
        sink: ["kafka-sink", { topic: "orders.$" + "{body.adress.city}", key: "body.lines.all(l, l.sk == '')" }],
      },
      ["orders>short", "short>by", "orders>sink"],
    );
    expect(absentIn(flow).map(({ node, field, message }) => [node, field, message])).toEqual([
      ["by", "cases.0.when", "`short` gives no field `total` in `body`. It has `id` and `sum`."],
      ["sink", "topic", "`orders` gives no field `adress` in `body`. Did you mean `address`?"],
      ["sink", "key", "`orders` gives no field `sk` in `l`. Did you mean `sku`?"],
    ]);
  });

  it("may be asked for", () => {
    const flow = draw(
      { orders: orders(), big: ["filter", { when: "has(body.x) && body.?y.orValue(1) == body[?'z'].orValue(1)" }] },
      ["orders>big"],
    );
    expect(absentIn(flow)).toEqual([]);
  });

  it("names what is no object", () => {
    const flow = draw({ orders: orders(), big: ["filter", { when: "body.lines.sku == 'a'" }] }, ["orders>big"]);
    expect(absentIn(flow)[0]?.message).toBe(
      "`orders` gives list of object of 1 in `body.lines`, which has no field `sku`.",
    );
  });
});

it.each([
  ["body.total * 2", "number"],
  ["'a' + body.id", "text"],
  ["body.total > 1 ? body.id : null", "text or null"],
  ["body.lines.map(l, l.sku).join(',')", "text"],
  ["body.lines.filter(l, l.sku == 'a')[0].sku", "text"],
  ["timestamp(body.id)", "time"],
  ["body['total']", "number"],
  ["size(body.lines)", "number"],
  ["{'a': 1, 'b': [body.id]}", "{a: number, b: list of text}"],
  ["body.", "any"],
])("%s gives %s", (source, shape) => {
  const body = readFlowShapes(draw({ orders: orders() }, []), findKind).outOf("orders", "out");
  expect(nameShape(readExpressionShape(source, { body }).shape)).toBe(shape);
});
