import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { CodecError } from "./codec";
import { jsonCodec } from "./codecs/json";
import { checkExpression, compileExpression, ExpressionError, listFunctions, scopeOf } from "./expression";
import { Message } from "./message";

const body = {
  id: 17,
  big: 9007199254740993n,
  country: "DE",
  name: "Ada Lovelace",
  price: 12.5,
  quantity: 4,
  vip: true,
  note: null,
  at: "2026-05-04T22:30:00Z",
  tags: ["new", "fragile"],
  address: { city: "Ulm", zip: "89073" },
  lines: [
    { sku: "a-1", price: 2, quantity: 3 },
    { sku: "b-2", price: 1.5, quantity: 2 },
  ],
};
const scope = {
  body,
  key: "c-7",
  headers: { "content-type": "application/json", source: "shop" },
  meta: { source: "orders", lane: "orders/2", position: "41", timestamp: 1_700_000_000_000, attempt: 1 },
};
const evaluate = (source: string, values: Record<string, unknown> = scope) =>
  compileExpression(source).evaluate(values);

/** Everyday expressions: what people write, and what comes out. */
const everyday: [source: string, result: unknown][] = [
  // comparing
  ["body.country == 'DE'", true],
  ["body.country != 'DE'", false],
  ["body.price > 10", true],
  ["body.quantity >= 4 && body.price < 12.6", true],
  ["body.id == 17", true],
  ["body.vip", true],
  ["!body.vip", false],
  ["body.country in ['DE', 'AT', 'CH']", true],
  ["'fragile' in body.tags", true],
  ["'city' in body.address", true],
  ["body.note == null", true],
  ["body.country == 'FR' || body.vip", true],
  ["body.at < '2027'", true],
  ["body.tags == ['new', 'fragile']", true],
  ["key == 'c-7'", true],
  ["headers['content-type'] == 'application/json'", true],
  ["headers.source == 'shop'", true],
  ["meta.attempt == 1", true],
  // absent fields
  ["body.missing == 'x'", false],
  ["body.missing != 'x'", true],
  ["body.missing == null", true],
  ["body.missing.deeper == 'x'", false],
  ["'x' in body.missing", false],
  ["has(body.missing)", false],
  ["has(body.address.city)", true],
  ["has(body.missing.deeper)", false],
  ["has(body.total) && body.total > 100", false],
  ["body.?missing.orValue(3)", 3],
  ["body.address.?street.orValue('unknown')", "unknown"],
  ["body.?address.city.orValue('unknown')", "Ulm"],
  ["body.?missing", null],
  ["headers.missing == 'x'", false],
  // arithmetic
  ["body.price * 2", 25],
  ["body.price * body.quantity", 50],
  ["2 * body.price + 1", 26],
  ["body.quantity / 8", 0.5],
  ["7 / 2", 3],
  ["7 / 2.0", 3.5],
  ["body.id % 2 == 1", true],
  ["-body.price", -12.5],
  ["body.big + 1", 9007199254740994n],
  ["round(body.price * 1.19, 2)", 14.88],
  ["math.round(2.5)", 3],
  ["floor(body.price) + ceil(body.price)", 25],
  ["min(body.price, 10)", 10],
  ["max([1, body.quantity, 3])", 4],
  ["double('2.5') * 2", 5],
  ["int('12') + 1", 13],
  ["int(body.price)", 12],
  // text
  ["'order-' + body.id", "order-17"],
  ["body.id + '-' + body.big", "17-9007199254740993"],
  ["'vip: ' + body.vip", "vip: true"],
  ["string(body.price)", "12.5"],
  ["body.name.startsWith('Ada')", true],
  ["body.name.contains('love')", false],
  ["body.name.lowerAscii().contains('love')", true],
  ["body.name.upperAscii()", "ADA LOVELACE"],
  ["body.name.split(' ')[1]", "Lovelace"],
  ["body.name.substring(0, 3)", "Ada"],
  ["' x '.trim() + '|'", "x|"],
  ["body.name.replace('a', 'o')", "Ado Loveloce"],
  ["body.address.zip.matches('^[0-9]{5}$')", true],
  ["size(body.name)", 12],
  // lists and maps
  ["size(body.lines) > 1", true],
  ["body.lines[0].sku", "a-1"],
  ["body.lines[size(body.lines) - 1].sku", "b-2"],
  ["body.lines.map(line, line.sku)", ["a-1", "b-2"]],
  ["body.lines.map(line, line.price * line.quantity).sum()", 9],
  ["body.lines.filter(line, line.quantity > 2)", [body.lines[0]]],
  ["body.lines.map(line, line.quantity > 2, line.sku)", ["a-1"]],
  ["body.lines.exists(line, line.sku == 'b-2')", true],
  ["body.lines.all(line, line.quantity > 0)", true],
  ["body.lines.exists_one(line, line.quantity == 2)", true],
  ["body.tags.join(', ')", "new, fragile"],
  ["body.tags + ['gift']", ["new", "fragile", "gift"]],
  ["[3, 1, 2].sort().reverse()", [3, 2, 1]],
  ["body.address.map(name, name)", ["city", "zip"]],
  ["{'id': body.id, 'total': body.price * body.quantity}", { id: 17, total: 50 }],
  ["{'id': body.big, 'lines': [1, 2.5, 'x']}", { id: 9007199254740993n, lines: [1, 2.5, "x"] }],
  // choices, times
  ["body.vip ? 'first' : 'later'", "first"],
  ["body.quantity > 3 ? 1 : 0.5", 1],
  ["timestamp(body.at).getHours()", 22],
  ["timestamp(body.at).getDayOfWeek('Europe/Berlin')", 2],
  ["timestamp(body.at) + duration('90m')", "2026-05-05T00:00:00.000Z"],
  ["timestamp(body.at) - timestamp('2026-05-04T22:00:00Z') > duration('10m')", true],
  ["timestamp(meta.timestamp / 1000).getFullYear()", 2023],
  ["type(body.id) == double && type(body.tags) == list", true],
  ["body", body],
];

describe("everyday expressions", () => {
  test.each(everyday)("%s", (source, result) => {
    expect(evaluate(source)).toEqual(result);
    expect(checkExpression(source)).toEqual([]);
  });
  it("are at least sixty", () => expect(everyday.length).toBeGreaterThanOrEqual(60));
});

/** Mistakes: code, the text that is marked, and what the words must say. */
const mistakes: [source: string, code: string, marked: string, says: RegExp][] = [
  [
    "county == 'DE'",
    "expression-unknown-name",
    "county",
    /not known here: body, key, headers and meta are.*body\.county/,
  ],
  ["body.country = 'DE'", "expression-syntax", "=", /write `==`/],
  ["body.a == 'x' and body.b", "expression-syntax", "and", /`&&`/],
  ["(body.a", "expression-syntax", "a", /ends too early.*`\)` is missing/],
  ["'abc", "expression-syntax", "'abc", /second quote/],
  ["", "expression-syntax", "", /empty/],
  ["body.name.toLowerCase()", "expression-unknown-name", "toLowerCase", /lowerAscii/],
  ["length(body.name)", "expression-unknown-name", "length", /size/],
  ["'a' * 2", "expression-type", "'a' * 2", /`\*` cannot take text and a whole number/],
  ["!'a'", "expression-type", "'a'", /must be true or false/],
  ["size(body.tags) && true", "expression-type", "size(body.tags)", /must be true or false/],
  ["body.name.startsWith(3)", "expression-type", "body.name.startsWith(3)", /string\.startsWith\(string\)/],
  ["'a'.matches('(')", "expression-syntax", "'('", /regular expression/],
  ["'a'.matches('(?=x)')", "expression-syntax", "'(?=x)'", /look-around/],
  ["has(body)", "expression-type", "has(body)", /has\(body\.total\)/],
  ["body.lines.map(1, 2)", "expression-syntax", "1", /name for the item/],
  ["${body.a}", "expression-syntax", "$", /leave out/],
];

describe("mistakes found before a message comes", () => {
  test.each(mistakes)("%s", (source, code, marked, says) => {
    const [problem] = checkExpression(source);
    expect(problem?.code).toBe(code);
    expect(source.slice(problem?.range?.from, problem?.range?.to)).toBe(marked);
    expect(problem?.message).toMatch(says);
  });

  it("compares what is expected with what is known", () => {
    expect(checkExpression("'text'", { expects: "bool" })).toMatchObject([{ code: "expression-type" }]);
    expect(checkExpression("body.count * 2 > 1", { expects: "bool" })).toEqual([]);
    expect(checkExpression("body.vip", { expects: "bool" })).toEqual([]);
    expect(checkExpression("1 + 2", { expects: "string" })).toMatchObject([{ code: "expression-type" }]);
    expect(checkExpression("[1]", { expects: "list" })).toEqual([]);
  });

  it.each([
    ["body.price + 50", /this gives a number or text\. Compare it: `… > 0`/],
    ["body.price * body.quantity", /gives a number\. Compare/],
    ["-body.price", /gives a number\./],
    ["body.price - 1", /gives a number\./],
    ["'a' + body.id", /gives text\. Compare it: `… == 'text'`/],
    ["50", /gives a whole number\. Compare it: `… > 0`/],
    ["[body.vip]", /gives a list\. Ask for its size/],
    ["{'a': body.vip}", /size\(…\) > 0/],
    ["size(body.lines)", /gives a whole number\. Compare it: `… > 0`/],
    ["max(body.a, body.b)", /gives a number\. Compare/],
    ["body.vip ? body.price + 1 : 'no'", /gives a number or text\. Compare/],
    ["body.?vip", /orValue\(false\)/],
    ["null", /True or false is needed here/],
  ])("refuses %s where true or false is needed", (source, words) => {
    expect(checkExpression(source, { expects: "bool" })).toEqual([
      { code: "expression-type", message: expect.stringMatching(words), range: { from: 0, to: source.length } },
    ]);
  });

  it.each([
    "body.vip",
    "body.?vip.orValue(false)",
    "body.vip ? body.price + 1 : body.fine",
    "dyn(1)",
    "body.a + 1 > 2",
    "body.flags[0]",
    "pick([true])",
  ])("allows %s, which may be true or false", (source) => {
    expect(checkExpression(source, { expects: "bool", variables: ["body", "pick"] })).toEqual([]);
  });

  it("refuses a part of a condition that is never true or false", () => {
    expect(checkExpression("body.vip && body.price + 50")).toMatchObject([{ code: "expression-type" }]);
  });

  it("knows only the variables that it is given", () => {
    expect(checkExpression("n + 1", { variables: ["n"] })).toEqual([]);
    expect(checkExpression("body.x", { variables: ["n"] })).toMatchObject([{ code: "expression-unknown-name" }]);
  });
});

const failures: [source: string, code: string, marked: string, says: RegExp][] = [
  ["body.missing", "expression-failed", "body.missing", /has\(body\.missing\).*body\.\?missing\.orValue/],
  ["body.address.street + '!'", "expression-failed", "body.address.street", /has\(body\.address\.street\)/],
  ["body.missing > 4", "expression-failed", "body.missing", /absent on this message/],
  ["body.name.length", "expression-type", "body.name.length", /size\(body\.name\)/],
  ["body.lines.sku", "expression-type", "body.lines.sku", /body\.lines\[0\]\.sku/],
  ["body.tags[5]", "expression-failed", "body.tags[5]", /size\(body\.tags\)/],
  ["body.name * 2", "expression-type", "body.name * 2", /text and a whole number.*double/],
  ["body.note > 3", "expression-type", "body.note > 3", /null/],
  ["body.name && true", "expression-type", "body.name", /true or false/],
  ["1 / (body.quantity - 4)", "expression-failed", "1 / (body.quantity - 4", /zero/],
  ["9223372036854775807 + 1", "expression-failed", "9223372036854775807 + 1", /64 bits/],
  ["int(body.name)", "expression-failed", "int(body.name)", /not a whole number/],
  ["timestamp(body.name)", "expression-failed", "timestamp(body.name)", /ISO/],
  ["body.lines.all(line, line.missing > 1)", "expression-failed", "line.missing", /absent/],
  ["body.id.orValue(1)", "expression-type", "body.id.orValue(1)", /body\.\?id/],
];

describe("failures on a message", () => {
  test.each(failures)("%s", (source, code, marked, says) => {
    let error: unknown;
    try {
      evaluate(source);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ExpressionError);
    const { range, message, code: found } = error as ExpressionError;
    expect(found).toBe(code);
    expect(source.slice(range?.from, range?.to)).toContain(marked);
    expect(message).toMatch(says);
    // Payloads stay out of errors.
    expect(message).not.toMatch(/Lovelace|fragile/);
  });

  it("a side that fails is outvoted by the other one", () => {
    expect(evaluate("body.missing > 1 || body.vip")).toBe(true);
    expect(evaluate("body.missing > 1 && body.country == 'FR'")).toBe(false);
    expect(() => evaluate("body.missing > 1 && body.vip")).toThrow(/absent/);
    expect(evaluate("body.lines.exists(line, line.missing > 1 || line.sku == 'b-2')")).toBe(true);
  });

  it("reads only a map's own fields", () => {
    for (const name of ["constructor", "toString", "__proto__", "length"]) {
      expect(evaluate(`body.${name === "__proto__" ? "address['__proto__']" : name} == null`)).toBe(true);
    }
    expect(evaluate("body.tags.length == null")).toBe(true);
    expect(() => evaluate("{'__proto__': 1}")).toThrow(/__proto__/);
  });

  it("tests give true or false, nothing else", () => {
    expect(compileExpression("body.vip").test(scope)).toBe(true);
    expect(() => compileExpression("body.name").test(scope)).toThrow(/True or false is needed here; this gives text/);
  });

  it("does not let infinite numbers out", () => {
    expect(() => evaluate("1e308 * 10.0")).toThrow(/JSON/);
  });

  it("calls functions of the scope with plain values", () => {
    const variables = ["n", "pick", "random"];
    const values = { n: 3, pick: (list: unknown[]) => list[1], random: () => 0.5 };
    const run = (source: string) => compileExpression(source, { variables }).evaluate(values);
    expect(run("{'c': pick([1, 2]), 'r': random(), 'id': 'o-' + n}")).toEqual({ c: 2, r: 0.5, id: "o-3" });
    expect(() => run("n()")).toThrow(/not a function/);
    expect(() => run("random")).toThrow(/write `random\(…\)`/);
  });
});

describe("cost", () => {
  const list = Array.from({ length: 100_000 }, (_, index) => index);
  const text = "a".repeat(1_000_000);
  const values = {
    body: {
      list,
      text,
      other: `${"a".repeat(999_999)}b`,
      half: `${"a".repeat(500_000)}b`,
      items: list.map((id) => ({ id, tags: ["a", "b"] })),
      same: list.map((id) => ({ id, tags: ["a", "b"] })),
      words: list.slice(0, 5_000).map(() => "ab".repeat(40)),
      csv: ",".repeat(3_000_000),
    },
  };
  const costly = [
    "body.list.all(a, body.list.all(b, body.list.all(c, true)))",
    "body.list.exists(a, body.list.exists(b, a.x == b))",
    "body.list.map(a, body.list.map(b, a))",
    "body.list.map(a, body.text)",
    "body.list.map(a, body.items)",
    "body.list.map(a, body.text + a)",
    "body.list.all(x, body.items == body.same)",
    "body.list.all(x, body.text != body.other + '')",
    "body.text.matches('(a|aa)+$')",
    "body.words.all(w, !w.matches('[ab]*a[ab]{60}[c-d]'))",
    "body.list.all(x, !'a'.matches('a{100}' + x))",
    "body.list.all(x, body.csv.split(',').size() > 1)",
    "body.text.replace('a', body.half)",
    "body.text.split('').join(body.half)",
    "body.list.exists(x, x in body.items)",
    "body.items.distinct()",
    "body.list.all(x, json(body.items) != '')",
    "body.list.exists(x, body.items[x].missing > 1)",
    "body.list.all(x, size(body.text) > 1)",
  ];
  test.each(costly)("%s is ended", (source) => {
    const expression = compileExpression(source);
    const before = process.cpuUsage();
    expect(() => expression.evaluate(values)).toThrow(expect.objectContaining({ code: "expression-too-costly" }));
    // Measured below 100 ms; generous here, and counted in processor time, since tests share their cores.
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(1_000);
  });

  it("leaves work of an everyday size alone", () => {
    expect(evaluate("body.list.filter(x, x % 2 == 0).size()", { body: { list: list.slice(0, 50_000) } })).toBe(25_000);
    expect(evaluate("body.words.exists(w, w.matches('^[a-z]+$'))", values)).toBe(true);
  });

  it("refuses expressions that are too large or too deep", () => {
    expect(checkExpression(`${"(".repeat(100)}1${")".repeat(100)}`)).toMatchObject([{ code: "expression-too-costly" }]);
    expect(checkExpression(`1${" + 1".repeat(4_000)}`)).toMatchObject([{ code: "expression-too-costly" }]);
    expect(checkExpression("a".repeat(30_000))).toMatchObject([{ code: "expression-too-costly" }]);
  });
});

describe("anything at all", () => {
  const leaf = fc.constantFrom(
    ...[
      "1",
      "-2.5",
      "0",
      "'a'",
      "''",
      "true",
      "null",
      "body",
      "key",
      "meta.attempt",
      "body.id",
      "body.big",
      "body.tags",
      "body.lines",
    ],
    ...[
      "body.note",
      "body.missing",
      "body.at",
      "duration('1h')",
      "timestamp(body.at)",
      "[]",
      "{}",
      "body.?x",
      "body.name",
    ],
  );
  const { whole } = fc.letrec<{ whole: string }>((tie) => {
    const part = tie("whole");
    const operator = fc.constantFrom("+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||", "in");
    const method = fc.constantFrom(...listFunctions().flatMap((signature) => /\.(\w+)\(/.exec(signature)?.[1] ?? []));
    const call = fc.constantFrom(
      ...listFunctions().flatMap((signature) => /^(\w+)\(/.exec(signature)?.[1] ?? []),
      "has",
      "nope",
    );
    const macro = fc.constantFrom("all", "exists", "exists_one", "map", "filter");
    return {
      whole: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        leaf,
        fc.tuple(part, operator, part).map(([a, op, b]) => `(${a} ${op} ${b})`),
        fc
          .tuple(part, method, fc.array(part, { maxLength: 2 }))
          .map(([a, name, args]) => `${a}.${name}(${args.join(", ")})`),
        fc.tuple(call, fc.array(part, { maxLength: 3 })).map(([name, args]) => `${name}(${args.join(", ")})`),
        fc.tuple(part, macro, part).map(([a, name, b]) => `${a}.${name}(x, ${b} == x)`),
        fc.tuple(part, part, part).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
        fc.tuple(part, part).map(([a, b]) => `[${a}, ${b}]`),
        fc.tuple(part, part).map(([a, b]) => `{'a': ${a}, 'b': ${b}}`),
        fc.tuple(part, part).map(([a, b]) => `${a}[${b}]`),
        fc.tuple(part, fc.constantFrom(".id", ".?sku", ".length", "[?0]")).map(([a, field]) => `${a}${field}`),
      ),
    };
  });

  it("gives a JSON value or an error with a place", () => {
    fc.assert(
      fc.property(whole, (source) => {
        const problems = checkExpression(source);
        let result: unknown;
        try {
          result = evaluate(source);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError);
          expect((error as ExpressionError).range).toBeDefined();
          return;
        }
        expect(problems).toEqual([]);
        if (result instanceof Uint8Array) return;
        // The text is what counts: a double beyond 2^53 comes back as the integer of the same digits.
        const written = jsonCodec.encode(result);
        expect(jsonCodec.encode(jsonCodec.decode(written))).toEqual(written);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is never more than a problem, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."body.x()[]{}'\"?:+-&|=!,0 \\$") })),
        (source) => {
          for (const problem of checkExpression(source)) expect(problem.message).not.toBe("");
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

it("every function is in the docs", () => {
  const docs = readFileSync("docs/expressions.md", "utf8");
  const names = listFunctions().map((signature) => /(\w+)\(/.exec(signature)?.[1] ?? signature);
  expect(names.filter((name) => !docs.includes(name))).toEqual([]);
});

describe("the scope of a message", () => {
  const encode = (text: string) => new TextEncoder().encode(text);
  const init = {
    key: encode("k-1"),
    headers: [
      ["a", encode("1")],
      ["a", encode("2")],
    ] as const,
    meta: scope.meta,
  };

  it("decodes the body only when all of it is read", () => {
    let decoded = 0;
    const codec = {
      ...jsonCodec,
      decode: (bytes: Uint8Array) => {
        decoded++;
        return jsonCodec.decode(bytes);
      },
    };
    const values = scopeOf(new Message({ ...init, value: encode('{"a":1}'), codec }));
    expect(evaluate("key == 'k-1' && headers.a == '2' && meta.lane == 'orders/2'", values)).toBe(true);
    expect(decoded).toBe(0);
    expect(evaluate("body.a == 1 && body.a < 2", values)).toBe(true);
    expect(decoded).toBe(0);
    expect(evaluate("size(body) == 1 && body.a < 2", values)).toBe(true);
    expect(decoded).toBe(1);
  });

  it("hands on what the codec says", () => {
    const values = scopeOf(new Message({ ...init, value: encode("{oops"), codec: jsonCodec }));
    expect(() => evaluate("body.a == 1", values)).toThrow(CodecError);
    expect(() => evaluate("body.a == 1 || true", values)).toThrow(CodecError);
  });

  it("has null for a tombstone and for an absent key", () => {
    const values = scopeOf(new Message({ ...init, key: null, value: null, codec: jsonCodec }));
    expect(evaluate("body == null && key == null && body.a == null", values)).toBe(true);
  });

  it("reads one header by its name as it reads it from the map of all", () => {
    const headers = [
      ["kind", encode("first")],
      ["content-type", encode("application/json")],
      ["kind", encode("last")],
      ["größe", encode("groß")],
      ["__proto__", encode("no map's own")],
    ] as const;
    const message = new Message({ ...init, headers, value: null, codec: jsonCodec });
    for (const name of ["kind", "content-type", "größe", "missing", "__proto__", "constructor"]) {
      const literal = `headers['${name}']`;
      const chosen = `headers[body.name]`;
      const ask = (source: string) => {
        const own = new Message({ ...init, headers, value: jsonCodec.encode({ name }), codec: jsonCodec });
        try {
          return evaluate(source, scopeOf(own));
        } catch (error) {
          return (error as ExpressionError).code;
        }
      };
      expect(ask(literal), name).toBe(ask(chosen));
      expect(ask(`${literal} == null`)).toBe(ask(`${chosen} == null`));
    }
    expect(evaluate("headers.kind + headers['content-type']", scopeOf(message))).toBe("lastapplication/json");
    expect(() => evaluate("headers.missing", scopeOf(message))).toThrow(/`headers\.missing` is absent/);
  });
});
