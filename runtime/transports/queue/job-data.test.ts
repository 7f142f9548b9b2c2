import { describe, expect, it } from "vitest";
import type { Codec } from "../../../flow/codec";
import { bytesCodec } from "../../../flow/codecs/bytes";
import { jsonCodec } from "../../../flow/codecs/json";
import { textCodec } from "../../../flow/codecs/text";
import { type Header, Message } from "../../../flow/message";
import { readData, readMetadata, writeData, writeMetadata } from "./job-data";

const encoder = new TextEncoder();
const meta = { source: "s", lane: "l", position: "0", timestamp: 0, attempt: 1 };

function make(value: Uint8Array | null, codec: Codec): Message {
  return new Message({ key: null, headers: [], value, meta, codec });
}

describe("a job's data", () => {
  it("is the body as it was written, with its digits", () => {
    const text = '{ "id": 90071992547409931, "a": 1.50 }';
    expect(writeData(make(encoder.encode(text), jsonCodec))).toBe(text);
    expect(readData(text, jsonCodec)).toEqual(encoder.encode(text));
  });

  it("is a JSON string for text, and base64 for bytes", () => {
    expect(writeData(make(encoder.encode('say "hi"'), textCodec))).toBe('"say \\"hi\\""');
    expect(readData('"say \\"hi\\""', textCodec)).toEqual(encoder.encode('say "hi"'));
    expect(writeData(make(new Uint8Array([255, 0]), bytesCodec))).toBe('{"base64":"/wA="}');
    expect(readData('{"base64":"/wA="}', bytesCodec)).toEqual(new Uint8Array([255, 0]));
  });

  it("is null for a tombstone", () => {
    for (const codec of [jsonCodec, textCodec, bytesCodec]) {
      expect(writeData(make(null, codec))).toBe("null");
      expect(readData("null", codec)).toBeNull();
    }
  });

  it("comes as it is when it is not what the codec writes", () => {
    expect(readData("{broken", jsonCodec)).toEqual(encoder.encode("{broken"));
    expect(readData('{"id":7}', textCodec)).toEqual(encoder.encode('{"id":7}'));
    expect(readData('{"base64":"/wA=","more":1}', bytesCodec)).toEqual(encoder.encode('{"base64":"/wA=","more":1}'));
    expect(readData('{"base64":"/wA="}', jsonCodec)).toEqual(encoder.encode('{"base64":"/wA="}'));
  });

  it("is refused when the bytes are not what the codec says", () => {
    expect(() => writeData(make(encoder.encode("{broken"), jsonCodec))).toThrow("not JSON");
  });
});

describe("a job's metadata", () => {
  it("carries key, headers in their order, and trace context beside them", () => {
    const headers: Header[] = [
      ["b", encoder.encode("1")],
      ["traceparent", encoder.encode("00-x")],
      ["a", new Uint8Array([255])],
      ["b", encoder.encode("2")],
    ];
    const text = writeMetadata({ key: encoder.encode("K"), headers });
    expect(JSON.parse(text!)).toEqual({
      traceparent: "00-x",
      key: "K",
      headers: [
        ["b", "1"],
        ["a", { base64: "/w==" }],
        ["b", "2"],
      ],
    });
    expect(readMetadata(text)).toEqual({
      key: encoder.encode("K"),
      headers: [headers[0], headers[2], headers[3], headers[1]],
    });
  });

  it("is left out when there is nothing", () => {
    expect(writeMetadata({ key: null, headers: [] })).toBeUndefined();
    expect(readMetadata(undefined)).toEqual({ key: null, headers: [] });
  });

  it("of others is passed over where it is not ours", () => {
    for (const text of ["", "{broken", "7", "null", '{"key":7,"headers":[1,["a"],["b",2]],"traceparent":{}}']) {
      expect(readMetadata(text)).toEqual({ key: null, headers: [] });
    }
    expect(readMetadata('{"traceparent":"00-x","baggage":"y"}').headers).toEqual([
      ["traceparent", encoder.encode("00-x")],
    ]);
  });
});
