import { describe, expect, it } from "vitest";
import { checkFlow } from "./check";
import { jsonCodec } from "./codecs/json";
import { flowFormat } from "./document";
import { Message } from "./message";
import { parseFlow } from "./parse";
import { SearchableReader, searchableText } from "./searchable";
import { encodeUtf8 } from "./utf8";

const meta = { source: "in", lane: "l", position: "1", timestamp: 0, attempt: 1 };
const make = (text: string) =>
  new Message({ key: encodeUtf8("k"), value: encodeUtf8(text), headers: [], meta, codec: jsonCodec });

describe("what runs are found by", () => {
  it("is text as it is, all else as JSON, cut at 200 characters", () => {
    const values = ["o-1", 2.5, 12345678901234567890n, false, ["a", 1], "x".repeat(500), "a\0b", "", null, undefined];
    const texts = ["o-1", "2.5", "12345678901234567890", "false", '["a",1]', "x".repeat(200), "ab"];
    expect(values.map(searchableText)).toEqual([...texts, undefined, undefined, undefined]);
  });

  it("counts what a message does not have, or an expression fails on", () => {
    const reader = new SearchableReader({ order: "body.id", city: "body.address.city", twice: "body.id * 2" });
    expect(reader.read(make('{"id":"o-1"}'), null)).toEqual([["order", "o-1"]]);
    expect(reader.read(make('{"id":3,"address":{"city":null}}'), null)).toEqual([
      ["order", "3"],
      ["twice", "6"],
    ]);
    expect(reader.read(make("no JSON"), null)).toEqual([]);
    expect(reader.missed).toEqual({ order: 1, city: 3, twice: 2 });
  });

  it("carries the role that is needed to see it, where a field of it is masked", () => {
    const fields = { card: "'x' + body.card.number", order: "body.id", all: "size(string(body))" };
    const reader = new SearchableReader(fields, [
      { path: "body.card", below: "operator" },
      { path: "key", below: "admin" },
    ]);
    expect(reader.read(make('{"id":"o-1","card":{"number":"42"}}'), "k")).toEqual([
      ["key", "k", "admin"],
      ["card", "x42", "operator"],
      ["order", "o-1"],
    ]);
    const plain = new SearchableReader(undefined, [{ path: "body.id", below: "editor" }]);
    expect(plain.read(make('{"id":"o-1","to":"x"}'), null)).toEqual([
      ["body.id", "o-1", "editor"],
      ["body.to", "x"],
    ]);
  });

  it("is checked at its place", () => {
    const { flow } = parseFlow({
      ...{ format: flowFormat, name: "f", nodes: [{ id: "log", kind: "log" }], edges: [] },
      settings: { searchable: { order: "body.id", wrong: "bdy.id" } },
    });
    const found = checkFlow(flow!).filter(({ field }) => field?.startsWith("settings."));
    expect(found).toMatchObject([
      { code: "expression-unknown-name", field: "settings.searchable.wrong", range: { from: 0, to: 3 } },
    ]);
  });

  it.each([
    [Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`f${index}`, "key"])), "more than 8"],
    [{ key: "key" }, "there by itself"],
    [{ "body.x": "key" }, "a letter first"],
  ])("refuses %o", (searchable, words) => {
    const { problems } = parseFlow({ format: flowFormat, name: "f", nodes: [], edges: [], settings: { searchable } });
    expect(problems[0]?.message).toContain(words);
  });
});
