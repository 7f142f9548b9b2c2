import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CodecError } from "./codec";
import { codecNames, codecOf } from "./codecs";
import { bytesCodec } from "./codecs/bytes";
import { jsonCodec } from "./codecs/json";
import { textCodec } from "./codecs/text";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("json", () => {
  it("keeps the digits of integers beyond 2^53", () => {
    const text =
      '{"id":9007199254740993,"n":-123456789012345678901,"f":1234567890123456.5,"e":1e20,"small":9007199254740991}';
    const body = jsonCodec.decode(encode(text)) as Record<string, unknown>;
    expect(body.id).toBe(9007199254740993n);
    expect(body.n).toBe(-123456789012345678901n);
    expect(body.f).toBe(1234567890123456.5);
    expect(body.e).toBe(1e20);
    expect(body.small).toBe(9007199254740991);
    expect(decode(jsonCodec.encode({ id: body.id, n: [body.n], d: new Date(0), u: undefined }))).toBe(
      '{"id":9007199254740993,"n":[-123456789012345678901],"d":"1970-01-01T00:00:00.000Z"}',
    );
  });

  it("keeps them wherever they stand", () => {
    for (let before = 0; before < 40; before++) {
      const text = `{"${"p".repeat(before)}":1,"n":9007199254740993}`;
      expect(jsonCodec.decode(Buffer.from(text))).toMatchObject({ n: 9007199254740993n });
    }
  });

  it("reads as JSON.parse does, with long digits in texts, keys and escapes", () => {
    const texts = [
      '{"9007199254740993":"9007199254740993"}',
      '[ "a\\"9007199254740993\\\\" , {"\\u00e9\\n":[ ]} , true,false,null,-0.5e-3 , 1234567890123456 ]',
      ' {"__proto__":{"a":1234567890123456}, "":{} } ',
    ];
    for (const text of texts) {
      const body = jsonCodec.decode(encode(text));
      expect(JSON.stringify(body)).toBe(JSON.stringify(JSON.parse(text)));
    }
  });

  it("any JSON comes back as it was, also by the exact reader", () => {
    fc.assert(
      fc.property(fc.json(), fc.integer({ min: 0, max: 3 }), (text, indent) => {
        const spaced = JSON.stringify([JSON.parse(text), "1234567890123456"], null, indent);
        expect(decode(jsonCodec.encode(jsonCodec.decode(encode(spaced))))).toBe(JSON.stringify(JSON.parse(spaced)));
      }),
    );
  });

  it("any integer comes back digit for digit", () => {
    fc.assert(
      fc.property(fc.bigInt(), (value) => {
        const text = `{"v":[${value}]}`;
        expect(decode(jsonCodec.encode(jsonCodec.decode(encode(text))))).toBe(text);
      }),
    );
  });

  it.each(["", "{", "nope", "{'a':1}", "1234567890123456789012x"])("refuses %j without quoting it", (text) => {
    const thrown = catchError(() => jsonCodec.decode(encode(text)));
    expect(thrown).toBeInstanceOf(CodecError);
    expect(thrown).toMatchObject({ code: "codec-decode" });
    expect((thrown as Error).message).toMatch(/not JSON/);
    expect(String((thrown as Error).cause ?? "")).not.toContain("nope");
  });

  it("refuses bytes that are not UTF-8, and bodies without JSON", () => {
    expect(() => jsonCodec.decode(new Uint8Array([0xff, 0xfe]))).toThrow(/UTF-8/);
    expect(() => jsonCodec.encode(undefined)).toThrow(CodecError);
    const circle: unknown[] = [1n];
    circle.push(circle);
    expect(() => jsonCodec.encode(circle)).toThrow(CodecError);
  });
});

describe("text and bytes", () => {
  it("text keeps every character and refuses what is none", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(textCodec.decode(textCodec.encode(text))).toBe(text);
      }),
    );
    expect(decode(textCodec.encode(12n))).toBe("12");
    expect(() => textCodec.encode({ a: 1 })).toThrow(/not text/);
    expect(() => textCodec.decode(new Uint8Array([0xff]))).toThrow(/not UTF-8/);
  });

  it("bytes pass as they are", () => {
    const value = new Uint8Array([0, 255, 3]);
    expect(bytesCodec.encode(bytesCodec.decode(value))).toBe(value);
    expect(decode(bytesCodec.encode("é"))).toBe("é");
    expect(() => bytesCodec.encode(5)).toThrow(CodecError);
  });

  it("are found by name", () => {
    expect(codecNames.map((name) => codecOf(name).name)).toEqual(["json", "text", "bytes"]);
    expect(() => codecOf("toString")).toThrow(/no codec/);
  });
});

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
