import { describe, expect, it } from "vitest";
import { compileMapping, refuseMapping } from "./letter-mapping";
import { type ReadableLetter, readForTarget } from "./letter-scope";
import { type LetterMapping, printMapping, readMapping } from "./printed-mapping";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | null) => value && new TextDecoder().decode(value);
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
const map = (mapping: LetterMapping, of: ReadableLetter = letter, target: "node" | "source" = "node") =>
  text(compileMapping(mapping)(of, target));

describe("a whole new body", () => {
  const cel = "{'id': body.?id.orValue(null), 'from': node, 'cents': body.?cents.orValue(0)}";

  it("sees what would be sent to its target", () => {
    expect(map({ cel })).toBe('{"id":9007199254740993,"from":"call","cents":0}');
    expect(map({ cel }, letter, "source")).toBe('{"id":null,"from":"call","cents":3000}');
  });

  it("goes on from an earlier edit for the same target only", () => {
    const edited = { ...letter, edited: { target: "node" as const, value: bytes('{"id":1}') } };
    expect(text(readForTarget(edited, "node").value)).toBe('{"id":1}');
    expect(text(readForTarget(edited, "source").value)).toBe('{"cents":3000}');
    expect(map({ cel }, edited)).toContain('"id":1');
  });

  it("sees key and headers as they were written for the same target", () => {
    const written = {
      target: "node" as const,
      value: bytes("{}"),
      key: null,
      headers: [["to", bytes("north")] as const],
    };
    const edited = { ...letter, edited: written };
    expect(readForTarget(edited, "node")).toMatchObject({ key: null, headers: written.headers });
    expect(map({ cel: "{'key': key, 'to': headers.to}" }, edited)).toBe('{"key":null,"to":"north"}');
    expect(readForTarget(edited, "source").key).toEqual(bytes("k-0"));
  });

  it("may be a tombstone", () => expect(map({ cel: "null" })).toBeNull());
});

describe("set fields", () => {
  it("keep what they do not name, digits and all, and reach into records that are missing", () =>
    expect(map({ set: { total: "body.total * 2", "ship.from": "node" } })).toBe(
      '{"total":60,"id":9007199254740993,"ship":{"from":"call"}}',
    ));

  it("see the body as it came, not what the field above has set", () =>
    expect(map({ set: { total: "body.id", id: "body.total" } })).toBe('{"total":9007199254740993,"id":30}'));

  it("name the field that they fail on", () => {
    expect(() => map({ set: { total: "double('much')" } })).toThrow(/^`total`: /);
    expect(() => map({ set: { "total.net": "1" } })).toThrow("`total.net`: `body.total` is a number");
  });
});

describe("as it is kept", () => {
  it.each<LetterMapping>([{ cel: "{'set': 'body'}" }, { cel: "set" }, { set: { price: "double(body['a \"b\"'])" } }])(
    "%j is read back",
    (mapping) => expect(readMapping(printMapping(mapping))).toEqual(mapping),
  );

  it("set fields are no expression, so neither is taken for the other", () =>
    expect(refuseMapping({ cel: printMapping({ set: { a: "1" } }) })).not.toBeNull());
});

describe("what cannot be read", () => {
  it("is refused, with its field", () => {
    expect(refuseMapping({ set: { price: "double(body.price)" } })).toBeNull();
    expect(refuseMapping({ set: { price: "double(" } })?.message).toMatch(/^`price`: /);
    expect(refuseMapping({ set: { "a b": "1" } })).toMatchObject({ code: "config-field-invalid" });
    expect(refuseMapping({ cel: "fingerprint" })?.message).toContain("fingerprint");
  });
});
