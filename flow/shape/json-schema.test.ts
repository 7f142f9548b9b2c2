import { describe, expect, it } from "vitest";
import { findKind } from "../catalog";
import { configureNode } from "../configure";
import { readSchema, shapeOfSchema } from "./json-schema";
import { nameShape } from "./shape";

const shapeOf = (schema: unknown) => shapeOfSchema(readSchema(schema));

describe("JSON Schema", () => {
  it("gives fields, what is required, lists, times, references and alternatives", () => {
    const shape = shapeOf({
      type: "object",
      required: ["id"],
      properties: {
        id: { type: "string", description: "Of the order" },
        at: { type: "string", format: "date-time" },
        total: { type: ["number", "null"] },
        lines: { type: "array", items: { $ref: "#/$defs/line" } },
        state: { enum: ["new", "paid"] },
      },
      $defs: { line: { type: "object", properties: { sku: { type: "string" } } } },
    });
    expect(nameShape(shape)).toBe(
      "{id: text, at?: time, total?: number or null, lines?: list of object of 1, state?: text}",
    );
    expect(shape).toMatchObject({ closed: true, fields: { id: { doc: "Of the order" } } });
  });

  it("is open where it says so, or names no fields", () => {
    expect(shapeOf({ type: "object" })).toMatchObject({ closed: false });
    expect(shapeOf({ properties: { id: {} }, additionalProperties: true })).toMatchObject({ closed: false });
    expect(shapeOf(true)).toEqual({ is: "unknown" });
  });

  it("joins what must hold all at once, and ends on a schema that refers to itself", () => {
    expect(nameShape(shapeOf({ allOf: [{ properties: { a: {} } }, { properties: { b: {} } }] }))).toBe(
      "{a?: any, b?: any}",
    );
    expect(shapeOf({ $ref: "#" })).toEqual({ is: "unknown" });
  });

  it.each([
    ["{", "JSON Schema has a value that does not fit: the schema is not JSON"],
    ["[]", "the schema must be an object"],
    [{ properties: { total: { type: "decimal" } } }, "`properties.total.type` is not a type of JSON Schema"],
    [{ properties: { a: { $ref: "#/$defs/b" } } }, "`properties.a.$ref` leads nowhere"],
    [{ anyOf: {} }, "`anyOf` must be a list of schemas"],
    [{ required: "id" }, "`required` must be a list of names"],
  ])("refuses %j at its place", (schema, words) => {
    const node = { id: "orders", kind: "kafka-source", config: { topic: "orders", schema } };
    const [problem] = configureNode(node, findKind).problems;
    expect(problem).toMatchObject({ code: "config-field-invalid", field: "schema" });
    expect(problem?.message).toContain(words);
  });
});
