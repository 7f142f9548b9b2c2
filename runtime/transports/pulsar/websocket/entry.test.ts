import { expect, it } from "vitest";
import { readEntry } from "./entry";

/** A protobuf field: bytes, or a whole number below 128. */
const field = (number: number, value: string | Buffer | number) =>
  typeof value === "number"
    ? Buffer.from([number << 3, value])
    : Buffer.concat([Buffer.from([(number << 3) | 2, Buffer.byteLength(value)]), Buffer.from(value)]);

const property = (name: string, value: string) => field(1, Buffer.concat([field(1, name), field(2, value)]));

function single(about: Buffer[], payload: string): Buffer {
  const metadata = Buffer.concat([...about, field(3, Buffer.byteLength(payload))]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(metadata.length);
  return Buffer.concat([length, metadata, Buffer.from(payload)]);
}

const common = { "x-pulsar-message-id": "12:5", "x-pulsar-publish-time": "2026-11-29T07:00:57.79Z" };
const publishTime = common["x-pulsar-publish-time"];

it("reads a message by itself", () => {
  const headers = new Headers({
    ...common,
    "x-pulsar-property": '{"a":"1"}',
    "x-pulsar-partition-key": "k-1",
    "x-pulsar-null-value": "true",
  });
  expect(readEntry(headers, Buffer.alloc(0), 2)).toEqual({
    id: { ledger: 12n, entry: 5n, partition: 2 },
    messages: [{ publishTime, payload: "", key: "k-1", properties: { a: "1" }, isNull: true }],
  });
});

it("takes nothing that it cannot read", () => {
  const encrypted = new Headers({ ...common, "x-pulsar-is-encrypted": "true", "x-pulsar-null-value": "true" });
  expect(() => readEntry(encrypted, Buffer.alloc(0), -1)).toThrow("encrypted");
  const cut = new Headers({ ...common, "x-pulsar-num-batch-message": "1" });
  expect(() => readEntry(cut, Buffer.alloc(2), -1)).toThrow(RangeError);
});

it("reads a batch, without those that were compacted away", () => {
  const body = Buffer.concat([
    single([property("a", "é"), property("b", ""), field(2, "k-1"), field(8, 7)], "abc"),
    single([field(2, "k-2"), field(4, 1)], ""),
    single([field(2, "k-3"), field(9, 1)], ""),
    single([field(9, 0)], ""),
  ]);
  const { messages } = readEntry(new Headers({ ...common, "x-pulsar-num-batch-message": "4" }), body, -1);
  expect(messages).toEqual([
    { batchIndex: 0, publishTime, payload: btoa("abc"), key: "k-1", properties: { a: "é", b: "" } },
    { batchIndex: 2, publishTime, payload: "", key: "k-3", properties: {}, isNull: true },
    { batchIndex: 3, publishTime, payload: "", properties: {} },
  ]);
});
