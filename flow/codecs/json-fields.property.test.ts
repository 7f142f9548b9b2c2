import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonCodec } from "./json";

const { decode } = jsonCodec;
const fields = jsonCodec.fields!;
/** Whatever stands around it, and would go on with what is broken: the answer is the same. */
const aim = (bytes: Uint8Array) => {
  const answers = ["", '" "}]', " \n} ", "1,2]}"].map((text) => {
    const around = encode(text);
    const start = around.length;
    const end = start + bytes.length;
    return fields.aim({ bytes: Uint8Array.from([...around, ...bytes, ...around]), start, end });
  });
  expect(new Set(answers).size).toBe(1);
  return answers[0]!;
};
const encode = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const names = ["a", "b", "kind", "a-b", "absent"];

const space = fc.constantFrom("", "", "", " ", "\n\t", "\r\n  ");
const texts = fc.oneof(
  fc.string().map((text) => JSON.stringify(text)),
  fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => JSON.stringify(text)),
  fc.constantFrom('"usual"', '"\\u00e9\\n\\/"', '"\\ud83d"', '"\u{1f600}ß"', '"\u007f"', '""'),
);
const numbers = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.tuple(fc.nat(9_999_999), fc.nat(9_999_999)).map(([whole, part]) => `${whole}.${part}`),
  fc.constantFrom("-0", "0.0", "-0.10", "1E5", "2.50e-7", "9007199254740993", "123456789012345", "1234567890123456.5"),
);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("true", "false", "null"),
    numbers,
    texts,
    fc
      .tuple(space, fc.array(tie("value"), { maxLength: 4 }), space)
      .map(([before, items, after]) => `[${before}${items.join(`${after},${before}`)}${after}]`),
    fc
      .tuple(space, fc.array(fc.tuple(texts, tie("value")), { maxLength: 3 }))
      .map(([gap, entries]) => `{${gap}${entries.map(([name, each]) => `${name}${gap}:${gap}${each}`).join(",")}}`),
  ),
}));
const entry = fc.tuple(fc.constantFrom(...names.slice(0, -1), "ü"), space, value);
const record = (entries: fc.Arbitrary<[string, string, string][]>) =>
  fc
    .tuple(space, entries, space)
    .map(([before, all, after]) => {
      const written = all.map(([name, gap, each]) => `${gap}"${name}"${gap}:${gap}${each}${gap}`);
      return `${before}{${written.join(",")}${before}}${after}`;
    })
    // What is longer is left to the decoder.
    .filter((text) => encode(text).length <= 2_048);
/** Names come twice, too. */
const anyRecord = record(fc.array(entry, { maxLength: 8 }));
const plainRecord = record(fc.uniqueArray(entry, { maxLength: 5, selector: ([name]) => name }));
const broken = fc
  .tuple(anyRecord, fc.nat(), fc.constantFrom("put", "take", "change", "cut"), fc.nat(255))
  .map(([text, where, how, byte]) => {
    const bytes = [...encode(text)];
    const at = where % bytes.length;
    if (how === "cut") bytes.length = at;
    else bytes.splice(at, how === "put" ? 0 : 1, ...(how === "take" ? [] : [byte]));
    return Uint8Array.from(bytes);
  });

describe("fields of a record", () => {
  it("are those of the decoded record", () => {
    const check = fc.property(anyRecord, (text) => {
      const bytes = encode(text);
      expect(aim(bytes)).toBe(true);
      const body = decode(bytes) as Record<string, unknown>;
      for (const name of names) {
        expect(fields.read(name)).toStrictEqual(body[name]);
        const items = fields.readItems(name);
        if (Array.isArray(body[name])) expect(items?.map(decode)).toStrictEqual(body[name]);
        else expect(items).toBeUndefined();
      }
    });
    fc.assert(check, { numRuns: 2_000 });
  });

  it("are not looked for in what is no JSON", () => {
    let accepted = 0;
    const check = fc.property(broken, (bytes) => {
      if (!aim(bytes)) return;
      accepted++;
      // It throws for what the decoder refuses.
      const body = decode(bytes) as Record<string, unknown>;
      for (const name of names) expect(fields.read(name)).toStrictEqual(body[name]);
    });
    fc.assert(check, { numRuns: 10_000 });
    expect(accepted).toBeGreaterThan(100);
  });

  it("are set where they stand, or at the end", () => {
    const values = fc.array(fc.tuple(fc.constantFrom(...names), fc.jsonValue()), { minLength: 1, maxLength: 3 });
    const check = fc.property(plainRecord, values, (text, all) => {
      const bytes = encode(text);
      const set = new Map(all);
      expect(aim(bytes)).toBe(true);
      const written = fields.write([...set.keys()], [...set.values()])!;
      const wanted = { ...(decode(bytes) as object), ...Object.fromEntries(set) };
      const rewritten = jsonCodec.encode(decode(written));
      expect(textOf(rewritten)).toBe(textOf(jsonCodec.encode(wanted)));
    });
    fc.assert(check, { numRuns: 2_000 });
  });
});

describe("setting a field", () => {
  const set = (text: string, name: string, to: unknown) => {
    expect(aim(encode(text))).toBe(true);
    const bytes = fields.write([name], [to]);
    return bytes && textOf(bytes);
  };

  it("leaves all else as it was written", () => {
    expect(set('{ "price": 1.50, "id": 9007199254740993 }', "total", 3n)).toBe(
      '{ "price": 1.50, "id": 9007199254740993 ,"total":3}',
    );
    expect(set('{"total" : {"a":[]}, "b":1e2}', "total", "ü")).toBe('{"total" : "ü", "b":1e2}');
    expect(set("{}", "total", null)).toBe('{"total":null}');
  });

  it("takes a long text, and holds no more than it", () => {
    const long = "ü".repeat(100_000);
    expect(aim(encode('{"a":1,"b":2}'))).toBe(true);
    const bytes = fields.write(["a"], [long])!;
    expect(textOf(bytes)).toBe(`{"a":"${long}","b":2}`);
    expect(bytes.buffer.byteLength).toBe(bytes.length);
  });

  it("is left to the decoder where a name stands twice", () => {
    expect(set('{"a":1,"a":2}', "a", 3)).toBeUndefined();
    expect(set('{"a":1,"a":2}', "b", 3)).toBe('{"a":1,"a":2,"b":3}');
  });
});

it.each([
  ["a list", '[{"a":1}]'],
  ["a name with an escape", '{"\\u0061":1}'],
  ["a byte order mark", '\ufeff{"a":1}'],
  ["something behind it", '{"a":1} x'],
  ["a text as long as a page", `{"a":"${"x".repeat(3_000)}"}`],
  ["a hundred fields", `{${Array.from({ length: 100 }, (_, n) => `"f${n}":0`).join(",")}}`],
  ["a hundred lists in each other", `{"a":${"[".repeat(100)}${"]".repeat(100)}}`],
])("%s is left to the decoder", (_, text) => {
  expect(aim(encode(text))).toBe(false);
});
