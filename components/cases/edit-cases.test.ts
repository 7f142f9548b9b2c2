import { expect, test } from "vitest";
import { type FlowDocument, flowFormat } from "@/flow/document";
import type { TestCase } from "@/flow/test-case";
import { addCases, casesOf, duplicateCase, refuseCases, refuseName, removeCase, replaceCase } from "./edit-cases";
import { readCases } from "./read-cases";
import { takeField } from "./take-field";

const flow: FlowDocument = { format: flowFormat, name: "orders", nodes: [], edges: [] };
const order: TestCase = {
  name: "Order 1",
  at: "in",
  message: { body: { id: 1 } },
  expect: { out: [{ body: { id: 1 } }] },
};
const difference = { at: "out", node: "out", message: 0, expected: "1", actual: "2" };

test("cases are added under free names, copied behind themselves, replaced and removed", () => {
  const two = addCases(addCases(flow, [order]), [order]);
  expect(casesOf(two).map(({ name }) => name)).toEqual(["Order 1", "Order 1 (2)"]);
  const copied = duplicateCase(two, "Order 1");
  expect(casesOf(copied.document).map(({ name }) => name)).toEqual(["Order 1", "Order 1 copy", "Order 1 (2)"]);
  expect(casesOf(replaceCase(two, "Order 1", { ...order, at: "other" }))[0]?.at).toBe("other");
  // The last one takes the field with it: the file says nothing of tests then.
  expect(removeCase(addCases(flow, [order]), "Order 1")).toEqual(flow);
  expect(refuseName(two, " Order 1 ")).toContain("already");
  expect(refuseName(two, "Order 1", "Order 1")).toBeNull();
  expect(refuseCases(two, 199)).toContain("room for 198 more");
});

test("one field is taken as it came, the rest stays", () => {
  expect(takeField(order, { ...difference, field: "body.id" }, undefined).expect.out).toEqual([{ body: { id: 2 } }]);
  const deep = { ...order, expect: { out: [{ body: { items: [{ "unit price": 1 }, 5] } }] } };
  expect(takeField(deep, { ...difference, field: 'body.items[0]["unit price"]' }, undefined).expect.out).toEqual([
    { body: { items: [{ "unit price": 2 }, 5] } },
  ]);
  expect(takeField(deep, { ...difference, field: "body.items[1]", actual: null }, undefined).expect.out).toEqual([
    { body: { items: [{ "unit price": 1 }] } },
  ]);
  expect(takeField(order, { ...difference, field: "key", actual: '"k"' }, undefined).expect.out?.[0]?.key).toBe("k");
  expect(takeField(order, { ...difference, field: "message", actual: null }, undefined).expect.out).toEqual([]);
  expect(
    takeField(
      order,
      { ...difference, field: "message", message: 1, expected: null, actual: "{}" },
      {
        expect: { out: [{ body: { id: 1 } }, { key: "b", body: {} }] },
      },
    ).expect.out,
  ).toEqual([{ body: { id: 1 } }, { key: "b", body: {} }]);
  expect(
    takeField(order, { ...difference, field: "failure", expected: null, actual: '"cel-failed"' }, undefined).fails,
  ).toEqual([{ node: "out", code: "cel-failed" }]);
});

test("lines of JSON are cases, messages or bodies; what is wrong is named with its line", () => {
  const read = readCases(
    [
      JSON.stringify(order),
      '{"key":"k","body":{"id":2}}',
      '{"id":3}',
      "{broken",
      JSON.stringify(order),
      '{"name":"x","message":{},"expect":{}}',
      "",
    ].join("\n"),
  );
  expect(read.cases).toEqual([order]);
  expect(read.messages).toEqual([{ key: "k", body: { id: 2 } }, { body: { id: 3 } }]);
  expect(read.errors.map(({ line }) => line)).toEqual([4, 5, 6]);
  expect(read.errors[1]?.words).toContain("line 1");
  expect(read.errors[2]?.words).toContain("`at`");
});
