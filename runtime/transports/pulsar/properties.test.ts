import { describe, expect, it } from "vitest";
import type { Header } from "../../../flow/message";
import { finishFrame, readHeaders, readKey, readValue, writeFrame } from "./properties";
import type { ReceivedMessage } from "./seam";

const bytes = (text: string) => new TextEncoder().encode(text);
const odd = new Uint8Array([0, 255, 254, 128]);

/** As Pulsar gives it back: properties lose their order. */
function carry(message: { key: Uint8Array | null; value: Uint8Array | null; headers: readonly Header[] }) {
  const sent = JSON.parse(finishFrame(writeFrame(message), 7)) as ReceivedMessage & { context: string };
  expect(sent.context).toBe("7");
  const properties = Object.fromEntries(Object.entries(sent.properties ?? {}).reverse());
  const received = { ...sent, messageId: "", publishTime: "", properties };
  const back = { key: readKey(received), value: readValue(received), headers: readHeaders(received) };
  return { sent, back, received };
}

const plain = (message: { key: Uint8Array | null; value: Uint8Array | null; headers: readonly Header[] }) => ({
  key: message.key && [...message.key],
  value: message.value && [...message.value],
  headers: message.headers.map(([name, value]) => [name, [...value]]),
});

describe("a message in Pulsar", () => {
  it.each([
    ["nothing but a value", { key: null, value: bytes("{}"), headers: [] }],
    ["an empty value", { key: bytes(""), value: bytes(""), headers: [] }],
    ["a tombstone", { key: bytes("k"), value: null, headers: [] }],
    ["bytes that are no text", { key: odd, value: odd, headers: [["odd", odd]] }],
    [
      "the replacement character itself",
      { key: bytes("\ufffd"), value: bytes("1"), headers: [["h", bytes("\ufffd")]] },
    ],
    [
      "headers out of order and repeated",
      { key: null, value: bytes("1"), headers: ["b", "a", "a"].map((name, at): Header => [name, bytes(String(at))]) },
    ],
    [
      "names that objects have already",
      {
        key: null,
        value: bytes("1"),
        headers: [
          ["__proto__", bytes("x")],
          ["constructor", bytes("y")],
        ],
      },
    ],
  ] as const)("carries %s", (_, message) => {
    expect(plain(carry(message).back)).toEqual(plain(message));
  });

  it("looks like any other to plain clients where it can", () => {
    const headers: Header[] = [
      ["origin", bytes("shop")],
      ["traceparent", bytes("00-a")],
    ];
    const { sent } = carry({ key: bytes("c-7"), value: bytes("hi"), headers });
    expect(sent).toEqual({
      payload: "aGk=",
      key: "c-7",
      properties: { origin: "shop", traceparent: "00-a" },
      context: "7",
    });
  });

  it("believes a program that changed a property on the way", () => {
    const headers: Header[] = [
      ["b", bytes("1")],
      ["a", bytes("2")],
    ];
    const { received } = carry({ key: null, value: bytes("1"), headers });
    const read = (properties: Record<string, string>) =>
      readHeaders({ ...received, properties }).map(([name, value]) => [name, Buffer.from(value).toString()]);
    const listed = received.properties as Record<string, string>;
    expect(read(listed)).toEqual([
      ["b", "1"],
      ["a", "2"],
    ]);
    expect(read({ ...listed, b: "new" })).toEqual([
      ["a", "2"],
      ["b", "new"],
    ]);
    expect(read({ ...listed, c: "3" })).toEqual([
      ["a", "2"],
      ["b", "1"],
      ["c", "3"],
    ]);
    expect(read({ ...listed, "millrace-headers": "[[1]]" })).toEqual([
      ["a", "2"],
      ["b", "1"],
    ]);
  });
});
