import { describe, expect, it } from "vitest";
import { compileExpression } from "./expression";
import { type ReadableLetter, scopeOfLetter } from "./letter-scope";
import { letterVariables } from "./letter-variables";

const bytes = (text: string) => new TextEncoder().encode(text);
const letter: ReadableLetter = {
  node: "call",
  version: 3,
  cause: { code: "http-status", message: "The endpoint answered 422.", detail: "no stock" },
  source: "in",
  lane: "orders/0",
  position: "17",
  key: bytes("k-1"),
  value: bytes('{"total":30,"id":9007199254740993}'),
  headers: [["shop", bytes("north")]],
  codec: "json",
  timestamp: 5,
  attempts: 4,
  original: { key: bytes("k-0"), value: bytes('{"cents":3000}'), headers: [] },
};
const compile = (source: string) => compileExpression(source, { variables: letterVariables });

describe("a condition", () => {
  it.each([
    ["body.total > 10 && key == 'k-1' && headers.shop == 'north'", true],
    ["cause.code == 'http-status' && cause.message.contains('422') && cause.detail == 'no stock'", true],
    ["node == 'call' && version == 3 && attempts >= 4", true],
    ["meta.lane == 'orders/0' && meta.position == '17' && meta.attempt == 4", true],
    ["body.cents == 3000", false],
  ])("%s", (source, answer) => expect(compile(source).test(scopeOfLetter(letter))).toBe(answer));

  it("reads no body that it does not name", () => {
    const broken = { ...letter, value: bytes("{") };
    expect(compile("attempts > 1").test(scopeOfLetter(broken))).toBe(true);
    expect(() => compile("body.a == 1").test(scopeOfLetter(broken))).toThrow("not JSON");
  });

  it("knows no other name", () => expect(() => compile("fingerprint == 'x'")).toThrow("fingerprint"));
});
