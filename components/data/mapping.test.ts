import { expect, it } from "vitest";
import { nameAfter, readMapping, readTarget, setRow, writeMapping } from "./mapping";

it("reads fields to set, and a whole new body that is a list of fields", () => {
  expect(readMapping({ set: { total: "body.a * 2" } })).toEqual({
    mode: "set",
    rows: [{ field: "total", expression: "body.a * 2" }],
  });
  const value = readMapping({ value: "{'id': body.id, 'sum': body.a + body.b}" });
  expect(value.rows).toEqual([
    { field: "id", expression: "body.id" },
    { field: "sum", expression: "body.a + body.b" },
  ]);
  expect(readMapping({ value: "body.inner" }).mode).toBe("free");
  expect(writeMapping(setRow(value, "sum", "body.c"))).toEqual({
    field: "value",
    value: "{'id': body.id, 'sum': body.c}",
  });
});

it("puts in, replaces and takes out", () => {
  const one = setRow(readMapping({}), "id", "body.id");
  expect(writeMapping(one)).toEqual({ field: "set", value: { id: "body.id" } });
  expect(writeMapping(setRow(one, "id", null))).toEqual({ field: "set", value: undefined });
});

it("names a field after where it comes from, and knows what a target asks for", () => {
  expect(["body.address.city", "body.lines[0]", "headers['x-id']", "body"].map(nameAfter)).toEqual([
    "city",
    "field",
    "x-id",
    "all",
  ]);
  expect(Object.keys(readTarget({ properties: { id: {} } })?.fields ?? {})).toEqual(["id"]);
  expect(readTarget("{")).toBeNull();
});
