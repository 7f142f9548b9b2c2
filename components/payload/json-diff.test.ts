import { describe, expect, it } from "vitest";
import { diffLines, indentJson, printPayload } from "./json-diff";

describe("printing", () => {
  it("indents JSON as JSON.stringify does", () => {
    const value = { id: "o-1", list: [1, { deep: true }], empty: {}, none: [], text: 'a "quoted", {brace}', nil: null };
    expect(indentJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
  });
  it("keeps the digits of large integers", () => {
    expect(printPayload('{"id":9007199254740993}')).toBe('{\n  "id": 9007199254740993\n}');
  });
  it("leaves what is not JSON as it is", () => expect(printPayload("not { json")).toBe("not { json"));
  it("treats an escaped quote as part of its string", () => {
    expect(indentJson('{"a":"x\\",y"}')).toBe('{\n  "a": "x\\",y"\n}');
  });
});

describe("difference", () => {
  const show = (before: unknown, after: unknown) =>
    diffLines(JSON.stringify(before, null, 2), JSON.stringify(after, null, 2)).map(
      ({ kind, text }) => `${{ same: " ", added: "+", removed: "-" }[kind]}${text}`,
    );

  it("shows an added field and no change in the one before it, that only got a comma", () => {
    expect(show({ id: 1, price: 2 }, { id: 1, price: 2, total: 4 })).toEqual([
      " {",
      '   "id": 1,',
      '   "price": 2,',
      '+  "total": 4',
      " }",
    ]);
  });
  it("shows a changed field as removed and added", () => {
    expect(show({ a: 1, b: 2 }, { a: 1, b: 3 })).toEqual([" {", '   "a": 1,', '-  "b": 2', '+  "b": 3', " }"]);
  });
  it("finds what stays between changes", () => {
    const lines = diffLines("a\nb\nc\nd", "x\nb\nc\ny");
    expect(lines.map(({ kind }) => kind)).toEqual(["removed", "added", "same", "same", "removed", "added"]);
  });
  it("is all the same for equal texts", () => {
    expect(diffLines("a\nb", "a\nb").every(({ kind }) => kind === "same")).toBe(true);
  });
  it("does not compare sides that are too long, and loses no line of them", () => {
    const long = (mark: string) => Array.from({ length: 2000 }, (_, index) => `${mark}${index}`).join("\n");
    const lines = diffLines(long("a"), long("b"));
    expect(lines).toHaveLength(4000);
  });
});
