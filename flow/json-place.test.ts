import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findJsonError } from "./json-place";

describe("where a text stops being JSON", () => {
  it.each([
    ['{"a": [,]}', 7],
    ['{"a": 1,}', 8],
    ['{"a" 1}', 5],
    ['{"a": tru}', 6],
    ['{"a": 1', 7],
    ["", 0],
    ["[1] x", 4],
    ["{'a': 1}", 1],
  ])("%s", (text, at) => expect(findJsonError(text)).toBe(at));

  it("is nowhere in JSON, and somewhere in what JSON.parse refuses", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => findJsonError(JSON.stringify(value, null, 2)) === null));
    const cut = fc.tuple(fc.json(), fc.nat(), fc.constantFrom("", ",", "}", '"', "x"));
    fc.assert(
      fc.property(cut, ([text, where, sign]) => {
        const at = where % (text.length + 1);
        const broken = text.slice(0, at) + sign + text.slice(at + 1);
        let isJson = true;
        try {
          JSON.parse(broken);
        } catch {
          isJson = false;
        }
        expect(findJsonError(broken) === null).toBe(isJson);
      }),
      { numRuns: 500 },
    );
    expect(findJsonError("[".repeat(100_000))).toBe(100_000);
  });
});
