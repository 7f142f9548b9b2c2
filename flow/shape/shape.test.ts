import { describe, expect, it } from "vitest";
import { findNearest } from "../nearest";
import { inferShape } from "./infer";
import { closedObject, mergeShapes, nameShape, setShape } from "./shape";

describe("shapes of samples", () => {
  it("has fields that are not in every sample as optional, and unions of what differs", () => {
    const shape = inferShape([
      { id: "o-1", total: 5, at: "2026-01-01T10:00:00Z", lines: [{ sku: "a" }, { sku: "b", note: null }] },
      { id: 7, at: "2026-01-02T10:00:00Z", vip: true, lines: [] },
    ]);
    expect(shape).toMatchObject({
      closed: false,
      fields: {
        id: { shape: { is: "either", of: [{ is: "text" }, { is: "number" }] } },
        total: { shape: { is: "number" }, optional: true },
        at: { shape: { is: "time" } },
        vip: { shape: { is: "bool" }, optional: true },
      },
    });
    expect(nameShape(shape)).toBe(
      "{id: text or number, total?: number, at: time, lines: list of any, vip?: true/false}",
    );
  });

  it("keeps a text that is a time only sometimes as text", () => {
    expect(inferShape(["2026-01-01", "soon"])).toEqual({ is: "text" });
    expect(inferShape([])).toEqual({ is: "unknown" });
  });
});

describe("shapes that change", () => {
  it("sets fields on the way a message's are set", () => {
    const body = closedObject({ id: { shape: { is: "text" } } });
    expect(nameShape(setShape(body, ["total"], { is: "number" }))).toBe("{id: text, total: number}");
    expect(setShape(body, ["address", "city"], { is: "text" })).toMatchObject({
      fields: { address: { shape: { is: "object", closed: true, fields: { city: { shape: { is: "text" } } } } } },
    });
    expect(setShape({ is: "text" }, ["total"], { is: "number" })).toEqual({ is: "unknown" });
  });

  it("is unknown where one of two ways is", () => {
    expect(mergeShapes({ is: "text" }, { is: "unknown" })).toEqual({ is: "unknown" });
    const [a, b] = [closedObject({ a: { shape: { is: "text" } } }), closedObject({ b: { shape: { is: "text" } } })];
    expect(nameShape(mergeShapes(a, b))).toBe("{a?: text, b?: text}");
  });
});

it.each([
  ["totl", "total"],
  ["Country", "country"],
  ["qauntity", "quantity"],
  ["price", undefined],
])("finds what %s was meant to be", (name, meant) => {
  expect(findNearest(name, ["id", "total", "country", "quantity"])).toBe(meant);
});
