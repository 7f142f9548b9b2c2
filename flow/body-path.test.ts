import { describe, expect, it } from "vitest";
import { BodyPathError, fieldPathPattern, parsePath, setPath } from "./body-path";

const set = (body: unknown, path: string, value: unknown) => setPath(body, parsePath(path), value);

describe("setPath", () => {
  it("sets a field and shares the rest", () => {
    const body = { a: { b: 1 }, c: { d: 2 } };
    const next = set(body, "a.b", 9) as typeof body;
    expect(next).toEqual({ a: { b: 9 }, c: { d: 2 } });
    expect(next.c).toBe(body.c);
    expect(body.a.b).toBe(1);
  });

  it("makes the records that are missing on the way, also where null stands", () => {
    expect(set({}, "a.b.c", 1)).toEqual({ a: { b: { c: 1 } } });
    expect(set({ a: null }, "a.b", 1)).toEqual({ a: { b: 1 } });
  });

  it("reaches into lists, inside their bounds", () => {
    expect(set({ lines: [{ sku: "a" }, { sku: "b" }] }, "lines.1.sku", "z")).toEqual({
      lines: [{ sku: "a" }, { sku: "z" }],
    });
    expect(() => set({ lines: [1] }, "lines.1", 2)).toThrow("`body.lines` is a list of 1 and has no item `1`");
    expect(() => set({ lines: [1] }, "lines.x", 2)).toThrow(BodyPathError);
  });

  it.each([
    ["a text", "hello", "a"],
    ["null", null, "a"],
    ["a number", 5, "a"],
    ["bytes", new Uint8Array(2), "a"],
    ["a text", { a: "x" }, "a.b"],
  ])("refuses %s in the way, without quoting it", (word, body, path) => {
    expect(() => set(body, path, 1)).toThrow(`is ${word}`);
    expect(() => set(body, path, 1)).not.toThrow(/hello|`x`/);
  });

  it("does not take what every object inherits for a field", () => {
    const next = set({}, "constructor.name", "x");
    expect(Object.hasOwn(next as object, "constructor")).toBe(true);
    expect({}.constructor.name).toBe("Object");
  });
});

it("paths name fields, and never a prototype", () => {
  for (const path of ["total", "address.city", "lines.0.sku", "_id", "x-y", "a.__proto"])
    expect(path).toMatch(fieldPathPattern);
  for (const path of ["", ".", "a.", ".a", "0.a", "a b", "__proto__", "a.__proto__", "a.__proto__.b"])
    expect(path).not.toMatch(fieldPathPattern);
});
