import { expect, test } from "vitest";
import { jsonCodec } from "./codecs/json";
import { decodeHeldMessage, encodeHeldMessage, type HeldMessage, openHeldMessage } from "./held-message";

const text = (words: string) => new TextEncoder().encode(words);
const place = { source: "orders", lane: "orders/0", position: "17", part: "0.1" };

const plain: HeldMessage = {
  key: null,
  value: text('{"id":12345678901234567890}'),
  headers: [],
  codec: "json",
  timestamp: 1_700_000_000_000,
  place,
  resent: false,
  port: "out",
};

const cases: [string, HeldMessage][] = [
  ["a plain one", plain],
  ["a tombstone", { ...plain, value: null, key: text("k") }],
  ["an empty value is no tombstone", { ...plain, value: text(""), key: text("") }],
  [
    "bytes that are no text, headers twice under one name, and all that it may carry",
    {
      ...plain,
      key: Uint8Array.of(0, 255, 128),
      headers: [
        ["a", text("1")],
        ["a", Uint8Array.of(0)],
        ["ä", text("")],
      ],
      resent: true,
      port: "timeout",
      into: ["answer", "body"],
      original: { key: text("k"), value: null, headers: [["b", text("2")]] },
    },
  ],
];

test.each(cases)("%s comes back as it was", (_, held) => {
  const back = decodeHeldMessage(encodeHeldMessage(held));
  expect(JSON.stringify(back)).toBe(JSON.stringify(held));
});

test("it is read from the middle of a buffer, as a database hands it out", () => {
  const bytes = encodeHeldMessage(plain);
  const around = new Uint8Array(bytes.length + 10);
  around.set(bytes, 7);
  expect(decodeHeldMessage(around.subarray(7, 7 + bytes.length)).place).toEqual(place);
});

test("opened, it is a message with the place at its source", () => {
  const message = openHeldMessage({ ...plain, resent: true });
  expect(message.codec).toBe(jsonCodec);
  expect(message.body).toEqual({ id: 12345678901234567890n });
  expect(message.meta).toMatchObject({ source: "orders", lane: "orders/0", position: "17" });
  expect(message.meta.origin).toEqual({ lane: "orders/0", position: "17", part: "0.1", resent: true });
});

test("another format is refused by name", () => {
  const bytes = encodeHeldMessage(plain);
  const head = new TextDecoder().decode(bytes.subarray(4)).replace('"v":1', '"v":2');
  const changed = new Uint8Array([...bytes.subarray(0, 4), ...text(head)]);
  expect(() => decodeHeldMessage(changed)).toThrow("format 2");
});
