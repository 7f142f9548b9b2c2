import { describe, expect, it } from "vitest";
import { tableOf, writeJson } from "./json-table";
import { parseKeepingDigits, RawNumber } from "./json-tree";

describe("a payload as a table", () => {
  const of = (text: string) => tableOf(parseKeepingDigits(text));
  it("has the fields of all items as columns, in the order in which they come", () => {
    expect(of('[{"id":1,"__proto__":2},{"id":2,"name":null}]')).toEqual({
      is: "list",
      columns: ["id", "__proto__", "name"],
      moreColumns: 0,
      rows: [
        [1, 2, undefined],
        [2, undefined, null],
      ],
    });
  });
  it("shows an object's fields, plain values and lists of lists", () => {
    expect(of('{"a":1,"b":[]}')).toMatchObject({
      is: "fields",
      rows: [
        ["a", 1],
        ["b", []],
      ],
    });
    expect(of('["x",null]')).toMatchObject({ columns: ["Value"], rows: [["x"], [null]] });
    expect(of("[[1,2],[3]]")).toMatchObject({
      columns: ["1", "2"],
      rows: [
        [1, 2],
        [3, undefined],
      ],
    });
  });
  it("says why there is none", () => {
    for (const text of ["1", "{}", "[]", '[1,{"a":1}]', '[[1],{"a":1}]'])
      expect(of(text)).toEqual({ why: expect.stringMatching(/^[A-Z].*\.$/) });
  });
  it("does not grow without bound to the right", () => {
    const wide = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`c${n}`, n]));
    expect(tableOf([wide])).toMatchObject({ moreColumns: 60 });
  });
  it("keeps the digits of what it writes in one line", () => {
    const id = new RawNumber("9007199254740993");
    expect(writeJson({ id, at: [1, "<b>"] })).toBe('{"id": 9007199254740993, "at": [1, "<b>"]}');
  });
});
